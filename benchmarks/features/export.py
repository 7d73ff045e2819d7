"""What the engine holds in memory, as Parquet tables for its peers: the same events, stamped with when each was known.

`rows` (id, record, as_of); one table an entity (`own`, `account`, `contact`, `owner`) with the first value of every
field; `ENTITY__FIELD` (record, time, value) for the changes of a field that has any; a table a stream (its key, time,
columns); `stages` (process, stage, time, place); `words of COLUMN` (w0, w1 ..., and what these words are turned into).
`asked.json` says what is asked: the features, and by table and column the vocabulary of each column of words.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.features.sql.phrases import key_of, kind_of
from benchmarks.measure import timed
from features.columns import MISSING, Codes, Column, Columns, Ints, Words, ints
from features.entity import Entity
from features.feature import Feature
from features.history import History
from features.stream import Stream, take
from features.streams import Streams
from features.terms import buckets
from features.through import THROUGH
from features.timeline import Timeline
from features.view import Rows, View

Vocabularies: TypeAlias = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an exported history."""

    kind: str
    zone: str
    minor: int
    features: tuple[Feature, ...]
    vocabularies: Vocabularies


def export(folder: Path, history: History, streams: Streams, rows: Rows, catalog: Sequence[Feature]) -> float:
    """Write everything that these features read; the seconds it took to turn words into others for it."""
    folder.mkdir(parents=True, exist_ok=True)
    view = View(history, streams, rows)
    reading = [row for row in catalog if row.through or row.aggregation == "terms"]
    words = {row.column: _different([view.value(part) for part in row.column.split(" + ")]) for row in reading}
    turning, turned = timed(lambda: {f"words of {column}": _turned(words[column], column, reading) for column in words})
    vocabularies: Vocabularies = {}
    for name, table in chain(_tables(history, streams, rows), turned.items()):
        vocabularies[name] = {c: _vocabulary(name, c) for c, column in table.items() if isinstance(column, Words)}
        arrow = pa.table({column: _arrow(values) for column, values in table.items()})
        pq.write_table(arrow, folder / f"{name}.parquet")
    asked = Asked(history.kind, history.zone.name, history.minor, tuple(catalog), vocabularies)
    (folder / "asked.json").write_text(json.dumps(asdict(asked)), encoding="utf-8")
    return turning[0]


def read_asked(folder: Path) -> Asked:
    """What is asked of an exported folder."""
    told = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    features = [Feature(**{name: _tuples(value) for name, value in row.items()}) for row in told["features"]]
    return Asked(**(told | {"features": tuple(features)}))


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def _vocabulary(table: str, column: str) -> str:
    """Columns of one name share one set of words: a field, its changes, the keys of the streams by it."""
    if not table.startswith("words of "):
        return column
    if not column.startswith("w"):
        return f"{table} {column}"
    reference = table.removeprefix("words of ").split(" + ")[int(column[1:])]
    return reference.partition("|")[0].rpartition(".")[2]


def _tables(history: History, streams: Streams, rows: Rows) -> Iterator[tuple[str, Columns]]:
    yield "rows", {"id": np.arange(len(rows)), "record": rows.record, "as_of": rows.as_of}
    yield from _entity("own", history.own)
    for name, entity in history.linked.items():
        yield from _entity(name, entity, f"{name}_id")
    yield from _line("owner", "team", streams.teams.line, Words(_count(streams.teams.line), tuple(streams.teams.index)))
    for name, stream in (("activities", history.activities), ("plans", history.plans), ("moves", history.moves)):
        yield name, _own(stream)
    for name, keyed in streams.by_name.items():
        for by, index in keyed.index.items():
            yield f"{kind_of(name)[0]}.{by}", _keyed(by, index, keyed.stream)
    places = _keyed("stage", history.stages.index, history.stages.ranks)
    yield "stages", {**places, "time": _always(ints(places, "time"))}


def _own(stream: Stream) -> Columns:
    """A stream of the records themselves; `place` orders events of one instant."""
    return {"record": stream.keys(), "time": stream.time, "place": np.arange(len(stream.time)), **stream.columns}


