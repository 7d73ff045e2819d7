"""What a dataset knows at an instant, its hash, and the origins cut from it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.columns import MICROSECONDS_A_DAY
from features.feature import Feature
from features.matrix import Matrix
from training.aim import Aim, Outlook
from training.dataset import Dataset, leave_out
from training.folds import row_weights
from training.origins import closed_records, origins

MakeUp = Callable[..., Dataset]


def test_the_hash_is_of_the_content_not_of_its_order(make_up: MakeUp, shuffled: Callable[..., Dataset]) -> None:
    data = make_up(40)
    assert shuffled(data, 1).data_hash() == data.data_hash()
    altered = {**data.matrix.numbers, "signal": data.matrix.numbers["signal"] + 1e-9}
    assert replace(data, matrix=replace(data.matrix, numbers=altered)).data_hash() != data.data_hash()
    assert replace(data, days=data.days + 1e-9).data_hash() != data.data_hash()


def test_at_an_earlier_instant_only_what_was_known_then(make_up: MakeUp) -> None:
    data = make_up(200)
    instant = 150 * MICROSECONDS_A_DAY
    then = data.known_at(instant)
    assert (then.as_of < instant).all()
    assert len(then) == (data.as_of < instant).sum()
    now = data.take(data.as_of < instant)
    later = now.learnt >= instant
    assert (then.cause[later] == -1).all()
    assert (then.cause[~later] == now.cause[~later]).all()
    watched = (instant - then.as_of[later]) / MICROSECONDS_A_DAY
    assert np.allclose(then.days[later], watched)
    assert later.any()


def test_an_outcome_recorded_late_is_not_known_before(make_up: MakeUp) -> None:
    data = make_up(200)
    late = replace(data, learnt=np.where(data.cause >= 0, data.known_by - 1, data.known_by))
    assert (late.known_at(data.known_by - 1).cause == -1).all()
    assert (late.known_at(data.known_by).cause >= 0).any()


def test_an_unknown_feature_to_leave_out_is_named(make_up: MakeUp) -> None:
    with pytest.raises(ValueError, match=r"'signl' \(did you mean signal"):
        leave_out(make_up(5).matrix, ["signl", "age_days"])
    assert "signal" not in replace(make_up(5), left_out=("signal",)).features().numbers


@pytest.mark.parametrize("records", [60, 600])
def test_no_record_is_on_both_sides_of_an_origin(make_up: MakeUp, records: int) -> None:
    data = make_up(records)
    made = origins(data, 4, seed=0)
    assert len(made) >= 4
    for origin in made:
        assert not set(origin.train.record.tolist()) & set(data.record[origin.test].tolist())


def test_an_origin_learns_nothing_from_its_future(make_up: MakeUp) -> None:
    data = make_up(600)
    for origin in origins(data, 4, seed=0):
        assert (origin.train.as_of < origin.instant).all()
        assert (data.as_of[origin.test] >= origin.instant).all()
        assert (origin.train.learnt[origin.train.cause >= 0] < origin.instant).all()


def test_records_open_across_an_origin_keep_their_share_of_the_training_side(make_up: MakeUp) -> None:
    # Taking the straddlers out would leave only records that closed fast; the half kept counts double instead.
    data = make_up(2_000)
    for origin in origins(data, 4, seed=0):
        known = data.known_at(origin.instant)
        weight = row_weights(known.record, known.as_of)
        whole = float(np.average(known.cause == -1, weights=weight))
        kept = float(np.average(origin.train.cause == -1, weights=origin.train_weight))
        assert kept == pytest.approx(whole, abs=0.03)
        assert whole > 0.02


def test_closed_records_are_counted_once_each(make_up: MakeUp) -> None:
    data = make_up(100)
    records, instants = closed_records(data)
    assert len(records) == len(set(data.record[data.cause >= 0].tolist()))
    assert (instants < data.known_by).all()


def test_expected_labels_average_to_what_came_of_the_rows(make_up: MakeUp) -> None:
    # Half way through the history many rows are open; at its end their outcomes are known.
    data = make_up(6_000, span=400.0)
    then = data.known_at(200 * MICROSECONDS_A_DAY)
    aim = Aim.of(data, within=60.0)
    said, lost = Outlook.of(then).labels(then, aim)
    came = data.take(data.as_of < 200 * MICROSECONDS_A_DAY)
    open_ = (then.cause < 0) & (then.days < 60.0)
    truth = (came.cause == 0) & (came.days <= 60.0)
    assert open_.sum() > 300
    assert said[open_].mean() == pytest.approx(truth[open_].mean(), abs=0.05)
    assert (said + lost <= 1 + 1e-9).all()
    assert (said[~open_] == truth[~open_]).all()


def of_others(name: str) -> Feature:
    """A feature that speaks of what other records did."""
    return Feature(name, "owner", "total", "records", "", "", "", "", source="load")


@pytest.mark.parametrize(("records", "taught"), [(200, False), (900, True)])
def test_what_few_records_tell_of_one_another_is_not_learnt_from(make_up: MakeUp, records: int, taught: bool) -> None:
    data = replace(make_up(records), catalogue=[of_others("noise")])
    assert ("noise" in data.features().numbers) == taught
    assert "signal" in data.features().numbers


def test_what_only_tells_the_time_is_not_learnt_from(make_up: MakeUp) -> None:
    data = make_up(900)
    numbers = data.matrix.numbers | {"filling": data.as_of / MICROSECONDS_A_DAY, "wave": np.sin(data.as_of / 1e11)}
    told = replace(
        data, matrix=Matrix(numbers, data.matrix.categories), catalogue=[of_others("filling"), of_others("wave")]
    )
    assert told.untaught() == ["filling"]
