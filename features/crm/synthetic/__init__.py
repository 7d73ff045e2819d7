"""A seeded CRM whose truth is known: `make_world` writes the folder, and beside it what no trainer may see."""

from features.crm.synthetic.law import Law
from features.crm.synthetic.reading import SHIPPED, LawError, load_law
from features.crm.synthetic.world import ProcessFigures, Progress, WorldReport, make_world

__all__ = ["SHIPPED", "Law", "LawError", "ProcessFigures", "Progress", "WorldReport", "load_law", "make_world"]
