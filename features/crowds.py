"""Who is named by more records than an activity goes to: what a few records cannot tell of those beside them."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from features import activities
from features.changes import Changes
from features.columns import MISSING, Columns, Ints, Words, ints, one_vocabulary, words
from features.crm.schema import TABLES
from features.crm.store import Store
from features.stream import Stream
from features.timeline import FieldChanges, Records, timeline

LINKS = (("leads", "contact_id"), ("opportunities", "lead_id"), ("opportunities", "contact_id"))
"""The links by which many records of a kind may share one's activities."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Records by what they named from the first, where more than `activities.NEAREST` of them name the same.

    `index` gives each such name its key in `records`: events at the creation of each record, with its `id`.
    """

    index: dict[str, int]
    records: Stream

    def span(self, name: str, record: str, created: int) -> tuple[int, int]:
        """`activities.spans` of one record, which may be newer than what is held here."""
        key, most = self.index.get(name), activities.NEAREST
        if key is None:
            return MISSING, activities.NEVER
        start, end = self.records.start[key : key + 2].tolist()
        times, ids = self.records.time[start:end], words(self.records.columns, "id")
        low, high = (int(times.searchsorted(created, side)) for side in ("left", "right"))
        tied = [name or "" for name in ids.take(np.arange(start + low, start + high)).tolist()]
        place = low + bisect_left(tied, record)
        before, after = place - most, place + most - (record not in tied)
        return (
            times.item(before) if before >= 0 else MISSING,
            times.item(after) if after < len(times) else activities.NEVER,
        )


Crowds: TypeAlias = Mapping[tuple[str, str], Crowd]
"""By kind of records and link."""


def load_crowds(store: Store) -> Crowds:
    """The crowds of the whole store, by every link of `LINKS`; they may be kept between calls of `load_history`."""
    return {(kind, link): _crowd(store, kind, link) for kind, link in LINKS}


def _crowd(store: Store, kind: str, link: str) -> Crowd:
    key = TABLES[kind].key[0]
    table = store.read(kind, [key, link, "created_at", "first_seen", "crm"])
    created, named = ints(table, "created_at"), _crowded(_first(store, kind, link, table))
    if kind == "leads":
        named = _crowded(_older(store, named, created))
    rows = np.flatnonzero(named.codes >= 0)
    ids = words(table, key).take(rows).used()
    records = Stream.of(named.codes[rows].astype(np.int64), created[rows], {"id": ids}, keys=len(named.words))
    return Crowd({name: code for code, name in enumerate(named.words)}, records)


def _first(store: Store, kind: str, link: str, table: Columns) -> Words:
    """What each record named from the first, whatever it names now."""
    entity, created = TABLES[kind].entity, ints(table, "created_at")
    index = {name: row for row, name in enumerate(words(table, TABLES[kind].key[0]).tolist()) if name}
    rows = Changes.of_table(store.read("changes", where={"entity": [entity], "field": [link]}), index).of(link)
    current, old, new = one_vocabulary(words(table, link), rows.old, rows.new)
    records = Records(created, ints(table, "first_seen"), np.zeros(len(created), bool), words(table, "crm"))
    changes = FieldChanges(rows.record, rows.occurred, rows.known, old, new)
    first = timeline(current, records, changes, field=link, overwritten=False, kept={}).first
    assert isinstance(first, Words)
    return first


def _older(store: Store, named: Words, created: Ints) -> Words:
    """A lead's contact counts if older than the lead: a conversion makes one."""
    table = store.read("contacts", ["contact_id", "created_at"], {"contact_id": named.words})
    born = dict(zip(words(table, "contact_id").tolist(), ints(table, "created_at").tolist(), strict=True))
    of = np.array([*(born.get(name, MISSING) for name in named.words), MISSING], np.int64)[named.codes]
    return Words(np.where((of != MISSING) & (of <= created), named.codes, np.int32(-1)), named.words)


def _crowded(named: Words) -> Words:
    """The same column, without what too few rows name to matter."""
    count = np.bincount(named.codes[named.codes >= 0], minlength=len(named.words))
    crowded = np.append(count > activities.NEAREST, False)[named.codes]
    return Words(np.where(crowded, named.codes, np.int32(-1)), named.words).used()
