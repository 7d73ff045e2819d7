"""Monte Carlo of one period: open opportunities, new business, and a shock that they share.

A period's shock moves the log-odds of every open opportunity and the rate of new business together, so that the sum of
many is not surer than one period can be. It takes `LEVELS` equally likely values; each opportunity's log-odds are
shifted so that its mean over the levels is the probability it came with. Given the shock, everything is independent:

* the opportunities that weigh most in the variance of their group are drawn one by one (all of them up to `_EXACT`
  opportunity-draws: then nothing is approximated);
* the many others of a group by their number (binomial with the same mean and variance) and, given the number, their sum
  (normal, with the exact covariance of sum and number);
* new business by a Poisson number, its amounts resampled from the past wins.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from features.columns import MISSING, Bools, Codes, Floats, Ints
from models.forecast.past import Arrivals

LEVELS = 100
_EXACT = 30_000_000
_RESAMPLED = 5_000_000


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How a forecast is drawn. `shock_sd` is the sd of the shared shock, in log-odds and in the log of the rate.

    `draws` is rounded up to a multiple of `LEVELS`.
    """

    draws: int = 10_000
    shock_sd: float = 0.15
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Open opportunities: P(won in the period), amount in minor units (`MISSING`: as a past win), group code."""

    probability: Floats
    amount: Ints
    group: Codes


@dataclass(frozen=True, slots=True)
class Draws:
    """Possible periods, groups x draws: money in minor units and number of wins, without what is already closed."""

    money: Floats
    wins: Ints


def simulate(pipeline: Pipeline, new: Arrivals, pool: Ints, groups: int, how: Assumptions) -> Draws:
    """Draw periods; `pool` holds past amounts, for those missing. The same seed and inputs give the same draws.

    >>> from models.forecast.past import NOTHING
    >>> deals = Pipeline(np.full(50, 0.4), np.full(50, 100), np.zeros(50, np.int32))
    >>> draws = simulate(deals, NOTHING, np.array([100]), 1, Assumptions(shock_sd=0.0))
    >>> int(draws.money.mean().round(-2)), int(np.median(draws.wins))
    (2000, 20)
    """
    random = np.random.Generator(np.random.PCG64(how.seed))
    size = -(-how.draws // LEVELS)
    draws = Draws(np.zeros((groups, LEVELS * size)), np.zeros((groups, LEVELS * size), np.int64))
    chances = _Chances(how.shock_sd)
    single = _drawn_singly(pipeline, pool, groups, _EXACT // (LEVELS * size))
    _draw_singly(draws, _take(pipeline, single), pool, chances, random)
    _draw_together(draws, _take(pipeline, ~single), pool, chances, random)
    _draw_new(draws, new, pool, chances, random)
    return draws


def shock_levels() -> Floats:
    """The shock's values: midpoints of equally likely slices of a normal law, mean 0 and variance 1."""
    normal = NormalDist()
    levels = np.array([normal.inv_cdf((level + 0.5) / LEVELS) for level in range(LEVELS)])
    return np.asarray(levels / levels.std(), np.float64)


class _Chances:
    """P(won) under each level of the shock; its mean over the levels is the probability asked for."""

    def __init__(self, shock_sd: float) -> None:
        self.shock_sd = shock_sd
        self.shift = shock_sd * shock_levels()
        self._centres = np.linspace(-20 - 4 * shock_sd, 20 + 4 * shock_sd, 2001)
        means = _sigmoid(self._centres[:, None] + self.shift).mean(axis=1)
        self._log_odds = np.log(means) - np.log1p(-means)

    def of(self, probability: Floats) -> Floats:
        """Opportunities x levels; 0 and 1 stay what they are."""
        inside = np.clip(probability, 1e-8, 1 - 1e-8)
        centre = np.interp(np.log(inside) - np.log1p(-inside), self._log_odds, self._centres)
        chance = _sigmoid(centre[:, None] + self.shift)
        chance[probability <= 0], chance[probability >= 1] = 0.0, 1.0
        return chance


def _sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def _take(pipeline: Pipeline, rows: Bools) -> Pipeline:
    return Pipeline(pipeline.probability[rows], pipeline.amount[rows], pipeline.group[rows])


def _drawn_singly(pipeline: Pipeline, pool: Ints, groups: int, most: int) -> Bools:
    """Up to `most` opportunities, those with the largest share of their group's variance."""
    n = len(pipeline.amount)
    if n <= most:
        return np.ones(n, np.bool_)
    mean, square = _amount_moments(pipeline.amount, pool)
    variance = pipeline.probability * square - (pipeline.probability * mean) ** 2
    share = variance / np.maximum(np.bincount(pipeline.group, variance, groups), 1)[pipeline.group]
    chosen = np.zeros(n, np.bool_)
    chosen[np.argsort(-share, kind="stable")[:most]] = True
    return chosen


