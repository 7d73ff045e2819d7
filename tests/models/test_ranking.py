"""Scores and grades."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.ranking import Ranking, grades


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_ties_share_the_middle(values: list[int]) -> None:
    seen = np.array(values, np.float64)
    expected = [100 * ((seen < value).mean() + (seen == value).mean() / 2) for value in seen]
    np.testing.assert_allclose(Ranking.of(seen).score(seen), expected, atol=1e-9)


def test_scores_rise_and_stay_within_0_and_100() -> None:
    rng = np.random.default_rng(0)
    ranking = Ranking.of(rng.normal(size=50_000))
    assert len(ranking.values) <= 1_000
    scores = ranking.score(np.linspace(-8, 8, 2_001))
    assert (np.diff(scores) >= 0).all()
    assert (scores[0], scores[-1]) == (0, 100)
    assert abs(ranking.score(np.zeros(1))[0] - 50) < 1


def test_grades_follow_the_shares_asked_for() -> None:
    scores = np.arange(0.5, 100)
    counts = np.bincount(grades(scores, (0.1, 0.2, 0.3, 0.4)).codes)
    assert counts.tolist() == [10, 20, 30, 40]