def _count(line: Timeline) -> Codes:
    return np.arange(len(line.since), dtype=np.int32)


def _entity(name: str, entity: Entity, key: str = "") -> Iterator[tuple[str, Columns]]:
    """First values of every field, since when they are believed where that is not creation; and the changes."""
    created = entity.records.created
    table: Columns = {"record": np.arange(len(entity.ids)), "created": _always(created)}
    if key:
        table[key] = Words(np.arange(len(entity.ids), dtype=np.int32), entity.ids)
    for field, line in entity.fields.items():
        table[field] = line.first
        for what, instants in (("since", line.since), ("entered", line.entered), ("told", line.told)):
            if not np.array_equal(instants, created):
                table[f"{field}:{what}"] = instants if what == "entered" else _always(instants)
        if len(line.changes.time):
            yield f"{name}__{field}", _changes(field, line)
    yield name, table


def _always(since: Ints) -> Ints:
    """An unknown instant from which something is believed is before every other."""
    return np.where(since == MISSING, MISSING + 1, since)


def _line(name: str, field: str, line: Timeline, key: Words) -> Iterator[tuple[str, Columns]]:
    """One field of an entity of which nothing else is read."""
    yield (
        name,
        {"record": np.arange(len(key)), "owner_id": key, field: line.first, f"{field}:since": _always(line.since)},
    )
    if len(line.changes.time):
        yield f"{name}__{field}", _changes(field, line)


def _changes(field: str, line: Timeline) -> Columns:
    return {"record": line.changes.keys(), "time": line.changes.time, field: line.changes.columns["new"]}


def _keyed(by: str, index: Mapping[str, int], stream: Stream) -> Columns:
    """The events of a stream across records that belong to these words; a pair of words is in two columns."""
    first = min(index.values(), default=0)
    keys = stream.keys() - first
    kept = np.flatnonzero((keys >= 0) & (keys < len(index)))
    word = Words(keys[kept].astype(np.int32), tuple(index))
    rest = {name: take(column, kept) for name, column in {"time": stream.time, **stream.columns}.items()}
    if by != "stage":
        return {key_of(by): word, **rest}
    pairs = [name.split("|", 1) for name in index]
    process, stage = (Words.of([pair[place] for pair in pairs]).take(word.codes) for place in (0, 1))
    return {"process": process, "stage": stage, **rest}


def _turned(parts: Sequence[Column], column: str, reading: Sequence[Feature]) -> Columns:
    """What different words (or words together) of a column are turned into by the features that read it."""
    table: Columns = {f"w{place}": part for place, part in enumerate(parts)}
    told = list(zip(*(_texts(part) for part in parts), strict=True))
    for row in reading:
        if row.column == column and row.through:
            table[row.through] = Words.of([THROUGH[row.through](*words) for words in told])
        elif row.column == column:
            table[f"terms {row.bucket}"] = buckets([text for (text,) in told])[row.bucket, :-1]
    return table


def _different(values: Sequence[Column | None]) -> list[Column]:
    """The different combinations of some columns whose first is known, in columns again."""
    first = values[0]
    if first is None:
        return [Words.of([]) for _ in values]
    if not isinstance(first, Words):
        return [np.unique(first[~np.isnan(first)]).astype(np.float64)]
    columns = [value if isinstance(value, Words) else Words.of([None] * len(first)) for value in values]
    codes = np.unique(np.stack([column.codes for column in columns])[:, first.codes >= 0], axis=1)
    return [Words(code, column.words) for code, column in zip(codes, columns, strict=True)]


def _texts(column: Column) -> list[str]:
    return [word or "" for word in column.tolist()] if isinstance(column, Words) else [*map(repr, column.tolist())]


def _arrow(column: Column) -> pa.Array:
    """Missing is null."""
    if isinstance(column, Words):
        words = pa.array(column.words or ("",), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(column.codes, mask=column.codes < 0), words)
    if column.dtype.kind == "f":
        return pa.array(column, mask=np.isnan(column))
    return pa.array(column, mask=column == MISSING)
