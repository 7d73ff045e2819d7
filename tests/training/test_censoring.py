"""Aalen-Johansen against a slow loop, against hand figures and against a law that is known."""

import numpy as np
import pytest

from features.columns import Floats
from training.censoring import Incidence, Spells, expected, horizons, incidence, spells_of


def loop(spells: Spells, age: float) -> tuple[float, float]:
    """P(target by `age`), P(lost by it): the textbook product, one event time at a time."""
    stay, target, lost = 1.0, 0.0, 0.0
    for time in sorted(set(spells.exit[spells.cause >= 0].tolist())):
        if time > age:
            break
        risk = int(((spells.entry < time) & (spells.exit >= time)).sum())
        reached = int(((spells.exit == time) & (spells.cause == 0)).sum())
        gone = int(((spells.exit == time) & (spells.cause > 0)).sum())
        target += stay * reached / risk
        lost += stay * gone / risk
        stay *= 1 - (reached + gone) / risk
    return target, lost


def one(curve: Incidence, low: float, high: float) -> tuple[float, float]:
    target, lost = curve.between(np.zeros(1, np.int32), np.array([low]), np.array([high]))
    return float(target[0]), float(lost[0])


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_the_textbook_on_late_entries_ties_and_censoring(seed: int) -> None:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 4, 60).astype(float)
    spells = Spells(entry, entry + rng.integers(1, 12, 60), rng.integers(-1, 3, 60).astype(np.int32))
    watched = Spells(np.append(entry, 0.0), np.append(spells.exit, 99.0), np.append(spells.cause, np.int32(-1)))
    curve = incidence(watched)
    for age in (0.5, 3.0, 7.5, 40.0):
        assert one(curve, 0.0, age) == pytest.approx(loop(watched, age))


def test_a_censored_record_is_shared_among_those_observed_longer() -> None:
    # Efron's example by hand: of 4 records one is won on day 1, one is lost from sight on day 2; the other two, won on
    # day 3 and lost on day 4, take its mass, so it counts half won.
    days, cause = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, -1, 0, 1], np.int32)
    curve = incidence(Spells(np.zeros(4), days, cause))
    target, _ = expected(days, cause, np.full(4, 3.5), np.zeros(4), np.zeros(4, np.int32), curve)
    assert target.tolist() == pytest.approx([1.0, 0.5, 1.0, 0.0])
    assert target.mean() == pytest.approx(one(curve, 0.0, 3.5)[0])  # the labels average to the incidence itself


def law(rate: float, other: float, days: float) -> float:
    return rate / (rate + other) * (1 - float(np.exp(-(rate + other) * days)))


def test_finds_a_known_law_through_late_entry_and_censoring() -> None:
    rng = np.random.default_rng(1)
    n, win, lose = 40_000, 0.03, 0.05
    took = rng.exponential(1 / (win + lose), n)
    cause = np.where(rng.random(n) < win / (win + lose), 0, 1)
    entry, seen = np.where(rng.random(n) < 0.5, 0.0, rng.uniform(0, 20, n)), rng.uniform(5, 60, n)
    kept = (took > entry) & (seen > entry)
    spells = Spells(entry, np.minimum(took, seen), np.where(took < seen, cause, -1).astype(np.int32))
    curve = incidence(Spells(spells.entry[kept], spells.exit[kept], spells.cause[kept]))
    assert one(curve, 0.0, 30.0)[0] == pytest.approx(law(win, lose, 30.0), abs=0.01)
    assert one(curve, 10.0, 30.0)[0] == pytest.approx(law(win, lose, 20.0), abs=0.015)


def test_leads_never_marked_lost_are_censored_not_negative() -> None:
    # 30 % convert within days; nobody marks the others. A fresh lead is worth 30 %, one open for long next to nothing.
    rng = np.random.default_rng(2)
    n = 5_000
    born, converts = rng.uniform(0, 400, n), rng.random(n) < 0.3
    took = np.where(converts, rng.exponential(5.0, n), np.inf)
    days = np.minimum(took, 400 - born)
    cause = np.where(took < 400 - born, 0, -1).astype(np.int32)
    curve = incidence(Spells(np.zeros(n), days, cause))
    rows: tuple[Floats, ...] = (np.array([0.001, 50.0]), np.full(2, 60.0), np.zeros(2))
    target, lost = expected(rows[0], np.full(2, -1, np.int32), rows[1], rows[2], np.zeros(2, np.int32), curve)
    assert target[0] == pytest.approx(0.3, abs=0.02)
    assert 0.0 <= target[1] < 0.01
    assert lost.tolist() == [0.0, 0.0]


def test_a_small_group_lies_between_its_own_and_all_and_an_empty_one_follows_all() -> None:
    rng = np.random.default_rng(3)
    group = np.array([0] * 500 + [1] * 5, np.int32)
    cause = np.where(group == 0, rng.integers(0, 2, 505), 0).astype(np.int32)
    spells = Spells(np.zeros(505), rng.uniform(1, 10, 505), cause)
    pooled = incidence(spells)
    curve = incidence(spells, group, 3, pooled)
    whole, _ = curve.between(np.arange(3, dtype=np.int32), np.zeros(3), np.full(3, 99.0))
    assert one(pooled, 0.0, 99.0)[0] < whole[1] < 1.0
    assert whole[2] == pytest.approx(one(pooled, 0.0, 99.0)[0], abs=0.01)


def test_the_label_of_a_row_past_everything_known_is_defined() -> None:
    spells = Spells(np.zeros(2), np.array([1.0, 2.0]), np.zeros(2, np.int32))
    target, lost = incidence(spells).between(np.zeros(1, np.int32), np.array([50.0]), np.array([90.0]))
    assert (target.tolist(), lost.tolist()) == ([0.0], [0.0])


def test_a_horizon_is_the_groups_own_from_fifty_closed_records_and_at_least_a_day() -> None:
    exit_ = np.concatenate([np.linspace(0, 100, 60), np.full(10, 0.01)])
    spells = Spells(np.zeros(70), exit_, np.zeros(70, np.int32))
    days = horizons(spells, np.array([0] * 60 + [1] * 10, np.int32), 2)
    assert days[0] == pytest.approx(np.quantile(exit_[:60], 0.99))
    assert days[1] == pytest.approx(np.quantile(exit_, 0.99))
    fast = Spells(np.zeros(60), np.full(60, 0.01), np.zeros(60, np.int32))
    assert horizons(fast, np.zeros(60, np.int32), 1).tolist() == [1.0]
    assert horizons(fast, np.zeros(60, np.int32), 1, within=30.0).tolist() == [30.0]


def test_spells_keep_the_first_sight_of_a_record_followed_late() -> None:
    spells, _ = spells_of(np.array([0]), np.array([40.0]), np.array([2.0]), np.array([1], np.int32))
    assert (spells.entry.tolist(), spells.exit.tolist()) == ([40.0], [42.0])
