"""Asking the engine, and comparing its answers exactly."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from features.asof import features_at
from features.columns import Ints
from features.crm.store import Store
from features.history import History, Kind, load_history
from features.matrix import Matrix
from features.settings import Settings
from features.streams import Streams, load_streams
from features.view import Rows
from tests.crm_folder import Crm, store_of

SETTINGS = Settings()
KINDS: tuple[Kind, ...] = ("leads", "opportunities")
Asked: TypeAlias = tuple[str, int]
Answer: TypeAlias = dict[str, str | float | None]


def ask(history: History, streams: Streams, asked: Sequence[Asked]) -> list[Answer]:
    """Every feature of each (record id, as-of), None where missing."""
    record = history.rows_of([name for name, _ in asked])
    return answers(features_at(history, streams, Rows(record, as_ints([at for _, at in asked]))))


def answers(matrix: Matrix) -> list[Answer]:
    """A matrix row by row."""
    columns: dict[str, list[str | float | None]] = {}
    for name, words in matrix.categories.items():
        columns[name] = [*words.tolist()]
    for name, numbers in matrix.numbers.items():
        columns[name] = [None if number != number else number for number in numbers.tolist()]  # noqa: PLR0124
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def ask_store(store: Store, kind: Kind, asked: Sequence[Asked]) -> list[Answer]:
    """Every feature of each (record id, as-of), from a store."""
    streams = load_streams(store, SETTINGS)
    return ask(load_history(store, SETTINGS, kind, starts=streams.starts), streams, asked)


def as_ints(values: Sequence[int]) -> Ints:
    """Instants or positions as int64."""
    return np.array(values, np.int64)


def differences(left: Sequence[Answer], right: Sequence[Answer], asked: Sequence[Asked]) -> list[str]:
    """Where two lists of answers differ, in words."""
    return [
        f"{name} of {record} at {at}: {one.get(name)!r} is not {other.get(name)!r}"
        for (record, at), one, other in zip(asked, left, right, strict=True)
        for name in one.keys() | other.keys()
        if one.get(name, unsaid(name)) != other.get(name, unsaid(name))
    ]


def unsaid(name: str) -> float | None:
    """What a feature of a word says where no activity was ever given that word; NaN for any other feature, which must
    be there.
    """
    return {"so_far": 0.0, "days_since": None}[name.rpartition(":")[2]] if name.startswith("activity:") else np.nan


def some_rows(history: History, instants: Sequence[int], at_most: int) -> list[Asked]:
    """Each record at its creation and at instants spread over those given."""
    asked: list[Asked] = []
    for name, created in zip(history.ids, history.created.tolist(), strict=True):
        later = [at for at in instants if at > created]
        step = max(len(later) // at_most, 1)
        asked += [(name, at) for at in [created, *later[::step]]]
    return asked


def features_of(crm: Crm, kind: Kind, record: str, at: int) -> Answer:
    """Every feature of one record of a small CRM at an instant."""
    return ask_store(store_of(crm), kind, [(record, at)])[0]
