"""The rows of a forecast: closed, from the open pipeline, from business not created yet, and the ranges of the total.

Means are whole minor units, rounded once an opportunity, so that every cut adds up to the same total to the cent.
Ranges and chances do not add.
"""

from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Codes, Floats, Ints
from models.forecast.draws import Assumptions, Draws, Pipeline, simulate
from models.forecast.past import Arrivals

QUANTILES = (10, 25, 50, 75, 90)
_WIN = 1_000_000_000  # expected wins are added as whole billionths


@dataclass(frozen=True, slots=True)
class Landing:
    """One entry a row: the whole first, then each group. Money in minor units; `quantiles` are rows x `QUANTILES`."""

    closed: Ints
    from_open: Ints
    from_new: Ints
    quantiles: Ints
    quota: Ints
    p_quota: Floats
    wins_closed: Ints
    wins_expected: Floats
    wins_quantiles: Ints

    @property
    def expected(self) -> Ints:
        """The mean of the period: what is closed, plus the two parts still to come."""
        return self.closed + self.from_open + self.from_new


def landing(
    closed: tuple[Ints, Codes],
    pipeline: Pipeline,
    new: Arrivals,
    *,
    pool: Ints,
    groups: int,
    quota: Ints,
    how: Assumptions | None = None,
) -> Landing:
    """A period's forecast for the whole and for each of `groups` groups.

    `closed` is the amount (`MISSING`: counts as nothing) and group of each win already in the period; `pool` past
    amounts, for open ones without; `quota` one amount a row, the whole first, `MISSING` where there is none.

    >>> from models.forecast.past import NOTHING
    >>> deals = Pipeline(np.array([0.5, 0.25]), np.array([1001, 400]), np.array([0, 1], np.int32))
    >>> won = (np.array([300]), np.array([1], np.int32))
    >>> rows = landing(won, deals, NOTHING, pool=np.array([1]), groups=2, quota=np.array([300, 1, 500]))
    >>> rows.closed.tolist(), rows.from_open.tolist(), rows.expected.tolist()
    ([300, 0, 300], [600, 500, 100], [900, 500, 400])
    >>> float(rows.p_quota[0]), abs(float(rows.p_quota[1]) - 0.5) < 0.02, rows.wins_expected.tolist()
    (1.0, True, [1.75, 0.5, 1.25])
    """
    how = how or Assumptions()
    won = _per_row(np.where(closed[0] == MISSING, 0, closed[0]), closed[1], groups)
    wins = _per_row(np.ones(len(closed[1]), np.int64), closed[1], groups)
    from_open = _mean(pipeline.probability, pipeline.amount, pipeline.group, pool, groups)
    weights = np.full(len(new.amount), new.weight)
    from_new = _mean(weights, new.amount, new.group, pool, groups)
    draws = _both(pipeline, new, pool, groups, how)
    money, number = draws.money + won[:, None], draws.wins + wins[:, None]
    return Landing(
        closed=won,
        from_open=from_open,
        from_new=from_new,
        quantiles=np.rint(np.quantile(money, np.array(QUANTILES) / 100, axis=1).T).astype(np.int64),
        quota=quota,
        p_quota=np.where(quota == MISSING, np.nan, (money >= quota[:, None]).mean(axis=1)),
        wins_closed=wins,
        wins_expected=wins
        + (_count(pipeline.probability, pipeline.group, groups) + _count(weights, new.group, groups)) / _WIN,
        wins_quantiles=np.quantile(number, np.array(QUANTILES) / 100, axis=1, method="inverted_cdf").T,
    )


def _both(pipeline: Pipeline, new: Arrivals, pool: Ints, groups: int, how: Assumptions) -> Draws:
    """The whole is drawn by itself, so that it is the same for every cut; then the groups."""
    one = Pipeline(pipeline.probability, pipeline.amount, np.zeros_like(pipeline.group))
    all_new = Arrivals(new.amount, np.zeros_like(new.group), new.weight, new.spread, new.windows)
    whole = simulate(one, all_new, pool, 1, how)
    if not groups:
        return whole
    cut = simulate(pipeline, new, pool, groups, how)
    return Draws(np.vstack([whole.money, cut.money]), np.vstack([whole.wins, cut.wins]))


def _mean(weight: Floats, amount: Ints, group: Codes, pool: Ints, groups: int) -> Ints:
    """Expected money a row, in whole minor units."""
    usual = pool.mean() if len(pool) else 0.0
    return _per_row(np.rint(weight * np.where(amount == MISSING, usual, amount)).astype(np.int64), group, groups)


def _count(weight: Floats, group: Codes, groups: int) -> Ints:
    return _per_row(np.rint(weight * _WIN).astype(np.int64), group, groups)


def _per_row(values: Ints, group: Codes, groups: int) -> Ints:
    """The sum of all, then the sum of each group: exact integers."""
    sums = np.zeros(groups + 1, np.int64)
    sums[0] = values.sum()
    if groups:
        np.add.at(sums, group.astype(np.int64) + 1, values)
    return sums
