"""Proof that the engine agrees with the SQL oracle: every row of the catalogue, exactly."""

from collections.abc import Iterator

from features.catalog import catalog_for
from features.crm.store import Store
from features.history import load_history
from features.streams import load_streams
from tests.asking import KINDS, SETTINGS, Asked, ask, differences, some_rows
from tests.crm_folder import Crm, instants, rows_in, seeded, store_of
from tests.oracles import Oracle
from tests.proofs.proof import SHOWN, Verdict
from tests.proofs.sources import FEWEST, imported, loans, no_loans, random_crm, world

MANY = 100
"""From so many random CRMs up, parts of folders are asked too."""
RECORDS = 60
"""Records of a folder that are asked, at three instants each."""


def parts(size: int, seed: int) -> Iterator[Verdict]:
    """`size` random CRMs; where they are many, a small world and some of the loans too."""
    for number in range(size):
        crm = random_crm(seed * 1_000_000 + number)
        yield from _agreed(store_of(crm), crm, instants(crm), None, seed)
    if size >= MANY:
        with world(FEWEST, seed) as folder:
            store = imported(folder)
        yield from _agreed(store, rows_in(store), [], RECORDS, seed)
    if size >= MANY and not no_loans():
        with loans(FEWEST) as folder:
            store = imported(folder)
        yield from _agreed(store, rows_in(store), [], RECORDS, seed)


def _agreed(store: Store, crm: Crm, at: list[int], records: int | None, seed: int) -> Iterator[Verdict]:
    """Each record at its creation and some instants `at`; if `records`, so many of them at instants of their own."""
    oracle, streams = Oracle(crm), load_streams(store, SETTINGS)
    for kind in KINDS:
        history = load_history(store, SETTINGS, kind, starts=streams.starts)
        if not history.ids:
            continue
        asked = some_rows(history, at, 3) if records is None else _asked(crm, kind, records, seed)
        rows = list(catalog_for(history))
        for start in range(0, len(asked), 50):
            part = asked[start : start + 50]
            told = [{row.name: oracle.ask(kind, row, record, at) for row in rows} for record, at in part]
            found = differences(ask(history, streams, part), told, part)
            yield Verdict(len(part) * len(rows), len(found), tuple(found[:SHOWN]))


def _asked(crm: Crm, kind: str, records: int, seed: int) -> list[Asked]:
    """Records of a store, each at its creation and at two instants of its own changes."""
    random, key = seeded(seed), {"leads": "lead", "opportunities": "opportunity"}[kind]
    changed: dict[str, list[int]] = {}
    for row in crm["changes"]:
        changed.setdefault(row["entity_id"], []).append(row["occurred_at"])
    asked: list[Asked] = []
    for row in random.sample(crm[kind], min(records, len(crm[kind]))):
        name, created = row[f"{key}_id"], row["created_at"]
        later = [at for at in changed.get(name, []) if at >= created]
        asked += [(name, at) for at in (created, *random.sample(later, min(2, len(later))))]
    return asked
