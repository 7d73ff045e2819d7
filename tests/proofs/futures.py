"""The same past with another future: everything recorded at or after an instant is drawn anew.

Old records go on otherwise (fields change, some recorded late; they close, reopen, are deleted and merged), those made
later are other records with other ends, activities are others and of others; rows known before the instant stay.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from features.crm.schema import TABLES
from tests.crm_folder import DAY, ENTITIES, LATER, Crm, Row, as_text
from tests.past import as_exported, known

MOVED = {
    "lead": ("status", "owner_id", "source", "process", "title", "country", "account_id", "contact_id"),
    "opportunity": ("stage", "owner_id", "amount", "expected_close", "own_probability", "process", "source", "lead_id"),
    "account": ("industry", "employees", "country", "postal_code"),
    "contact": ("title", "email", "phone"),
    "owner": ("team",),
}
"""Fields that a CRM may alter; the process, the source or the country of an old record are not above it either."""
STEPS = (0, 0, 1, DAY, 9 * DAY, 80 * DAY)
"""How long after the instant things come to pass: often at once."""


def scrambled(crm: Crm, at: int, random: Random) -> Crm:
    """The past of a CRM up to an instant, then another future."""
    grown = as_exported(crm, at)
    old = {entity: list(grown[name]) for entity, name in ENTITIES.items()}
    for kind in ("leads", "opportunities"):
        grown[kind] = grown[kind] + _made_later(
            crm, kind, {row[TABLES[kind].key[0]] for row in grown[kind]}, at, random
        )
    words = {entity: _words(crm, entity, grown) for entity in ENTITIES}
    told: dict[str, list[Row]] = {}
    for change in sorted(grown["changes"], key=known):
        if change["field"] == "outcome":
            told.setdefault(change["entity_id"], []).append(change)
    for entity, rows in old.items():
        for row in rows:
            _move(grown, entity, row, words[entity], at, random)
            if entity in ("lead", "opportunity"):
                _end(grown, entity, row, told.get(row[f"{entity}_id"], ()), at, random)
    grown["stages"] = _stages(crm, grown, at, random)
    grown["activities"] = _activities(crm, grown, at, random)
    keys = (*TABLES["changes"].key, "crm")
    grown["changes"] = list({tuple(row[key] for key in keys): row for row in grown["changes"]}.values())
    return grown


def _words(crm: Crm, entity: str, grown: Crm) -> dict[str, Sequence[Any]]:
    """The values that each field of an entity may take: those it has anywhere, links to anything there is then."""
    rows = crm[ENTITIES[entity]]
    words: dict[str, Sequence[Any]] = {
        field: sorted({row[field] for row in rows if row.get(field) is not None}, key=repr) for field in MOVED[entity]
    }
    for of in ("lead", "account", "contact", "owner"):
        if f"{of}_id" in words:
            words[f"{of}_id"] = [row[f"{of}_id"] for row in grown[ENTITIES[of]]]
    return {field: values for field, values in words.items() if values}


def _move(grown: Crm, entity: str, row: Row, words: dict[str, Sequence[Any]], at: int, random: Random) -> None:
    """Alter some fields, each once or twice."""
    for field, values in words.items():
        times = sorted(at + random.choice(STEPS) for _ in range(random.choice((0, 0, 1, 2))))
        early = random.choice((0, 0, 0, 1, 30 * DAY))
        for recorded in times:
            _change(grown, entity, row, field, random.choice(values), (recorded - early, recorded))


def _change(grown: Crm, entity: str, row: Row, field: str, new: Any, when: tuple[int, int]) -> None:
    """A change that took place and was recorded `when`: the latter at or after the instant, the former maybe before."""
    if new != row.get(field):
        grown["changes"].append({
            "entity": entity, "entity_id": row[f"{entity}_id"], "field": field, "old": as_text(row.get(field), field),
            "new": as_text(new, field), "occurred_at": when[0], "recorded_at": when[1], "crm": row["crm"],
            "first_seen": LATER, "changed_by": None, "seen": 0,
        })  # fmt: skip
        row[field] = new


def _end(grown: Crm, entity: str, row: Row, told: Sequence[Row], at: int, random: Random) -> None:
    """Close an open record, reopen or turn a closed one, delete some; `told` are its changes of outcome so far."""
    when = at + random.choice(STEPS)
    if random.random() < 0.1 and row.get("deleted_at") is None:
        row["deleted_at"] = when
    if random.random() < 0.4:
        return
    if entity == "lead":
        _end_lead(grown, row, when, random)
    elif row.get("outcome"):
        day = told[-1]["occurred_at"] if told else min(row["closed_at"] or 0, at - 1)
        if row["closed_at"] in (None, day):  # not one that says it ended on another day, or in days to come
            new = random.choice((None, {"won": "lost", "lost": "won"}[row["outcome"]]))
            _change(grown, entity, row, "outcome", new, (when, when))
            _change(grown, entity, row, "closed_at", when if new else None, (when, when))
    elif row.get("closed_at") is None:
        new = random.choice(("won", "lost"))
        early = max([when - random.choice((0, 30 * DAY)), *(change["occurred_at"] for change in told)])
        if not told:  # else the reason is that of an end before
            row |= {"loss_reason": random.choice(("price", None)), "competitor": random.choice(("them", None))}
        if told or random.random() < 0.5:
            _change(grown, entity, row, "outcome", new, (early, when))
            row["closed_at"] = at - DAY
        else:
            row |= {"outcome": new, "closed_at": when}


def _end_lead(grown: Crm, row: Row, when: int, random: Random) -> None:
    """Convert or disqualify a lead that is still there."""
    if row.get("converted_at") is None and row.get("disqualified_at") is None:
        row[random.choice(("converted_at", "disqualified_at"))] = when
        deals = [deal["opportunity_id"] for deal in grown["opportunities"]]
        row["opportunity_id"] = random.choice(deals) if deals else None


def _made_later(crm: Crm, kind: str, there: set[str], at: int, random: Random) -> list[Row]:
    """The records made later, each column dealt out anew; some say that they closed long before."""
    key = TABLES[kind].key[0]
    made = [row for row in crm[kind] if row[key] not in there]
    if not made:
        made = [{**row, key: f"{row[key]} again", "created_at": at} for row in crm[kind][:3]]
    dealt = _dealt(made, (key, "created_at", "crm"), random)
    for row in dealt:
        row |= {"created_at": at + random.choice(STEPS), "first_seen": LATER}
        if row.get("closed_at") is not None and random.random() < 0.3:
            row["closed_at"] = at - 40 * DAY
    return dealt


def _dealt(rows: Sequence[Row], fixed: Sequence[str], random: Random) -> list[Row]:
    """The rows with each column's values dealt out anew, but those of `fixed`."""
    columns = {name: [row.get(name) for row in rows] for row in rows[:1] for name in row}
    for name, values in columns.items():
        if name not in fixed:
            random.shuffle(values)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _stages(crm: Crm, grown: Crm, at: int, random: Random) -> list[Row]:
    """Some stages are given up, others introduced: at, between and beyond the places of the old ones."""
    past = [
        row if row.get("active_until") or random.random() < 0.5 else {**row, "active_until": at + random.choice(STEPS)}
        for row in grown["stages"]
    ]
    there = {(row["process"], row["stage"]) for row in past}
    made = [row for row in crm["stages"] if (row["process"], row["stage"]) not in there]
    made += [{**row, "stage": f"{row['stage']} again", "position": row["position"] - 0.5} for row in past]
    return past + [{**row, "active_from": at + random.choice(STEPS), "active_until": None} for row in made]


def _activities(crm: Crm, grown: Crm, at: int, random: Random) -> list[Row]:
    """What was known stays (what was only planned is done otherwise); all that came later is done by and for others."""
    past = {row["activity_id"]: row for row in grown["activities"]}
    later = _dealt([row for row in crm["activities"] if row["activity_id"] not in past], ("activity_id", "crm"), random)
    ids = {f"{of}_id": [row[f"{of}_id"] for row in grown[ENTITIES[of]]] for of in ("lead", "contact", "opportunity")}
    for row in later:
        recorded = at + random.choice(STEPS)
        row |= {link: random.choice(some) for link, some in ids.items() if some and row.get(link) is not None}
        row |= {"recorded_at": recorded, "occurred_at": recorded - random.choice((0, 1, 9 * DAY, 90 * DAY))}
    for name, row in past.items():
        whole = row["due_at"] is not None and row["done_at"] is None
        if whole and random.random() < 0.5:
            past[name] = {**row, "done_at": at + random.choice(STEPS), "outcome": random.choice(("held", "missed"))}
    return [*past.values(), *later]
