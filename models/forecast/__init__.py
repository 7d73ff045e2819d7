"""The revenue forecast: what is won, what the open pipeline should bring, and what is not created yet.

`past.arrivals` measures new business, `draws.simulate` draws possible periods, `rows.landing` makes the rows.
"""

from models.forecast.draws import Assumptions, Draws, Pipeline, simulate
from models.forecast.past import Arrivals, arrivals
from models.forecast.rows import Landing, landing

__all__ = ["Arrivals", "Assumptions", "Draws", "Landing", "Pipeline", "arrivals", "landing", "simulate"]
