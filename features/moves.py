"""Moves of a record: its stage, amount, expected close and owner changing, as one stream of events."""

import numpy as np

from features.columns import MISSING, Bools, Columns, Floats, Ints, Words
from features.entity import Entity
from features.stream import Stream
from features.timeline import Timeline

MOVING = ("stage", "status", "amount", "expected_close", "owner_id")


def moves(own: Entity, positions: dict[str, float]) -> Stream:
    """Columns `field`, `way` (words `up`, `down`, `skip`; missing where the two values cannot be compared) and `by`
    (int64: minor units, microseconds or, for a stage, places; 0 where not comparable)."""
    keys, times, fields, ways, sizes = [], [], [], [], []
    for field in MOVING:
        if field in own.fields:
            line = own.fields[field]
            key = line.changes.keys()
            by, comparable = _by(own, positions, field, line, key)
            keys.append(key)
            times.append(line.changes.time)
            fields.append(np.full(len(key), MOVING.index(field), np.int32))
            skip = (by > 1) if field == "stage" else np.zeros(len(by), bool)
            way = np.select([~comparable, skip, by > 0, by < 0], [-1, 2, 0, 1], -1)
            ways.append(way.astype(np.int32))
            sizes.append(np.where(comparable, by, 0))
    columns: Columns = {
        "field": Words(np.concatenate(fields), MOVING), "way": Words(np.concatenate(ways), ("up", "down", "skip")),
        "by": np.concatenate(sizes),
    }  # fmt: skip
    return Stream.of(np.concatenate(keys), np.concatenate(times), columns, keys=len(own.ids))


def _by(own: Entity, positions: dict[str, float], field: str, line: Timeline, key: Ints) -> tuple[Ints, Bools]:
    """How far each change moved the value, and whether the two values can be compared."""
    before, after = line.changes.columns["old"], line.changes.columns["new"]
    if isinstance(before, Words):
        if field != "stage":
            return np.zeros(len(key), np.int64), np.zeros(len(key), bool)
        assert isinstance(after, Words)
        process = own.fields["process"].at(key, line.changes.time)
        assert isinstance(process, Words)
        old, new = places(positions, process, before), places(positions, process, after)
        comparable = np.isfinite(old) & np.isfinite(new)
        return np.where(comparable, new - old, 0).astype(np.int64), comparable
    assert not isinstance(after, Words)
    comparable = (before != MISSING) & (after != MISSING)
    return np.where(comparable, after - before, 0).astype(np.int64), comparable


def places(positions: dict[str, float], process: Words, stage: Words) -> Floats:
    """Rank of each row's stage in its process; NaN where the process has no such stage, or either is missing."""
    table = np.full((len(process.words) + 1, len(stage.words) + 1), np.nan)
    for i, p in enumerate(process.words):
        for j, s in enumerate(stage.words):
            table[i, j] = positions.get(f"{p}|{s}", np.nan)
    return table[process.codes, stage.codes]
