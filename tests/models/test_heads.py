"""Every kind of head, by the same checks; then each against a slow reading of its definition."""

import math

import numpy as np
import pytest

from features.columns import Floats
from models.heads import KINDS, Boosted, Head, Linear, Number, Table, read_head
from tests.models.conftest import HEADS, boosted, encoder, linear, pipeline, table


def rows(n: int = 400) -> Floats:
    return encoder().encode(pipeline(n, seed=6))


def test_every_kind_is_checked_here() -> None:
    assert {make().kind for make in HEADS.values()} == set(KINDS)


@pytest.mark.parametrize("name", HEADS)
def test_one_row_answers_as_among_many(name: str) -> None:
    head, x = HEADS[name](), rows()
    whole = head.log_odds(x)
    assert whole.shape == (400,)
    assert np.isfinite(whole).all()
    assert [head.log_odds(row[None, :])[0] for row in x] == whole.tolist()


@pytest.mark.parametrize("name", HEADS)
def test_files_bring_back_the_same_head_and_the_same_bytes(name: str) -> None:
    head = HEADS[name]()
    files = head.to_files("target")
    again = read_head("target", files)
    assert again == head
    assert again.to_files("target") == files
    assert (again.log_odds(rows()) == head.log_odds(rows())).all()


def test_a_head_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no head of kind 'pickle'"):
        read_head("target", {"target.json": b'{"kind":"pickle"}'})


def test_trees_refuse_other_columns() -> None:
    head, names = boosted(2), encoder().names
    head.check(names)
    with pytest.raises(ValueError, match="another order"):
        head.check(names[::-1])
    with pytest.raises(ValueError, match="know 8 columns"):
        Boosted((*names, "extra"), head.text).check((*names, "extra"))


def test_trees_are_kept_without_their_training_parameters() -> None:
    assert "num_threads" not in boosted(2).text
    assert boosted(2) == boosted(2)


def slow_linear(head: Linear, row: Floats) -> float:
    total = head.intercept
    for number in head.numbers:
        value = float(row[number.column])
        if math.isnan(value):
            total += number.missing
        else:
            value = math.copysign(math.log1p(abs(value)), value) if number.log else value
            total += number.weight * (value - number.mean) / number.scale
    for category in head.categories:
        code = float(row[category.column])
        total += category.missing if math.isnan(code) else category.weights[int(code)]
    return total


def slow_table(head: Table, row: Floats) -> float:
    places = []
    for key in head.keys:
        value = float(row[key.column])
        above = value if key.edges is None else sum(edge <= value for edge in key.edges)
        places.append(-1 if math.isnan(value) else int(above))
    for level in head.levels:
        cell = tuple(places[key] for key in level.keys)
        if cell in level.cells:
            return level.values[level.cells.index(cell)]
    return head.overall


@pytest.mark.parametrize(("head", "slow"), [(linear(), slow_linear), (table(), slow_table)])
def test_against_its_definition(head: Head, slow: object) -> None:
    assert callable(slow)
    expected = [slow(head, row) for row in rows()]
    assert len(set(expected)) > 5
    np.testing.assert_allclose(head.log_odds(rows()), expected, rtol=0, atol=1e-12)


def test_a_category_code_past_the_weights_counts_as_never_seen() -> None:
    x = rows(1)
    x[:, 7] = 99
    unseen = linear().log_odds(x)
    x[:, 7] = np.nan
    assert unseen == linear().log_odds(x)


def test_a_number_beyond_what_training_saw_says_no_more_than_its_end() -> None:
    head = Linear(0.0, (Number(0, 2.0, mean=1.0, scale=2.0, missing=0.5, low=-1.0, high=3.0),))
    assert head.log_odds(np.array([[-1.0], [-99.0], [7.0], [1e9], [np.nan]])).tolist() == [-2.0, -2.0, 6.0, 6.0, 0.5]
