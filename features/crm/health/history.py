"""The history of changes: chains that break, or start late, or say otherwise than the record; mass updates."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Ints, Words, one_vocabulary
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.links import ENTITIES
from features.crm.health.snapshot import DAY, Snapshot, is_word
from features.crm.health.statistics import ALARM

AT_ONCE = 50
LATE = 30 * DAY
WORDED = ("stage", "status", "owner_id", "outcome", "source", "process")
"""Fields whose change rows read exactly as the record does."""
AFTER_CLOSE = ("amount", "recurring_amount", "owner_id", "stage", "expected_close", "own_probability")


def _own(snapshot: Snapshot) -> Bools:
    """The changes of the CRM's own; the others we wrote ourselves."""
    return snapshot.ints("changes", "seen") <= 0


def _broken(snapshot: Snapshot) -> Iterator[Found]:
    """Changes whose `old` is not what the change before left; changes of one instant have no order to judge."""
    entity, record, field = (snapshot.words("changes", name).codes for name in ("entity", "entity_id", "field"))
    when = snapshot.ints("changes", "occurred_at")
    line = grouped(entity, record, field).code
    order = np.lexsort((when, line))
    old, new = one_vocabulary(snapshot.words("changes", "old"), snapshot.words("changes", "new"))
    line, at = line[order], when[order]
    follows = (line[1:] == line[:-1]) & (line[1:] >= 0)
    tied = np.append(follows & (at[1:] == at[:-1]), False)
    tied |= np.roll(tied, 1)
    judged = follows & ~tied[1:] & ~tied[:-1]
    rows = np.zeros(len(line), bool)
    rows[order[1:]] = judged & (old.codes[order[1:]] != new.codes[order[:-1]])
    yield snapshot.found("changes", rows, int(judged.sum()))


def _last_moves(snapshot: Snapshot, table: str, field: str) -> tuple[Ints, Words]:
    """The records of a table that have changes of a field, and the last value these give."""
    entity, name = snapshot.words("changes", "entity"), snapshot.words("changes", "field")
    word = next(key for key, value in ENTITIES.items() if value == table)
    rows = np.flatnonzero(is_word(name, field) & is_word(entity, word))
    place = snapshot.places(snapshot.words("changes", "entity_id").take(rows), table)
    rows, place = rows[place >= 0], place[place >= 0]
    when = snapshot.ints("changes", "occurred_at")[rows]
    order = np.lexsort((when, place))
    rows, place, when = rows[order], place[order], when[order]
    last = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, bool)
    alone = last & ~np.append(False, (place[1:] == place[:-1]) & (when[1:] == when[:-1]))[: len(last)]
    return place[alone], snapshot.words("changes", "new").take(rows[alone])


