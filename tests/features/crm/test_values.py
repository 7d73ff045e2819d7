from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import MISSING
from features.crm.texts import canonical, read_decimal
from features.crm.values import instants, money, numbers, parse_instant

PARIS = "Europe/Paris"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "start", "end", "rule"),
    [
        ("2024-03-31T09:00:00+02:00", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", ""),
        ("2024-03-31", "2024-03-30T23:00+00:00", "2024-03-31T22:00+00:00", ""),  # a day of 23 hours
        ("2024-03-31 09:00", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", "no offset"),
        ("31/03/2024", "2024-03-30T23:00+00:00", "2024-03-31T22:00+00:00", "day/month/year"),
        ("31/03/2024 09:00", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", "day/month/year"),
        ("31/03/24", "2024-03-30T23:00+00:00", "2024-03-31T22:00+00:00", "day/month/year"),
        ("31.03.24 09:00", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", "day/month/year"),
        ("01/01/69", "1968-12-31T23:00+00:00", "1969-01-01T23:00+00:00", "day/month/year"),
        ("45382", "2024-03-30T23:00+00:00", "2024-03-31T22:00+00:00", "spreadsheet date"),
        ("45382.375", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", "spreadsheet date"),
        ("1711868400000", "2024-03-31T07:00+00:00", "2024-03-31T07:00+00:00", "unix time"),
    ],
)
def test_a_time_is_read_and_what_was_understood_is_noted(text: str, start: str, end: str, rule: str) -> None:
    for begins, expected in ((True, start), (False, end)):
        parsed = instants(pa.array([text]), PARIS, start=begins)
        assert parsed.values.tolist() == [at(expected)]
        assert list(parsed.notes) == ([rule] if rule else [])


@pytest.mark.parametrize(
    "text", ["2024-02-30", "31/02/2024", "13/13/2024", "2024-03-31T25:00Z", "soon", "12", "0" * 99]
)
def test_what_is_no_date_is_unknown_and_said(text: str) -> None:
    parsed = instants(pa.array(["2024-03-31", text]), PARIS, start=True)
    assert parsed.values[1] == MISSING
    assert {rule: rows.tolist() for rule, rows in parsed.notes.items()} == {"not a date": [1]}


def test_a_date_that_stands_for_none_is_unknown() -> None:
    for texts in (["9999-12-31T00:00:00Z", "0001-01-01T00:00:00Z"], ["9999-12-31", "01/01/1600"]):
        parsed = instants(pa.array(texts), PARIS, start=False)
        assert parsed.values.tolist() == [MISSING, MISSING]
        assert list(parsed.notes) == ["year out of range"]


MOMENTS = st.datetimes(
    datetime(1912, 1, 1),  # noqa: DTZ001 - before, Paris was nine minutes and some seconds ahead, which ISO cannot say
    datetime(2199, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([ZoneInfo("UTC"), ZoneInfo(PARIS)]),
)


@given(MOMENTS, st.sampled_from(["T", " "]))
def test_a_canonical_time_reads_the_same_alone_as_beside_an_odd_one(moment: datetime, between: str) -> None:
    text = moment.isoformat(sep=between)
    alone = instants(pa.array([text]), PARIS, start=True)
    beside = instants(pa.array([text, "odd"]), PARIS, start=True)
    exact = (moment - datetime.fromisoformat("1970-01-01T00:00Z")) // timedelta(microseconds=1)
    assert alone.values[0] == beside.values[0] == exact


@pytest.mark.parametrize(
    ("text", "currency", "minor", "rule"),
    [
        ("12000", "EUR", 1_200_000, ""),
        ("12.5", "EUR", 1_250, ""),
        ("100.00", "JPY", 100, ""),
        ("1.234", "TND", 1_234, ""),
        ("0.1", "EUR", 10, ""),
        ("9007199254740.93", "EUR", 900_719_925_474_093, ""),
        ("10000000000000", "EUR", 10**15, ""),
        ("10000000000000.01", "EUR", MISSING, "too large"),
        ("99999999999999", "EUR", MISSING, "too large"),
        ("12,50", "EUR", 1_250, "decimal comma"),
        ("1 234,50", "EUR", 123_450, "decimal comma"),
        ("1\u202f234", "EUR", 123_400, "thousands separator"),
        ("1.234.567,89", "EUR", 123_456_789, "thousands separator"),
        ("1,234.5", "EUR", 123_450, "thousands separator"),
        ("1 200 €", "EUR", 120_000, "thousands separator"),
        ("10.005", "EUR", 1_001, "rounded"),
        ("92233720368547758.08", "EUR", MISSING, "too large"),
        ("1e400000000", "EUR", MISSING, "too large"),
        ("9" * 5000, "EUR", MISSING, "too large"),
        ("nan", "EUR", MISSING, "not finite"),
        ("a lot", "EUR", MISSING, "not a number"),
        ("1,23,4", "EUR", MISSING, "not a number"),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int, rule: str) -> None:
    parsed = money(pa.array([text, None]), [currency, currency])
    assert parsed.values.tolist() == [minor, MISSING]
    assert list(parsed.notes) == ([rule] if rule else [])


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "TND", "CLF"]))
def test_an_amount_survives_its_canonical_text(minor: int, currency: str) -> None:
    exponent = {"EUR": 2, "JPY": 0, "TND": 3, "CLF": 4}[currency]
    assert money(pa.array([canonical(minor, "money", exponent)]), currency).values.tolist() == [minor]


@given(st.text(max_size=30))
def test_no_text_stops_the_reading(text: str) -> None:
    texts = pa.array([text.encode("utf-8", "replace").decode()])
    instants(texts, PARIS, start=True)
    money(texts, "EUR")
    numbers(texts)
    amount, rule = read_decimal(text)
    assert (amount is None) <= bool(rule)


def test_numbers_that_are_none_become_unknown() -> None:
    parsed = numbers(pa.array(["1e999", "-inf", "NaN", "many", "60 %", "0,25"]))
    assert [str(value) for value in parsed.values.tolist()] == ["nan"] * 4 + ["0.6", "0.25"]
    assert {rule: rows.tolist() for rule, rows in parsed.notes.items()} == {
        "decimal comma": [5], "not a number": [3], "not finite": [0, 1, 2], "percent": [4]
    }  # fmt: skip


def test_the_command_line_is_told_what_a_date_looks_like() -> None:
    assert parse_instant("2012-01-01", PARIS, start=True) == at("2011-12-31T23:00+00:00")
    with pytest.raises(ValueError, match="give 2024-03-31"):
        parse_instant("tomorrow", PARIS)


@pytest.mark.parametrize("beside", ["3,5", "1 234,567", "1.234,5 €"])
def test_a_point_before_three_digits_separates_thousands_where_commas_are_decimal(beside: str) -> None:
    texts = pa.array(["12.500", "0.500", beside])
    for parsed, one in ((money(texts, "EUR"), 100), (money(texts, ["TND", "EUR", "EUR"]), 1000)):
        assert parsed.values.tolist()[:2] == [12_500 * one, 50]
        assert 0 in parsed.notes["thousands separator"]
    assert numbers(texts).values.tolist()[:2] == [12_500.0, 0.5]
    assert numbers(pa.array(["12.500", "12,500"])).values.tolist() == [12.5, 12_500.0]
