"""A CRM history in memory, ready to be asked what was known at any instant: one kind's records with all that is theirs.

`load_history` reads every record of a kind, or only some ids: the engine gives the same answers either way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from features import activities as acts
from features import conversions as leads
from features import outcomes as ends
from features.calendar import Zone
from features.changes import Changes
from features.columns import MISSING, Columns, Ints, Tables, Words, concatenate, ints, words
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.values import exponent_of
from features.crowds import Crowd, Crowds, load_crowds
from features.entity import Entity, Reader, Starts, load_starts
from features.moves import moves
from features.outcomes import Outcomes
from features.settings import Settings
from features.stages import Stages, begin_open
from features.stream import Stream, empty, take
from features.timeline import Timeline, told_at

Kind = Literal["leads", "opportunities"]

TARGETS: dict[Kind, str] = {"leads": "converted", "opportunities": "won"}
"""The target of each kind unless another is asked for."""


LINKS = {"account_id": "accounts", "contact_id": "contacts", "lead_id": "leads", "opportunity_id": "opportunities"}
"""What names a record of which table."""


@dataclass(frozen=True, slots=True)
class History:
    """One kind's records with their own events. Positions in `ids` are what `Rows.record` and every stream key mean."""

    kind: Kind
    zone: Zone
    own: Entity
    linked: dict[str, Entity]
    """The records' accounts and contacts, as `account` and `contact`."""
    activities: Stream
    plans: Stream
    moves: Stream
    outcomes: dict[str, Outcomes]
    stages: Stages
    """The stages of each process and their places in it."""
    currency: str = "EUR"
    """The reporting currency."""
    words: tuple[tuple[str, int], ...] = ()
    """The CRM's own words for what became of an activity, and when each came up (of `Starts`)."""
    tables: Tables = field(default_factory=Tables, repr=False, compare=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The records' ids, in order."""
        return self.own.ids

    @property
    def created(self) -> Ints:
        """When each record was created."""
        return self.own.records.created

    @property
    def minor(self) -> int:
        """Minor units in a whole unit of the reporting currency."""
        return int(10 ** exponent_of(self.currency))

    def rows_of(self, ids: Sequence[str]) -> Ints:
        """Positions of these ids; -1 for one that is not there."""
        index = self.own.index
        return np.fromiter((index.get(name, -1) for name in ids), np.int64, len(ids))


def load_history(
    store: Store,
    settings: Settings,
    kind: Kind,
    ids: Sequence[str] | None = None,
    *,
    starts: Starts | None = None,
    crowds: Crowds | None = None,
    activities: bool = True,
) -> History:
    """Read one kind's history: all of it, or these `ids` with everything that bears on them.

    `starts` (from `load_starts`) and `crowds` (from `load_crowds`, of use for some ids only) may be kept between calls;
    without them, they are read from the store.
    """
    starts = load_starts(store) if starts is None else starts
    reader = Reader(store, settings, starts, some=ids is not None)
    table = reader.table(kind, ids)
    changes = reader.changes(kind, _index(table, TABLES[kind].key[0]))
    outcomes = _outcomes(reader, kind, table, changes)
    main = next(iter(outcomes.values()))
    own, listed = reader.entity(kind, table, changes, main.ended(ints(table, "first_seen") + 1)), store.read("stages")
    if kind == "opportunities":
        begin_open(own.fields, listed, own.records.created)
    linked = {name: _linked(reader, own, name, main) for name in ("account", "contact")}
    made = {link: _made_after(reader, own, linked, link) for link in LINKS if link in own.fields}
    streams = _activities(reader, kind, own, made, crowds) if activities else (empty(len(own.ids)), empty(len(own.ids)))
    own.fields.update({link: told_at(own.fields[link], later) for link, later in made.items()})
    stages = Stages.of(listed)
    moved = moves(own, stages)
    return History(
        kind, Zone(settings.timezone), own, linked, *streams, moved, outcomes, stages, currency=settings.currency,
        words=starts.words,
    )  # fmt: skip


def _index(table: Columns, key: str) -> dict[str, int]:
    return {word: position for position, word in enumerate(words(table, key).tolist()) if word}


def _linked(reader: Reader, own: Entity, name: str, outcomes: Outcomes) -> Entity:
    """The accounts or contacts of the records, with their own timelines."""
    link, plural = own.fields[f"{name}_id"], f"{name}s"
    assert isinstance(link.first, Words)
    table = reader.table(plural, link.first.words)
    index = _index(table, f"{name}_id")
    linked = reader.entity(plural, table, reader.changes(plural, index), np.zeros(len(index), bool))
    if "converted_at" in own.table:
        own.fields[f"{name}_id"] = _set_before_conversion(link, own, linked, outcomes)
    return linked


def _set_before_conversion(link: Timeline, own: Entity, linked: Entity, outcomes: Outcomes) -> Timeline:
    """A lead's account or contact counts if older than the lead or linked before conversion, which makes one."""
    assert isinstance(link.first, Words)
    position = link.first.recode(linked.index)
    created = np.append(linked.records.created, MISSING)[position]
    older = (created != MISSING) & (created <= own.records.created)
    first = Words(np.where(older, link.first.codes, np.int32(-1)), link.first.words)
    record = link.changes.keys()
    kept = np.flatnonzero(link.changes.time < outcomes.first_reached()[record])
    columns = {name: take(column, kept) for name, column in link.changes.columns.items()}
    changes = Stream.of(record[kept], link.changes.time[kept], columns, keys=len(own.ids))
    return Timeline(first, link.since, link.entered, link.told, changes)


def _made_after(reader: Reader, own: Entity, linked: dict[str, Entity], link: str) -> Ints:
    """When what each record names from the first was created, where that is later than the record; else MISSING."""
    named, theirs = own.fields[link].first, linked.get(link.removesuffix("_id"))
    assert isinstance(named, Words)
    if theirs is None:
        born = _born(reader, link, named)
    else:
        born = np.append(theirs.records.created, MISSING)[named.recode(theirs.index)]
    return np.where(born > own.records.created, born, MISSING)


def _activities(
    reader: Reader, kind: Kind, own: Entity, made: dict[str, Ints], crowds: Crowds | None
) -> tuple[Stream, Stream]:
    names = _activity_links(kind, own)
    table = _some_activities(reader.store, names) if reader.some else reader.store.read("activities")
    known, always = acts.known_at(table), np.full(len(own.ids), MISSING)
    born = {name: _born(reader, name, words(table, name)) for name in names}
    if crowds is None or not reader.some:
        crowds = load_crowds(reader.store) if reader.some and own.ids else {}
    # where nobody knows when what an activity names was created, it was there
    links = [
        acts.Link(
            words(table, name), records, born[name] <= known, made.get(name, always),
            *_spans(own, records, crowds.get((kind, name))),
        )
        for name, records in names.items()
    ]  # fmt: skip
    pairs = acts.belonging(links, known)
    n = len(own.ids)
    return acts.happened(table, pairs, born["contact_id"], records=n), acts.plans(table, pairs, records=n)


def _spans(own: Entity, named: Words, crowd: Crowd | None) -> tuple[Ints, Ints]:
    """`acts.spans` of the records; of some only, by the crowds that they are part of."""
    if crowd is None:
        return acts.spans(named, own.records.created)
    asked = zip(named.tolist(), own.ids, own.records.created.tolist(), strict=True)
    begin, until = np.array([crowd.span(name or "", *record) for name, *record in asked], np.int64).reshape(-1, 2).T
    return begin, until


def _born(reader: Reader, link: str, named: Words) -> Ints:
    """When what each row names was created; MISSING where it names nothing, or nobody knows."""
    where = {link: list(named.words)} if reader.some else None
    table = reader.store.read(LINKS[link], [link, "created_at"], where=where)
    created = dict(zip(words(table, link).tolist(), ints(table, "created_at").tolist(), strict=True))
    return np.array([*(created.get(word, MISSING) for word in named.words), MISSING], np.int64)[named.codes]


def _activity_links(kind: Kind, own: Entity) -> dict[str, Words]:
    """Which column of an activity names which id of the records, in the order in which they are tried."""
    nothing = Words.of([None] * len(own.ids))
    person = own.fields["contact_id"].first
    assert isinstance(person, Words)
    if kind == "leads":
        return {"lead_id": Words.of(own.ids), "opportunity_id": nothing, "contact_id": person}
    lead = own.fields["lead_id"].first
    assert isinstance(lead, Words)
    return {"opportunity_id": Words.of(own.ids), "lead_id": lead, "contact_id": person}


def _some_activities(store: Store, links: dict[str, Words]) -> Columns:
    """The activities that name any of these ids, each once, in order of activity id."""
    parts = [store.read("activities", where={name: list(link.words)}) for name, link in links.items()]
    ids = [name for part in parts for name in words(part, "activity_id").tolist()]
    _, chosen = np.unique(np.array(ids, object), return_index=True)
    return {name: take(concatenate([part[name] for part in parts]), chosen) for name in parts[0]}


def _outcomes(reader: Reader, kind: Kind, table: Columns, changes: Changes) -> dict[str, Outcomes]:
    if kind == "opportunities":
        return {"won": ends.of_opportunities(table, changes)}
    index = _index(table, "lead_id")
    deals = reader.deals_of(list(index))
    of_deal = reader.changes("opportunities", _index(deals, "opportunity_id"))
    spans = leads.named(deals, of_deal, index)
    return {
        "converted": leads.of_leads(table, changes, spans),
        "won": leads.of_leads_won(table, changes, ends.of_opportunities(deals, of_deal), spans),
    }