def _otherwise(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("leads", "opportunities"):
        for field in WORDED:
            if field in snapshot.table(table):
                place, told = _last_moves(snapshot, table, field)
                now, told = one_vocabulary(snapshot.words(table, field), told)
                rows = np.zeros(len(now), bool)
                rows[place] = now.codes[place] != told.codes
                yield snapshot.found(table, rows, len(place), column=field)


def _starts_late(snapshot: Snapshot) -> Iterator[Found]:
    """Fields whose first change comes over two months after the first record, though changes are frequent since."""
    entity, field, own = snapshot.words("changes", "entity"), snapshot.words("changes", "field"), _own(snapshot)
    when = snapshot.ints("changes", "occurred_at")
    for name in ("lead", "opportunity"):
        created = snapshot.ints(ENTITIES[name], "created_at")
        for column in ("stage", "status", "amount", "owner_id", "expected_close"):
            at = when[own & is_word(entity, name) & is_word(field, column)]
            if len(at) and len(created) and _late(at, int(created.min()), snapshot.until):
                day = snapshot.day_name(int(at.min()))
                yield snapshot.found(ENTITIES[name], created < at.min(), column=column, day=day)


def _late(at: Ints, start: int, end: int) -> bool:
    """Whether changes begin so long after `start` that days with changes, spread at random until `end`, never would."""
    quiet, days = int(at.min()) - start, len(np.unique(at // DAY))  # many changes of one day are often one event
    return quiet > 2 * LATE and (1 - quiet / max(end - start, quiet)) ** days < ALARM


def _no_history(snapshot: Snapshot) -> Iterator[Found]:
    """Stages that move, in a source that keeps no change of them."""
    field, entity = snapshot.words("changes", "field"), snapshot.words("changes", "entity")
    own = _own(snapshot)
    for table, name, column in (("leads", "lead", "status"), ("opportunities", "opportunity", "stage")):
        filled = snapshot.words(table, column).codes
        kept = (own & is_word(field, column) & is_word(entity, name)).any()
        if len(np.unique(filled[filled >= 0])) > 1 and not kept:
            yield snapshot.found(table, filled >= 0, column=column)


def _before_creation(snapshot: Snapshot) -> Iterator[Found]:
    """Changes a day and more before their record was created."""
    entity, ids, when = (snapshot.words("changes", name) for name in ("entity", "entity_id", "field"))
    when_at = snapshot.ints("changes", "occurred_at")
    rows = np.zeros(len(ids), bool)
    for name in ("lead", "opportunity"):
        mine = np.flatnonzero(is_word(entity, name))
        place = snapshot.places(ids.take(mine), ENTITIES[name])
        created = np.append(snapshot.ints(ENTITIES[name], "created_at"), MISSING)[place]
        rows[mine] = (created != MISSING) & (when_at[mine] < created - DAY)
    yield snapshot.found("changes", rows, len(when))


def _after_close(snapshot: Snapshot) -> Iterator[Found]:
    """Deals a field of which changed more than a day after they closed for good."""
    entity, field, when = (
        snapshot.words("changes", "entity"),
        snapshot.words("changes", "field"),
        snapshot.ints("changes", "occurred_at"),
    )
    deals = np.flatnonzero(is_word(entity, "opportunity") & _own(snapshot))
    place = snapshot.places(snapshot.words("changes", "entity_id").take(deals), "opportunities")
    closed = np.append(snapshot.ints("opportunities", "closed_at"), MISSING)[place]
    created = np.append(snapshot.ints("opportunities", "created_at"), MISSING)[place]
    late = deals[(closed != MISSING) & (closed >= created) & (when[deals] > closed + DAY)]
    ended = snapshot.ints("opportunities", "closed_at") != MISSING
    for column in AFTER_CLOSE:
        moved = late[is_word(field.take(late), column)]
        rows = np.zeros(len(ended), bool)
        rows[snapshot.places(snapshot.words("changes", "entity_id").take(moved), "opportunities")] = True
        yield snapshot.found("opportunities", rows, ended, column=column)


def _flips(snapshot: Snapshot, back: bool) -> Iterator[Found]:
    """Deals whose outcome went from one end to the other, or (`back`) open again."""
    entity, field = snapshot.words("changes", "entity"), snapshot.words("changes", "field")
    rows = np.flatnonzero(is_word(entity, "opportunity") & is_word(field, "outcome"))
    old, new = (snapshot.words("changes", name).take(rows) for name in ("old", "new"))
    ended = is_word(old, "won") | is_word(old, "lost")
    again = ended & (new.codes < 0)
    other = (is_word(old, "won") & is_word(new, "lost")) | (is_word(old, "lost") & is_word(new, "won"))
    place = snapshot.places(snapshot.words("changes", "entity_id").take(rows), "opportunities")
    found = np.zeros(snapshot.count("opportunities"), bool)
    found[place[(again if back else other) & (place >= 0)]] = True
    yield snapshot.found("opportunities", found)


def _flipped(snapshot: Snapshot) -> Iterator[Found]:
    yield from _flips(snapshot, back=False)


def _reopened(snapshot: Snapshot) -> Iterator[Found]:
    yield from _flips(snapshot, back=True)


def _mass_update(snapshot: Snapshot) -> Iterator[Found]:
    """One field of at least AT_ONCE records changed to one value in one second."""
    entity, field, new = (snapshot.words("changes", name).codes for name in ("entity", "field", "new"))
    second = snapshot.ints("changes", "occurred_at") // 1_000_000
    groups = grouped(np.where(_own(snapshot), second, -1), entity, field, new + 1)
    yield snapshot.found("changes", groups.sizes >= AT_ONCE, most=int(groups.size.max(initial=0)))


def _backdated(snapshot: Snapshot) -> Iterator[Found]:
    when, recorded = (snapshot.ints("changes", name) for name in ("occurred_at", "recorded_at"))
    told = (recorded != MISSING) & _own(snapshot)
    rows = told & (recorded > when + LATE)
    if rows.sum() > 0.05 * told.sum():
        yield snapshot.found("changes", rows, told)


_CHANGES = ("changes", "leads", "opportunities")

CHECKS = (
    Check(
        "broken_history", "wrong", ("changes",), _broken,
        ("do not begin with the value the change before left: rows are missing or out of order",
         "valeur de départ autre que celle du changement précédent : il manque des lignes, ou l'ordre est faux"),
        ("Export the whole history of the field, with the time of each change to the second.",
         "Exportez tout l'historique du champ, avec l'heure de chaque changement à la seconde."),
    ),
    Check(
        "record_says_otherwise", "suspect", _CHANGES, _otherwise,
        ("their {column} reads otherwise than its last change says",
         "le champ {column} ne dit pas ce que dit son dernier changement"),
        ("Export records and changes at the same time, and all of the changes.",
         "Exportez enregistrements et changements au même moment, et tous les changements."),
    ),
    Check(
        "history_starts_late", "worth knowing", _CHANGES, _starts_late,
        ("older than the history of {column}, which starts on {day}: their past values are unknown",
         "plus ancienne{s} que l'historique de {column}, commencé le {day} : valeurs passées inconnues"),
        ("Nothing to do, it heals with time; an audit table of the CRM may reach further back.",
         "Rien à faire, le temps y pourvoit ; une table d'audit du CRM remonte peut-être plus loin."),
        "uniform: days with changes fall anywhere in the span of the records; false alarms at most 1 in 1,000 a field",
    ),
    Check(
        "no_history", "worth knowing", _CHANGES, _no_history,
        ("whose {column} comes without history: what it was before closing cannot be learned",
         "dont {column} est sans historique : ce qu'il fut avant la clôture ne s'apprend pas"),
        ("Export the CRM's history of the field as changes.csv, or let every import from now on record it.",
         "Exportez l'historique du champ dans changes.csv, ou laissez les imports l'enregistrer désormais."),
    ),
    Check(
        "changed_before_creation", "suspect", _CHANGES, _before_creation,
        ("a day and more before their record was created", "un jour ou plus avant la création de l'enregistrement"),
        ("Migrated records: export the first system's creation date.",
         "Enregistrements migrés : exportez la date de création du premier système."),
    ),
    Check(
        "changed_after_close", "suspect", ("changes", "opportunities"), _after_close,
        ("their {column} was changed more than a day after closing",
         "le champ {column} a été modifié plus d'un jour après la clôture"),
        ("Freeze closed deals in the CRM; we learn from what the field read before closing.",
         "Figez les affaires closes dans le CRM ; nous apprenons de ce que disait le champ avant la clôture."),
    ),
    Check(
        "outcome_flips", "suspect", ("changes", "opportunities"), _flipped,
        ("went from won to lost, or from lost to won", "passée{s} de gagnée à perdue, ou l'inverse"),
        ("Look at the three: an order cancelled later is better a record of its own than a lost deal.",
         "Regardez les trois : une commande annulée après coup vaut mieux qu'une affaire passée à perdue."),
    ),
    Check(
        "reopened", "worth knowing", ("changes", "opportunities"), _reopened,
        ("were closed and opened again", "close{s} puis rouverte{s}"),
        ("Nothing to do: each counts as open from that change on.",
         "Rien à faire : chacune compte comme ouverte depuis ce changement."),
    ),
    Check(
        "mass_updates", "worth knowing", ("changes",), _mass_update,
        ("made in one second on fifty records and more (up to {most}): a program, not people at work",
         "faits à la même seconde sur cinquante enregistrements et plus (jusqu'à {most}) : un programme"),
        ("If it was a migration or clean-up, leave those rows out of changes.csv.",
         "S'il s'agit d'une migration ou d'un nettoyage, laissez ces lignes hors de changes.csv."),
    ),
    Check(
        "backdated_changes", "worth knowing", ("changes",), _backdated,
        ("entered more than a month after they happened", "saisi{s} plus d'un mois après les faits"),
        ("Nothing to do: each counts from when it was entered. Scores lag behind the field by as much.",
         "Rien à faire : chacun compte dès sa saisie. Les scores retardent d'autant sur le terrain."),
        above="over 5%",
    ),
)  # fmt: skip
