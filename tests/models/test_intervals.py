"""The 80 % range holds as often as it says, and always holds the prediction."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.intervals import Band, Intervals
from models.odds import logit, sigmoid

band = st.builds(
    lambda n, hit, expected: Band(n, n * hit, n * expected), st.floats(0, 500), st.floats(0, 1), st.floats(0, 1)
)


@given(st.lists(band, max_size=6), st.floats(0.02, 3))
def test_the_range_holds_the_prediction(bands: list[Band], strength: float) -> None:
    log_odds = np.linspace(-12, 12, 101)
    low, high = Intervals.of(bands, strength).around(log_odds)
    assert (low <= sigmoid(log_odds)).all()
    assert (sigmoid(log_odds) <= high).all()
    assert (low >= 0).all()
    assert (high <= 1).all()


def test_true_rates_lie_in_the_range_in_four_of_five_bands() -> None:
    rng = np.random.default_rng(11)
    held = []
    for _ in range(400):
        truth = rng.uniform(0.05, 0.9)
        said = sigmoid(logit(np.array([truth])) + rng.normal(0, 0.4))[0]  # the model is off by some amount
        n = int(rng.integers(20, 400))
        low, high = Intervals.of([Band(n, float(rng.binomial(n, truth)), n * float(said))]).around(
            logit(np.array([said]))
        )
        held.append(low[0] <= truth <= high[0])
    assert 0.75 <= np.mean(held) <= 0.92  # the range also reaches back to the prediction, so it may hold more often


def test_more_records_narrow_the_range_and_misses_move_it() -> None:
    at = logit(np.array([0.3]))

    def width(n: float, events: float) -> float:
        low, high = Intervals.of([Band(n, events, 0.3 * n)]).around(at)
        return float(high[0] - low[0])

    assert width(1000, 300) < width(100, 30) < width(10, 3)
    _, high = Intervals.of([Band(200, 120, 60)]).around(at)
    assert high[0] > 0.6
