"""Moves of a record: its stage, amount, expected close and owner changing, as one stream of events."""

import numpy as np

from features.columns import MISSING, Bools, Columns, Ints, Words
from features.entity import Entity
from features.stages import Stages
from features.stream import Stream
from features.timeline import Timeline

MOVING = ("stage", "status", "amount", "expected_close", "owner_id")


def moves(own: Entity, stages: Stages) -> Stream:
    """Columns `field`, `way` (words `up`, `down`, `skip`; missing where the two values cannot be compared) and `by`
    (int64: minor units, microseconds or, for a stage, places among the stages active then; 0 where not comparable)."""
    keys, times, fields, ways, sizes = [], [], [], [], []
    for field in MOVING:
        if field in own.fields:
            line = own.fields[field]
            key = line.changes.keys()
            by, comparable = _by(own, stages, field, line, key)
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


def _by(own: Entity, stages: Stages, field: str, line: Timeline, key: Ints) -> tuple[Ints, Bools]:
    """How far each change moved the value, and whether the two values can be compared."""
    before, after = line.changes.columns["old"], line.changes.columns["new"]
    if isinstance(before, Words):
        if field != "stage":
            return np.zeros(len(key), np.int64), np.zeros(len(key), bool)
        assert isinstance(after, Words)
        process = own.fields["process"].at(key, line.changes.time)
        assert isinstance(process, Words)
        # a stage introduced, or given up, at the very instant of the move counts as such
        old, new = (stages.places(process, stage, line.changes.time + 1) for stage in (before, after))
        comparable = np.isfinite(old) & np.isfinite(new)
        return np.where(comparable, new - old, 0).astype(np.int64), comparable
    assert not isinstance(after, Words)
    comparable = (before != MISSING) & (after != MISSING)
    return np.where(comparable, after - before, 0).astype(np.int64), comparable
