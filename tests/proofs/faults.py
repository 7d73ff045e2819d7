"""Faults to plant: each is a mistake one could make, put where it would be made, for the time of a `with`."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from features import aggregations, catalog, entity, history
from features.calendar import Zone
from features.changes import Changes
from features.columns import Columns
from features.crm import rows, store
from features.feature import BOTH, Feature
from features.history import History
from features.labels import Labels, outcomes_of
from features.stream import Stream
from features.view import Rows
from training import dataset

END_OF_TIME = 4_100_000_000_000_000
"""2099: later than anything recorded."""


@contextmanager
def last_bit_of_batches() -> Iterator[None]:
    """Means of many rows are computed in their own way, which rounds the last bit otherwise."""
    mean: Any = aggregations.AGGREGATIONS["mean"]

    def otherwise(view: Any, asked: Any) -> Any:
        column = mean(view, asked)
        return np.nextafter(column, np.inf) if len(view) > 1 else column

    with patch.dict(aggregations.AGGREGATIONS, {"mean": otherwise}):
        yield


@contextmanager
def at_the_instant() -> Iterator[None]:
    """What became known at the very instant of asking is used: `<=` where the rule says `<`."""
    before = Stream.before

    def until(stream: Stream, key: Any, instant: Any) -> Any:
        return before(stream, key, instant + 1)

    with patch.object(Stream, "before", until):
        yield


@contextmanager
def by_occurrence() -> Iterator[None]:
    """A change counts from when it took place, not from when it was recorded."""
    of_table = Changes.of_table

    def early(table: Columns, index: Any) -> Changes:
        changes = of_table(table, index)
        return replace(changes, known=changes.occurred)

    with patch.object(Changes, "of_table", early):
        yield


@contextmanager
def end_is_seen() -> Iterator[None]:
    """A row of the catalogue reads whether a date of the end is filled: an export of today tells that of yesterday."""
    with _reading(*zip(("converted_at", "closed_at"), BOTH, strict=True)):
        yield


@contextmanager
def reason_is_seen() -> Iterator[None]:
    """A row of the catalogue reads whether a loss reason is filled."""
    with _reading(("loss_reason", BOTH[1])):
        yield


@contextmanager
def _reading(*leaks: tuple[str, str]) -> Iterator[None]:
    """The catalogue with a row for each (field, kind): whether a field that speaks of the end is filled."""
    added = [
        Feature(f"has_{field}", "custom", "filled", "flag", "", "", "", "", column=field, kinds=(kind,))
        for field, kind in leaks
    ]
    catalog._catalog.cache_clear()
    with patch.object(catalog, "CATALOG", (*catalog.CATALOG, *added)), patch.object(entity, "NEVER", frozenset()):
        yield
    catalog._catalog.cache_clear()


@contextmanager
def labels_of_today() -> Iterator[None]:
    """Training as of an instant reads the outcomes without that instant."""

    def today(of: History, asked: Rows, target: str, known_by: int) -> Labels:
        labels = outcomes_of(of, asked, target, END_OF_TIME)
        return replace(labels, teaches=labels.teaches & (asked.as_of < known_by))

    with patch.object(dataset, "outcomes_of", today):
        yield


@contextmanager
def order_of_arrival() -> Iterator[None]:
    """The store gives rows in the order in which they came."""

    def unsorted(batches: Any, types: Any, sort: Sequence[str], wanted: Sequence[str]) -> Columns:
        return rows.columns_of(batches, {"rowid": "number", **types}, ["rowid"], wanted)

    def numbered(self: store.Store, sql: Any, names: Any, where: Any) -> Iterator[Any]:
        place = 0
        for batch in batches(self, sql, names, where):
            yield [(place + at, *row) for at, row in enumerate(batch)]
            place += len(batch)

    batches = store.Store._batches
    with patch.object(store, "columns_of", unsorted), patch.object(store.Store, "_batches", numbered):
        yield


@contextmanager
def clock_of_the_machine() -> Iterator[None]:
    """The calendar is that of the process's own time zone, not of the settings."""

    def local(name: str) -> Zone:
        return Zone(os.environ.get("TZ") or name)

    with patch.object(history, "Zone", local):
        yield
