"""Business not created yet, measured on the past: wins of records that did not exist when a past window opened.

The forecast at `as_of` for the instants [start, end) asks for wins in [start, end) of records created in [as_of, end).
The same question is put to windows of the past that end at or before `as_of`; each win found there is expected to
recur once per window. Months of a season, working days and trends are not told apart.
"""

from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Codes, Ints

_LOOK_BACK = 730 * MICROSECONDS_A_DAY
_MOST_WINDOWS = 26
_PRIOR_SPREAD, _PRIOR_WINDOWS = 0.05, 4  # what the spread is taken for where the past is short


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Past wins of new business (`amount` in minor units, `MISSING` allowed), each recurring `weight` times a period.

    `spread` is the squared coefficient of variation of the rate around its mean; 0 windows mean that nothing is known.
    """

    amount: Ints
    group: Codes
    weight: float
    spread: float
    windows: int


NOTHING = Arrivals(np.empty(0, np.int64), np.empty(0, np.int32), 0.0, 0.0, 0)
"""No new business expected: the period is over, or there is no past."""


def arrivals(created: Ints, won: Ints, amount: Ints, group: Codes, *, as_of: int, start: int, end: int) -> Arrivals:
    """New business to expect in [start, end), from records known before `as_of`, one entry a record.

    `won` is when the win became known, `MISSING` for a record not won; anything at or after `as_of` is left out. A past
    shorter than the period is stretched to it in proportion, which understates business that takes long to close.

    >>> day = MICROSECONDS_A_DAY
    >>> created = np.arange(100) * day
    >>> new = arrivals(created, created + 3 * day, created * 0 + 500, np.zeros(100, np.int32), as_of=100 * day,
    ...     start=100 * day, end=110 * day)
    >>> new.windows, round(len(new.amount) * new.weight, 6)
    (10, 7.0)
    """
    known = created < as_of
    if end <= as_of or not known.any():
        return NOTHING
    created, amount, group = created[known], amount[known], group[known]
    won = np.where(won[known] == MISSING, as_of, won[known])
    first = int(np.quantile(created, 0.01, method="lower"))  # one stray old record is not the start of the history
    opens, closes, windows, stretch = _windows(max(start - as_of, 0), end - as_of, as_of - first)
    step = closes - opens
    # A win belongs to the window that its instant falls in; it is new if created since that window's own "as of".
    window = (as_of - 1 - won) // step
    new = (won < as_of) & (window < windows) & (created >= as_of - closes - window * step)
    counts = np.bincount(window[new], minlength=windows).astype(np.float64)
    return Arrivals(amount[new], group[new], 1 / (windows * stretch), _spread(counts), windows)


def _windows(opens: int, closes: int, past: int) -> tuple[int, int, int, float]:
    """Start and end of the wins after a window's own as-of, how many windows fit in the past, and the stretch."""
    if past < closes:
        stretch = max(past / closes, 1 / closes)
        short = max(int(closes * stretch), 1)
        return min(int(opens * stretch), short - 1), short, 1, stretch
    step = closes - opens
    fitting = (past - closes) // step + 1
    return opens, closes, int(min(fitting, _MOST_WINDOWS, max(_LOOK_BACK // step, 1))), 1.0


def _spread(counts: np.typing.NDArray[np.float64]) -> float:
    """Variation of the rate beyond Poisson, shrunk to a prior, plus what a mean of few wins leaves unknown."""
    mean, windows = float(counts.mean()), len(counts)
    beyond = max(0.0, (float(counts.var(ddof=1)) - mean) / mean**2) if windows > 1 and mean > 0 else _PRIOR_SPREAD
    shrunk = ((windows - 1) * beyond + _PRIOR_WINDOWS * _PRIOR_SPREAD) / (windows - 1 + _PRIOR_WINDOWS)
    return shrunk + 1 / (float(counts.sum()) + 0.5)
