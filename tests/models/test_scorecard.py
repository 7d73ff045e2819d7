"""The scorecard always answers, and its rules fit the catalogue."""

import numpy as np

from features.catalog import CATALOG
from features.columns import Words
from features.matrix import Matrix
from models.scorecard import Rule, Scorecard, read_scorecard
from tests.models.conftest import pipeline


def test_shipped_rules_read_features_that_exist_as_they_are() -> None:
    features = {feature.name: feature for feature in CATALOG}
    for rule in read_scorecard().rules:
        assert rule.feature in features
        assert features[rule.feature].category == bool(rule.words)
        assert rule.en
        assert rule.fr


def test_missing_features_add_nothing() -> None:
    card = read_scorecard()
    unknown = card.score(pipeline(20, seed=1))
    assert (unknown.points == card.start).all()
    assert unknown.reasons(0) == []


def test_points_add_up_with_their_reasons() -> None:
    card = read_scorecard()
    numbers = {
        "inbound_30d": np.array([3.0, 0.0]),
        "free_mail": np.array([0.0, 1.0]),
        "overdue": np.array([np.nan, 2.0]),
    }
    said = card.score(Matrix(numbers, {"seniority": Words.of(["director", "staff"])}))
    for row in range(2):
        assert said.points[row] == card.start + sum(rule.points for rule in said.reasons(row))
    assert said.heat.tolist() == ["warm", "cold"]
    assert [rule.feature for rule in said.reasons(1)] == ["free_mail", "overdue"]


def test_points_stay_within_0_and_100() -> None:
    rules = (Rule("x", 500, "", "", at_least=1), Rule("x", -500, "", "", below=0))
    said = Scorecard(40, 65, 40, rules).score(Matrix({"x": np.array([2.0, -2.0])}, {}))
    assert said.points.tolist() == [100, 0]
    assert said.heat.tolist() == ["hot", "cold"]
