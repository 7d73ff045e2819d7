"""Competing-risk arithmetic and the segments it is looked up by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matrix import Matrix
from models.outcomes import ReasonShares, TimeTable, Timing
from models.segments import Segments
from tests.models.conftest import pipeline

bins = st.lists(st.integers(0, 100).map(float), min_size=2, max_size=8).filter(any)


def timing(shares: list[float], horizon: float) -> Timing:
    edges = np.concatenate([[0.0], np.cumsum(np.arange(1, len(shares) + 1))])
    cumulative = np.concatenate([[0.0], np.cumsum(shares) / np.sum(shares)])
    return Timing(edges, cumulative[None, :], np.zeros(1, np.int64), np.array([horizon]))


@given(bins, st.floats(0.5, 60))
def test_chances_rise_with_days_from_0_to_1(shares: list[float], horizon: float) -> None:
    days = np.linspace(0, 80, 60)[:, None]
    reached = timing(shares, horizon).reached_by(days)[:, 0]
    assert (np.diff(reached) >= 0).all()
    assert reached[0] == 0
    assert (reached[days[:, 0] >= horizon] == 1).all()


@given(bins, st.floats(0.5, 60), st.floats(0.01, 0.99))
def test_days_at_undoes_reached_by(shares: list[float], horizon: float, share: float) -> None:
    one = timing(shares, horizon)
    day = one.days_at(share)
    assert 0 <= day[0] <= horizon
    if one.reached_by(np.nextafter(horizon, 0))[0] > share:  # else the days past the last bin are all the same to it
        assert one.reached_by(day)[0] == pytest.approx(share, abs=1e-6)


def test_a_shorter_horizon_scales_up_what_is_inside_it() -> None:
    one = timing([0.5, 0.5], 1.0)  # bins (0, 1] and (1, 3]
    assert one.reached_by(0.5).tolist() == [0.5]
    assert one.days_at(0.5).tolist() == [0.5]


def test_nothing_before_the_horizon_is_taken_as_even() -> None:
    one = timing([0.0, 1.0], 1.0)
    assert one.reached_by(0.25).tolist() == [0.25]
    assert one.days_at(0.25).tolist() == [0.25]


def test_a_record_goes_to_the_finest_segment_listed() -> None:
    keys = ((), ("tender",), ("tender", "offer"), ("tender", "offer", "1"), ("shop", ""), ("",))
    segments, matrix = Segments(keys, age_edges=(20.0,)), pipeline(300, seed=7)
    parts = zip(
        matrix.categories["process"].tolist(),
        matrix.categories["stage"].tolist(),
        matrix.numbers["age_days"],
        strict=True,
    )
    expected = []
    for process, stage, age in parts:
        name = (process or "", stage or "", "" if np.isnan(age) else str(int(age >= 20)))
        expected.append(max((key for key in keys if name[: len(key)] == key), key=len))
    assert [keys[place] for place in segments.locate(matrix)] == expected
    assert set(expected) == set(keys)


def test_names_are_what_segments_are_found_by() -> None:
    whole, matrix = Segments(((),), age_edges=(20.0,)), pipeline(40, seed=7)
    assert whole.locate(matrix).tolist() == [0] * 40
    names = whole.names(matrix)
    each = Segments(((), *sorted(set(names))), age_edges=(20.0,))
    assert [each.keys[place] for place in each.locate(matrix)] == names


def test_segments_without_stage_or_age_fall_back() -> None:
    segments = Segments(((), ("shop",), ("shop", "offer")))
    leads = Matrix({}, {"process": pipeline(50, seed=8).categories["process"]})
    assert set(segments.locate(leads).tolist()) == {0, 1}


def test_faulty_tables_are_refused() -> None:
    whole = Segments(((),))
    with pytest.raises(ValueError, match="for records that no other key fits"):
        Segments((("shop",),))
    with pytest.raises(ValueError, match="add up to 1"):
        ReasonShares(whole, ("price",), ((0.9,),))
    with pytest.raises(ValueError, match="1 rows of 2"):
        TimeTable(whole, (0.0, 1.0, 2.0), ((1.0,),))
    with pytest.raises(ValueError, match="rise from 0"):
        TimeTable(whole, (0.0, 2.0, 2.0), ((0.5, 0.5),))