def _draw_singly(draws: Draws, deals: Pipeline, pool: Ints, chances: _Chances, random: np.random.Generator) -> None:
    if not len(deals.amount):
        return
    order = np.argsort(deals.group, kind="stable")
    present, starts = np.unique(deals.group[order], return_index=True)
    chance = chances.of(deals.probability).astype(np.float32)
    unknown = np.flatnonzero(deals.amount == MISSING)
    size = draws.wins.shape[1] // LEVELS
    for level in range(LEVELS):
        won = random.random((len(chance), size), np.float32) < chance[:, level, None]
        money = won * np.where(deals.amount == MISSING, 0, deals.amount)[:, None]
        if len(unknown) and len(pool):
            money[unknown] = won[unknown] * random.choice(pool, (len(unknown), size))
        at = slice(level * size, (level + 1) * size)
        draws.money[present, at] += np.add.reduceat(money[order], starts, axis=0)
        draws.wins[present, at] += np.add.reduceat(won[order], starts, axis=0, dtype=np.int64)


def _draw_together(draws: Draws, deals: Pipeline, pool: Ints, chances: _Chances, random: np.random.Generator) -> None:
    if not len(deals.amount):
        return
    order = np.argsort(deals.group, kind="stable")
    present, starts = np.unique(deals.group[order], return_index=True)
    chance = chances.of(deals.probability[order])
    mean, square = (moment[order, None] for moment in _amount_moments(deals.amount, pool))
    spread = chance * (1 - chance)
    parts = (chance, spread, chance * mean, spread * mean, chance * square - (chance * mean) ** 2)
    size = draws.wins.shape[1] // LEVELS
    number, number_variance, total, covariance, variance = (
        np.repeat(np.add.reduceat(part, starts, axis=0), size, axis=1) for part in parts
    )
    trials = np.maximum(np.rint(number**2 / np.maximum(number - number_variance, 1e-12)), np.ceil(number)).clip(1)
    wins = random.binomial(trials.astype(np.int64), number / trials)
    slope = covariance / np.maximum(number_variance, 1e-12)
    rest = np.maximum(variance - slope * covariance, 0) * wins / np.maximum(number, 1e-12)
    money = total + slope * (wins - number) + np.sqrt(rest) * random.standard_normal(wins.shape)
    draws.wins[present] += wins
    draws.money[present] += np.maximum(money, 0) if (mean >= 0).all() else money


def _amount_moments(amount: Ints, pool: Ints) -> tuple[Floats, Floats]:
    """Mean and mean square of each amount: its own, or the pool's where it is missing."""
    drawn = pool.astype(np.float64) if len(pool) else np.zeros(1)
    known = amount.astype(np.float64)
    missing = amount == MISSING
    return np.where(missing, drawn.mean(), known), np.where(missing, (drawn**2).mean(), known**2)


def _draw_new(draws: Draws, new: Arrivals, pool: Ints, chances: _Chances, random: np.random.Generator) -> None:
    expected = len(new.amount) * new.weight
    if not expected:
        return
    periods = draws.wins.shape[1]
    number = random.poisson(expected * _rates(new.spread, chances, periods, random))
    if number.sum() > _RESAMPLED:
        _draw_new_together(draws, new, pool, number, random)
        return
    picked = random.integers(0, len(new.amount), int(number.sum()))
    amount = new.amount[picked]
    missing = amount == MISSING
    amount[missing] = random.choice(pool, int(missing.sum())) if len(pool) else 0
    cell = new.group[picked].astype(np.int64) * periods + np.repeat(np.arange(periods), number)
    draws.wins.ravel()[:] += np.bincount(cell, minlength=draws.wins.size)
    draws.money.ravel()[:] += np.bincount(cell, amount.astype(np.float64), draws.money.size)


def _draw_new_together(draws: Draws, new: Arrivals, pool: Ints, number: Ints, random: np.random.Generator) -> None:
    """As many as to make a sum normal: split over the groups, then money given the number."""
    count = np.bincount(new.group, minlength=len(draws.wins))
    mean, square = (
        np.bincount(new.group, moment, len(count)) / count.clip(1) for moment in _amount_moments(new.amount, pool)
    )
    wins = random.multinomial(number, count / count.sum()).T
    sd = np.sqrt(np.maximum(square - mean**2, 0))[:, None]
    draws.wins[:] += wins
    draws.money[:] += mean[:, None] * wins + sd * np.sqrt(wins) * random.standard_normal(wins.shape)


def _rates(spread: float, chances: _Chances, periods: int, random: np.random.Generator) -> Floats:
    """The rate of new business in each draw over its mean: the shared shock, and what else makes it vary."""
    own = np.sqrt(max(np.log1p(spread) - chances.shock_sd**2, 0.0))
    shared = np.exp(chances.shift)
    alone = np.exp(own * random.standard_normal(periods) - own**2 / 2)
    return np.asarray(np.repeat(shared / shared.mean(), periods // LEVELS) * alone, np.float64)
