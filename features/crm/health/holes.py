"""Change rows that must have been, and are not in the log."""

from collections.abc import Iterator

import numpy as np

from features.columns import Bools, Ints, one_vocabulary
from features.crm.health.check import Check, Found
from features.crm.health.outcomes import stage_kinds
from features.crm.health.people import met
from features.crm.health.snapshot import DAY, Snapshot, is_word
from features.crm.vocabulary import closing_kind
from features.timeline import NEVER_KNOWN, kept_since


def _moves(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """The changes of stage, and the deal (its position) that each is of; those of no deal of ours are left out."""
    field, entity = snapshot.words("changes", "field"), snapshot.words("changes", "entity")
    rows = np.flatnonzero(is_word(field, "stage") & is_word(entity, "opportunity"))
    deal = snapshot.places(snapshot.words("changes", "entity_id").take(rows), "opportunities")
    return rows[deal >= 0], deal[deal >= 0]


def _kept_from(snapshot: Snapshot, rows: Ints, deal: Ints) -> Ints:
    """From when each deal's source keeps the history of stages; NEVER_KNOWN where it does not."""
    source = snapshot.words("opportunities", "crm").codes + 1
    count = int(source.max(initial=0)) + 1
    first_row, first_deal = np.full(count, NEVER_KNOWN), np.full(count, NEVER_KNOWN)
    own = snapshot.ints("changes", "seen")[rows] <= 0
    known = np.maximum(snapshot.ints("changes", "occurred_at"), snapshot.ints("changes", "recorded_at"))[rows]
    np.minimum.at(first_row, source[deal[own]], known[own])
    np.minimum.at(first_deal, source, snapshot.ints("opportunities", "created_at"))
    pairs = zip(first_row.tolist(), first_deal.tolist(), strict=True)
    return np.array([kept_since(row, record).since for row, record in pairs], np.int64)[source]


def _closing(snapshot: Snapshot) -> Bools:
    """The deals in a stage that closes, by its kind, or by its name where no kind is listed."""
    kind, stage = stage_kinds(snapshot), snapshot.words("opportunities", "stage")
    named = met(stage, lambda word: closing_kind(word) is not None)
    return np.asarray(np.where(kind.codes < 0, named, is_word(kind, "won") | is_word(kind, "lost")), bool)


def _closed_without_move(snapshot: Snapshot) -> Iterator[Found]:
    """Deals as old as the history of stages or younger, closed a day or more after creation, that no row closes."""
    rows, deal = _moves(snapshot)
    now, new = one_vocabulary(snapshot.words("opportunities", "stage"), snapshot.words("changes", "new").take(rows))
    led = np.zeros(len(now), bool)
    led[deal[new.codes == now.codes[deal]]] = True
    created, closed = (snapshot.ints("opportunities", name) for name in ("created_at", "closed_at"))
    judged = _closing(snapshot) & (closed >= created + DAY) & (created >= _kept_from(snapshot, rows, deal))
    yield snapshot.found("opportunities", judged & ~led, judged)


CHECKS = (
    Check(
        "closed_without_move", "wrong", ("changes", "opportunities", "stages"), _closed_without_move,
        ("closed, and no change row leads to their stage, though their source keeps its history: the log has holes",
         "close{s} sans qu'un changement mène à leur étape, bien que la source garde l'historique : il a des trous"),
        ("Export all change rows, those of automations and mass updates too: a stage without one passes for the first.",
         "Exportez tous les changements, même ceux des automates ou en masse : sinon la fin passe pour le début."),
    ),
)  # fmt: skip
