"""Faults of ends of one kind only: next to no loss, next to no win, leads never given up or never converted."""

from tests.crm_folder import DAY, Crm, Row, seeded
from tests.features.crm.health.clean import BEGIN, HOUR, REASONS, at_work
from tests.features.crm.health.planting import (
    Fault,
    Sown,
    add,
    change,
    closed,
    converted,
    direct,
    lost,
    refused,
    rows_of,
    sown,
    won,
)


def _end(crm: Crm, rows: list[Row], outcome: str, stage: str, reason: str | None) -> None:
    """Make these deals end so, and their changes say so."""
    ids = {row["opportunity_id"]: row["closed_at"] for row in rows}
    for row in rows:
        row |= {"outcome": outcome, "stage": stage, "loss_reason": reason}
    for move in crm["changes"]:
        if move["occurred_at"] == ids.get(move["entity_id"]):
            move["new"] = outcome if move["field"] == "outcome" else stage


def _win(crm: Crm, rows: list[Row]) -> None:
    """Make losses wins."""
    _end(crm, rows, "won", "gained", None)


def _too_good(crm: Crm) -> Sown:
    rows = rows_of(crm, "opportunities", lambda row: closed(row) and row["process"] == "tender")
    _win(crm, [row for row in rows if lost(row)])
    return sown("opportunities", rows)


def _hardly_won(crm: Crm) -> Sown:
    """Four hundred more losses in tender, where nothing is won."""
    rows, random = rows_of(crm, "opportunities", lambda row: closed(row) and row["process"] == "tender"), seeded(4)
    for number, row in enumerate(row for row in rows if won(row)):
        _end(crm, [row], "lost", "dropped", REASONS[number % len(REASONS)])
    like, made = next(row for row in rows if direct(row)), []
    for number in range(400):
        born = at_work(random, number * 650 / 400)
        made.append(like | {
            "opportunity_id": f"X{number:03}", "created_at": born, "name": f"New {number}",
            "closed_at": born + random.randrange(4 * HOUR, 23 * HOUR), "amount": 100_000 + 700 * number,
            "expected_close": born + (90 + number % 60) * DAY, "loss_reason": REASONS[number % len(REASONS)],
            "owner_id": f"U{number % 6}", "account_id": f"A{number % 120:03}", "contact_id": f"C{number % 120:03}",
        })  # fmt: skip
    add(crm, "opportunities", *made)
    add(crm, "changes", *(change(deal, "stage", "first", "dropped", deal["closed_at"]) for deal in made))
    return sown("opportunities", rows + made)


def _never_converted(crm: Crm) -> Sown:
    """Seven hundred more leads given up, and no lead converted."""
    for row in rows_of(crm, "leads", converted):
        row |= {"disqualified_at": row["converted_at"], "converted_at": None, "opportunity_id": None}
        row |= {"disqualified_reason": "price"}
    for row in crm["opportunities"]:
        row["lead_id"] = None
    like, random, made = rows_of(crm, "leads", refused)[0], seeded(6), []
    for number in range(700):
        born = at_work(random, number * 650 / 700)
        made.append(like | {
            "lead_id": f"X{number:03}", "created_at": born, "email": f"x.{number}@maison.example",
            "disqualified_at": born + random.randrange(3 * DAY, 9 * DAY),
            "phone": f"+33 2 41 {41 * number + 200000:06}",
            "account_id": f"A{number % 120:03}", "owner_id": f"U{number % 6}", "company": f"Maison {number % 120:03}",
        })  # fmt: skip
    calls = [
        {"activity_id": f"X{row['lead_id']}", "kind": "call", "lead_id": row["lead_id"],
         "occurred_at": row["created_at"] + HOUR}
        for row in made
    ]  # fmt: skip
    add(crm, "activities", *calls)
    add(crm, "leads", *made)
    return sown("leads", rows_of(crm, "leads", refused))


def _purged(crm: Crm) -> Sown:
    rows = rows_of(crm, "opportunities", lambda row: closed(row) and row["closed_at"] < BEGIN + 274 * DAY)
    _win(crm, [row for row in rows if lost(row)])
    return sown("opportunities", rows)


def _never_refused(crm: Crm) -> Sown:
    for row in rows_of(crm, "leads", refused):
        row |= {"disqualified_at": None, "disqualified_reason": None}
    return sown("leads", rows_of(crm, "leads", converted))


ONE_SIDED: dict[str, Fault] = {
    "too_good": _too_good,
    "hardly_won": _hardly_won,
    "purged_losses": _purged,
    "leads_never_refused": _never_refused,
    "leads_never_converted": _never_converted,
}
"""A fault a check, of those that hold the ways of ending against one another."""
