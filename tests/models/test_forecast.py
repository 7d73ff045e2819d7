"""The forecast against brute force, against worlds whose law is known, and at its edges."""

import numpy as np
import pytest

from features.columns import MICROSECONDS_A_DAY, MISSING, Floats, Ints
from models.forecast import Arrivals, Assumptions, Pipeline, arrivals, landing, simulate
from models.forecast.past import NOTHING
from models.forecast.rows import QUANTILES

DAY = MICROSECONDS_A_DAY
NO_MONEY = np.empty(0, np.int64)
NO_WINS = (NO_MONEY, np.empty(0, np.int32))
NO_DEALS = Pipeline(np.empty(0), NO_MONEY, np.empty(0, np.int32))
LEVELS = [0.1, 0.25, 0.5, 0.75, 0.9]


def pipeline(n: int, groups: int = 1, seed: int = 1) -> Pipeline:
    random = np.random.default_rng(seed)
    amount = np.rint(np.exp(random.normal(8, 1.2, n)) * 100).astype(np.int64)
    return Pipeline(random.beta(1, 3, n), amount, random.integers(0, groups, n).astype(np.int32))


def no_quota(groups: int = 0) -> Ints:
    return np.full(groups + 1, MISSING)


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def centre(probability: Floats, shock_sd: float) -> Floats:
    """The log-odds whose mean chance under a normal shock is `probability`, by bisection on a quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    shock, weights = shock_sd * nodes, weights / weights.sum()
    low, high = np.full(len(probability), -20.0), np.full(len(probability), 20.0)
    for _ in range(40):
        middle = (low + high) / 2
        small = sigmoid(middle[:, None] + shock) @ weights < probability
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    return low


def worlds(deals: Pipeline, shock_sd: float, number: int, seed: int) -> tuple[Floats, Ints]:
    """Money and wins of that many periods, straight from the law."""
    random = np.random.default_rng(seed)
    shock = random.normal(0, shock_sd, (number, 1))
    won = random.random((number, len(deals.amount))) < sigmoid(centre(deals.probability, shock_sd) + shock)
    return (won * deals.amount).sum(axis=1).astype(np.float64), won.sum(axis=1)


def ranks(draws: Floats, values: Floats) -> Floats:
    return np.array([(draws < value).mean() for value in values])


@pytest.mark.parametrize("exact", [30_000_000, 20_000 * 30], ids=["one by one", "mostly together"])
@pytest.mark.parametrize("shock_sd", [0.0, 0.4])
def test_quantiles_equal_brute_force(monkeypatch: pytest.MonkeyPatch, exact: int, shock_sd: float) -> None:
    monkeypatch.setattr("models.forecast.draws._EXACT", exact)
    deals = pipeline(400)
    money, wins = worlds(deals, shock_sd, 20_000, seed=2)
    draws = simulate(deals, NOTHING, NO_MONEY, 1, Assumptions(draws=20_000, shock_sd=shock_sd))
    assert np.abs(ranks(money, np.quantile(draws.money[0], LEVELS)) - LEVELS).max() < 0.015
    assert np.abs(np.quantile(wins, LEVELS) - np.quantile(draws.wins[0], LEVELS)).max() <= 1
    assert draws.money.std() == pytest.approx(money.std(), rel=0.02)
    assert draws.wins.std() == pytest.approx(wins.std(), rel=0.02)
    joint = np.corrcoef(draws.money[0], draws.wins[0])[0, 1]
    assert joint == pytest.approx(np.corrcoef(money, wins)[0, 1], abs=0.03)


def test_few_rare_wins_drawn_together_stay_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.forecast.draws._EXACT", 0)
    deals = Pipeline(np.full(200, 0.002), np.full(200, 500_00), np.zeros(200, np.int32))
    draws = simulate(deals, NOTHING, NO_MONEY, 1, Assumptions(draws=20_000, shock_sd=0.0))
    assert (draws.wins == 0).mean() == pytest.approx(0.998**200, abs=0.01)
    assert draws.money[draws.wins == 0].max() < 500_00
    assert draws.money.min() >= 0


def test_a_shock_widens_the_sum_and_keeps_its_mean() -> None:
    deals = pipeline(2_000)
    calm, shaken = (simulate(deals, NOTHING, NO_MONEY, 1, Assumptions(shock_sd=sd)).money for sd in (0.0, 0.5))
    expected = float(deals.probability @ deals.amount)
    assert calm.mean() == pytest.approx(expected, rel=0.01)
    assert shaken.mean() == pytest.approx(expected, rel=0.01)
    assert shaken.std() > 3 * calm.std()


def test_means_add_exactly_and_the_whole_is_the_same_for_every_cut() -> None:
    deals, won = pipeline(300, groups=7), pipeline(40, groups=7, seed=3)
    new = Arrivals(won.amount, won.group, 1 / 7, 0.1, 7)
    how = Assumptions(draws=1_000)
    wholes = []
    for groups in (0, 7):
        rows = landing(
            (won.amount, won.group), deals, new, pool=won.amount, groups=groups, quota=no_quota(groups), how=how
        )
        for part in (rows.closed, rows.from_open, rows.from_new, rows.expected, rows.wins_closed):
            assert groups == 0 or part[0] == part[1:].sum()
        assert rows.wins_expected[0] == pytest.approx(rows.wins_expected[1:].sum() or rows.wins_expected[0], abs=1e-9)
        wholes.append([rows.expected[0], *rows.quantiles[0].tolist(), *rows.wins_quantiles[0].tolist()])
        assert (np.diff(rows.quantiles, axis=1) >= 0).all()
        assert (rows.quantiles[:, 0] >= rows.closed).all()
    assert wholes[0] == wholes[1]


def test_ranges_and_quota_chances_hold_as_often_as_they_claim() -> None:
    """600 periods of a world with a known shock: the ranges cover what happened, P(quota) is the share that made it."""
    random = np.random.default_rng(11)
    inside, said, made = [], [], []
    for seed in range(600):
        deals = pipeline(60, seed=seed)
        truth = worlds(deals, 0.4, 1, seed=seed + 10_000)[0][0]
        quota = np.array([int(random.uniform(0.3, 1.8) * (deals.probability @ deals.amount))])
        rows = landing(
            NO_WINS, deals, NOTHING, pool=NO_MONEY, groups=0, quota=quota, how=Assumptions(400, shock_sd=0.4, seed=seed)
        )
        inside.append(
            [
                rows.quantiles[0, 0] <= truth <= rows.quantiles[0, 4],
                rows.quantiles[0, 1] <= truth <= rows.quantiles[0, 3],
            ]
        )
        said.append(rows.p_quota[0])
        made.append(truth >= quota[0])
    eighty, fifty = np.mean(inside, axis=0)
    assert 0.76 <= eighty <= 0.84
    assert 0.45 <= fifty <= 0.55
    band = np.digitize(said, [0.2, 0.4, 0.6, 0.8])
    for number in range(5):
        assert np.mean(np.array(made)[band == number]) == pytest.approx(
            np.mean(np.array(said)[band == number]), abs=0.11
        )


def test_missing_amounts_are_drawn_from_the_past() -> None:
    pool = np.array([100, 300], np.int64)
    deals = Pipeline(np.array([1.0, 0.5]), np.array([MISSING, MISSING]), np.zeros(2, np.int32))
    rows = landing(NO_WINS, deals, NOTHING, pool=pool, groups=0, quota=np.array([301]))
    assert rows.expected.tolist() == [300]
    assert rows.quantiles[0].tolist() == [100, 100, 300, 400, 600] or set(rows.quantiles[0]) <= {
        100,
        200,
        300,
        400,
        600,
    }
    assert rows.p_quota[0] == pytest.approx(0.5 * 0.75, abs=0.02)
    without = landing(NO_WINS, deals, NOTHING, pool=NO_MONEY, groups=0, quota=no_quota())
    assert without.expected.tolist() == [0]
    assert without.wins_expected.tolist() == [1.5]


def test_missing_amounts_drawn_together_have_the_same_mean_and_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = np.array([100, 300, 5_000], np.int64)
    deals = Pipeline(np.full(500, 0.3), np.full(500, MISSING), np.zeros(500, np.int32))
    singly = simulate(deals, NOTHING, pool, 1, Assumptions(shock_sd=0.0)).money
    monkeypatch.setattr("models.forecast.draws._EXACT", 0)
    together = simulate(deals, NOTHING, pool, 1, Assumptions(shock_sd=0.0)).money
    assert together.mean() == pytest.approx(singly.mean(), rel=0.01)
    assert together.std() == pytest.approx(singly.std(), rel=0.03)


@pytest.mark.parametrize("resampled", [5_000_000, 0], ids=["resampled", "normal"])
def test_new_business_has_the_spread_of_its_rate_and_amounts(monkeypatch: pytest.MonkeyPatch, resampled: int) -> None:
    monkeypatch.setattr("models.forecast.draws._RESAMPLED", resampled)
    amount, group = pipeline(200).amount, (np.arange(200) % 2).astype(np.int32)
    new = Arrivals(amount, group, weight=0.2, spread=0.3, windows=5)
    draws = simulate(NO_DEALS, new, NO_MONEY, 2, Assumptions(draws=20_000))
    assert draws.wins.sum(axis=0).mean() == pytest.approx(40, rel=0.02)
    assert draws.wins.sum(axis=0).var() == pytest.approx(40 + 0.3 * 40**2, rel=0.06)
    for number in range(2):
        assert draws.money[number].mean() == pytest.approx(amount[group == number].sum() * 0.2, rel=0.03)
    square = float((amount.astype(np.float64) ** 2).sum()) * 0.2
    assert draws.money.sum(axis=0).var() == pytest.approx(square + 0.3 * (amount.sum() * 0.2) ** 2, rel=0.08)


def course_of_business(days: int, seed: int) -> tuple[Ints, Ints]:
    """Four creations a day; three in ten are won, after 20 days on average."""
    random = np.random.default_rng(seed)
    created = np.sort(random.integers(0, days * DAY, 4 * days))
    won = created + (random.exponential(20, len(created)) * DAY).astype(np.int64)
    return created, np.where(random.random(len(created)) < 0.3, won, MISSING)


@pytest.mark.parametrize(("start", "length"), [(0, 7), (0, 30), (30, 30)])
def test_arrivals_expect_what_then_happens(start: int, length: int) -> None:
    """Averaged over worlds: wins in the period of records created after as_of, though only the past is used."""
    as_of, said, happened = 500 * DAY, [], []
    begin, end = as_of + start * DAY, as_of + (start + length) * DAY
    for seed in range(40):
        created, won = course_of_business(600, seed)
        nothing, group = np.zeros(len(created), np.int64), np.zeros(len(created), np.int32)
        new = arrivals(created, won, nothing, group, as_of=as_of, start=begin, end=end)
        said.append(len(new.amount) * new.weight)
        happened.append(((created >= as_of) & (won >= begin) & (won < end)).sum())
    assert np.mean(said) == pytest.approx(np.mean(happened), rel=0.06)


def test_nothing_after_as_of_changes_arrivals() -> None:
    created, won = course_of_business(600, 1)
    as_of = 400 * DAY
    amount, group = np.arange(len(created)), np.zeros(len(created), np.int32)
    known = created < as_of
    later = np.where(won >= as_of, as_of + 1, won)
    asked = {"as_of": as_of, "start": as_of, "end": as_of + 30 * DAY}
    whole = arrivals(created, won, amount, group, **asked)
    for other in (
        arrivals(created[known], won[known], amount[known], group[known], **asked),
        arrivals(created, later, amount, group, **asked),
    ):
        assert other.amount.tolist() == whole.amount.tolist()
        assert (other.weight, other.spread, other.windows) == (whole.weight, whole.spread, whole.windows)


def test_a_month_of_history_is_stretched_to_the_quarter_and_less_sure() -> None:
    created, won = course_of_business(600, 2)
    amount, group = np.full(len(created), 100), np.zeros(len(created), np.int32)
    short, long = (
        arrivals(
            created - since,
            won - since * (won != MISSING),
            amount,
            group,
            as_of=30 * DAY,
            start=30 * DAY,
            end=120 * DAY,
        )
        for since in (0, 500 * DAY)
    )
    assert short.windows == 1
    assert short.weight == pytest.approx(3, rel=0.05)
    assert len(short.amount) > 0
    assert short.spread > long.spread


def test_no_history_and_a_period_that_is_over_expect_nothing_new() -> None:
    created, won = course_of_business(100, 3)
    group = np.zeros(len(created), np.int32)
    assert arrivals(NO_MONEY, NO_MONEY, NO_MONEY, group[:0], as_of=DAY, start=DAY, end=9 * DAY) is NOTHING
    assert arrivals(created, won, created, group, as_of=0, start=0, end=9 * DAY) is NOTHING
    assert arrivals(created, won, created, group, as_of=90 * DAY, start=70 * DAY, end=80 * DAY) is NOTHING


def test_a_period_without_open_deals_or_a_past_is_what_is_closed() -> None:
    won = (np.array([250, MISSING, 50]), np.array([0, 0, 1], np.int32))
    rows = landing(won, NO_DEALS, NOTHING, pool=NO_MONEY, groups=2, quota=np.array([300, 251, MISSING]))
    assert rows.expected.tolist() == [300, 250, 50]
    assert rows.quantiles.tolist() == [[300] * len(QUANTILES), [250] * len(QUANTILES), [50] * len(QUANTILES)]
    assert rows.p_quota[:2].tolist() == [1.0, 0.0]
    assert np.isnan(rows.p_quota[2])
    assert rows.wins_quantiles[0].tolist() == [3] * len(QUANTILES)


@pytest.mark.parametrize("exact", [30_000_000, 0], ids=["one by one", "together"])
def test_the_impossible_and_the_certain_stay_so(monkeypatch: pytest.MonkeyPatch, exact: int) -> None:
    monkeypatch.setattr("models.forecast.draws._EXACT", exact)
    deals = Pipeline(np.repeat([0.0, 1.0], 50), np.full(100, 500), np.repeat(np.array([0, 1], np.int32), 50))
    draws = simulate(deals, NOTHING, NO_MONEY, 2, Assumptions())
    assert not draws.wins[0].any()
    assert (draws.wins[1] == 50).all()
    assert np.allclose(draws.money[1], 25_000)


def test_the_seed_decides() -> None:
    deals = pipeline(200)
    one, same, other = (
        simulate(deals, NOTHING, NO_MONEY, 1, Assumptions(draws=500, seed=seed)).money for seed in (1, 1, 2)
    )
    assert one.tolist() == same.tolist() != other.tolist()
