"""Proof that a million rows or one give the same bits."""

from collections.abc import Iterator, Sequence

import numpy as np

from features.crm.store import Store
from features.history import Kind, load_history
from tests.asking import KINDS, SETTINGS, Asked, some_rows
from tests.crm_folder import instants, seeded, store_of
from tests.proofs.comparing import Side, compare, matrix, until
from tests.proofs.proof import Verdict
from tests.proofs.sources import imported, loans, no_loans, random_crm, world

ALONE = 400
"""Records of a folder asked one by one."""
MANY = 100
"""From so many random CRMs up, folders are asked too."""


def parts(size: int, seed: int) -> Iterator[Verdict]:
    """`size` random CRMs, every record alone; where they are many, some records of a world and of the loans too."""
    for number in range(size):
        crm = random_crm(seed * 1_000_000 + number)
        store = store_of(crm)
        side = Side(store)
        for kind in KINDS:
            history = side.histories[kind]
            yield from _alone(store, side, kind, some_rows(history, instants(crm), 3), history.ids)
    if size >= MANY:
        with world(3_000, seed) as folder:
            yield from _some(imported(folder), seed)
    if size >= MANY and not no_loans():
        with loans() as folder:
            yield from _some(imported(folder), seed)


def _some(store: Store, seed: int) -> Iterator[Verdict]:
    """A folder's records asked all together at its end and before, some of them alone."""
    side, random = Side(store), seeded(seed)
    for kind in KINDS:
        history = side.histories[kind]
        if history.ids:
            asked = until(side, kind, int(history.created.max()) + 1, random, earlier=2)
            yield from _alone(store, side, kind, asked, random.sample(history.ids, min(ALONE, len(history.ids))))


def _alone(store: Store, side: Side, kind: Kind, asked: Sequence[Asked], records: Sequence[str]) -> Iterator[Verdict]:
    """All rows together, against the rows of each of these records one by one from a history of that record only."""
    together = side.matrix(kind, asked)
    rows: dict[str, list[int]] = {record: [] for record in records}
    for row, (record, _) in enumerate(asked):
        if record in rows:
            rows[record].append(row)
    for record, mine in rows.items():
        alone, verdict = load_history(store, SETTINGS, kind, [record], starts=side.streams.starts), Verdict(0, 0)
        for row in mine:
            one = matrix(alone, side.streams, [asked[row]])
            verdict += compare(one, together.take(np.array([row])), [asked[row]])
        yield verdict
