"""The bounds hold: chance alone raises no more alarms than stated, and a true change is seen."""

import math

import numpy as np
import pytest

from features.crm.health.statistics import ALARM, at_least, break_of, first_before_second, restlessness
from features.crm.health.volumes import _level


def binomial_tail(count: int, of: int, chance: float) -> float:
    return sum(math.comb(of, k) * chance**k * (1 - chance) ** (of - k) for k in range(count, of + 1))


@pytest.mark.parametrize("chance", [0.05, 0.42, 0.8])
def test_the_bound_is_never_under_the_exact_chance(chance: float) -> None:
    for of in (1, 7, 40):
        for count in range(of + 1):
            assert at_least(count, of, chance) >= binomial_tail(count, of, chance) * (1 - 1e-9)


def test_a_share_that_never_changed_breaks_less_often_than_stated() -> None:
    draw = np.random.default_rng(1)
    breaks = [break_of(draw.binomial(of, 0.6), of) for of in draw.poisson(25, (3000, 24))]
    assert sum(found is not None and found.chance < ALARM for found in breaks) <= 3000 * ALARM


def test_a_share_that_changed_breaks_where_it_did() -> None:
    draw, of = np.random.default_rng(2), np.full(24, 25)
    found = break_of(draw.binomial(of, np.where(np.arange(24) < 17, 0.7, 0.05)), of)
    assert found is not None
    assert (found.at, found.chance < ALARM) == (17, True)
    assert (round(found.before, 1), found.after < 0.15) == (0.7, True)


def test_seasons_and_growth_are_no_sudden_change_of_volume() -> None:
    draw, month = np.random.default_rng(3), np.arange(30)
    seasons = np.array([0.95, 1.0, 1.15, 1.05, 1.0, 1.05, 0.85, 0.55, 1.2, 1.15, 1.05, 0.8])
    for mean in (8, 60, 900):
        for _ in range(300):
            level = mean * seasons[month % 12] * (1 + 1.5 * month / 30) * np.exp(draw.normal(0, 0.15, 30))
            assert _level(draw.poisson(level))[3] >= ALARM


def test_small_counts_of_any_two_orders_are_counted_exactly() -> None:
    for first, second in ((1, 1), (3, 4), (9, 2)):
        assert first_before_second(first, second) == pytest.approx(1 / math.comb(first + second, first))
    assert restlessness(np.zeros(0, np.int64)) == 1.0
