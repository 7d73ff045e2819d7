"""What the numbers of each canonical column can be: one row a column, for columns and for the values of `changes`.

A number beyond its bounds says nothing of the record and is read as empty. Amounts have an upper bound too, in minor
units whatever the column (`features.crm.texts.LARGEST`).
"""

from dataclasses import dataclass
from decimal import Decimal
from math import inf

import numpy as np

from features.columns import MISSING, Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most a column can say, and the rule that applies below and above; a share may be in percent."""

    low: float = 0
    high: float = inf
    below: str = "negative"
    above: str = "implausible"
    share: bool = False

    def rule(self, value: float | Decimal) -> str:
        """The rule that one number breaks; "" for none.

        >>> BOUNDS["employees"].rule(-1), BOUNDS["employees"].rule(1e9), BOUNDS["employees"].rule(12)
        ('negative', 'implausible', '')
        """
        return self.below if value < self.low else self.above if value > self.high else ""

    def broken(self, values: Ints | Floats) -> dict[str, Bools]:
        """The rows of a column that break each rule."""
        given = values != MISSING if values.dtype == np.int64 else ~np.isnan(values)
        low, high = given & (values < self.low), given & (values > self.high)
        return {self.below: low | high} if self.below == self.above else {self.below: low, self.above: high}


_SHARE = Bounds(0, 1, "out of range", "out of range", share=True)

BOUNDS: dict[str, Bounds] = {
    "amount": Bounds(),
    "recurring_amount": Bounds(),
    "annual_revenue": Bounds(),
    "employees": Bounds(0, 1e8),
    "duration_s": Bounds(0, 366 * 86_400),
    "position": Bounds(-1e6, 1e6, "implausible", "implausible"),
    "own_probability": _SHARE,
    "default_probability": _SHARE,
}
"""By column name: a name means the same number in every table."""


def is_percent(value: float) -> bool:
    """Whether a share can only be meant in percent.

    >>> is_percent(60.0), is_percent(0.6), is_percent(1e300)
    (True, False, False)
    """
    return 1 < value <= 100
