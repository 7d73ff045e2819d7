"""Company size by the head-count bands of INSEE (variable trancheEffectifsUniteLegale of the Sirene register)."""

from bisect import bisect_right
from itertools import pairwise
from math import isfinite

_LOWEST = (0, 1, 3, 6, 10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)

SIZE_BANDS = (
    "0", *(f"{low}-{high - 1}" for low, high in pairwise(_LOWEST[1:])), "10000+",
)  # fmt: skip
"""The bands, smallest first: "0", "1-2", "3-5" ... "5000-9999", "10000+"."""


def size_band(employees: float) -> str:
    """The band of a head count; "" where it is unknown (NaN) or negative.

    >>> [size_band(heads) for heads in (0, 2, 9.5, 10, 249, 12_000, float("nan"), -3)]
    ['0', '1-2', '6-9', '10-19', '200-249', '10000+', '', '']
    """
    if not isfinite(employees) or employees < 0:
        return ""
    return SIZE_BANDS[bisect_right(_LOWEST, employees) - 1]
