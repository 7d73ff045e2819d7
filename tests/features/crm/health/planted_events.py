"""Faults of changes and activities: what is sown into the healthy CRM, and what must be found of it."""

from datetime import timedelta

from tests.crm_folder import DAY, Crm, Row
from tests.features.crm.health.clean import BEGIN, HOUR, MINUTE, SEEN, UNTIL
from tests.features.crm.health.planting import (
    Fault,
    Sown,
    add,
    change,
    closed,
    forget,
    local,
    lost,
    put,
    refused,
    rows_of,
    some,
    sown,
    still_open,
    won,
)


def _moves(crm: Crm, field: str, new: str) -> list[Row]:
    return [row for row in crm["changes"] if (row["field"], row["new"]) == (field, new)]


def _future_changes(crm: Crm) -> Sown:
    rows = _moves(crm, "outcome", "lost")[:2]
    for row in rows:
        row["occurred_at"] = SEEN + 30 * DAY
    return sown("changes", rows)


def _broken(crm: Crm) -> Sown:
    rows = _moves(crm, "stage", "talks")[:2]
    for row in rows:
        row["old"] = "first"
    return sown("changes", rows)


def _starts_late(crm: Crm) -> Sown:
    crm["changes"] = [
        row for row in crm["changes"] if row["field"] != "stage" or row["occurred_at"] > BEGIN + 300 * DAY
    ]
    first = min(row["occurred_at"] for row in crm["changes"] if row["field"] == "stage")
    return sown("opportunities", rows_of(crm, "opportunities", lambda row: bool(row["created_at"] < first)))


def _no_history(crm: Crm) -> Sown:
    crm["changes"] = [row for row in crm["changes"] if row["field"] != "status"]
    return sown("leads", rows_of(crm, "leads"))


def _changes(field: str, old: str | None, new: str | None, days: int, after: str, deals: list[Row], crm: Crm) -> Sown:
    """A change of each deal, so many days after a date of theirs."""
    return add(crm, "changes", *(change(deal, field, old, new, deal[after] + days * DAY) for deal in deals))


def _no_way(crm: Crm) -> Sown:
    """Closed deals that the log of stages never heard of."""
    rows = some(crm, "opportunities", 2, closed)
    forget(crm, rows, "opportunity_id", "stage")
    return sown("opportunities", rows)


def _before_creation(crm: Crm) -> Sown:
    return _changes("product", None, "card", -3, "created_at", some(crm, "opportunities", 2), crm)


def _after_close(crm: Crm) -> Sown:
    deals = some(crm, "opportunities", 2, won)
    _changes("expected_close", None, "2026-01-01", 5, "closed_at", deals, crm)
    return sown("opportunities", deals)


def _flipped(crm: Crm) -> Sown:
    deals = some(crm, "opportunities", 2, lost)
    ids = {deal["opportunity_id"] for deal in deals}
    for row in _moves(crm, "outcome", "lost"):
        row["old"] = "won" if row["entity_id"] in ids else row["old"]
    _changes("outcome", None, "won", -2, "closed_at", deals, crm)
    return sown("opportunities", deals)


def _reopened(crm: Crm) -> Sown:
    deals = some(crm, "opportunities", 2, lost)
    _changes("outcome", None, "lost", -4, "closed_at", deals, crm)
    _changes("outcome", "lost", None, -3, "closed_at", deals, crm)
    return sown("opportunities", deals)


def _mass_update(crm: Crm) -> Sown:
    deals = rows_of(crm, "opportunities", lambda row: row["source"] == "web")[:60]
    return add(crm, "changes", *(change(deal, "source", "fair", "web", UNTIL - DAY) for deal in deals))


def _backdated(crm: Crm) -> Sown:
    rows = _moves(crm, "status", "working")[:30]
    for row in rows:
        row["recorded_at"] = row["occurred_at"] + 40 * DAY
    return sown("changes", rows)


def _work(deals: list[Row], after: str, days: int) -> list[Row]:
    """A call of each deal, so many days after a date of theirs."""
    return [
        {"activity_id": f"X{deal['opportunity_id']}", "kind": "call", "opportunity_id": deal["opportunity_id"],
         "occurred_at": deal[after] + days * DAY}
        for deal in deals
    ]  # fmt: skip


def _after_loss(crm: Crm) -> Sown:
    deals = rows_of(crm, "opportunities", lambda row: lost(row) and row["closed_at"] < UNTIL - 60 * DAY)[::8]
    add(crm, "activities", *_work(deals, "closed_at", 42))
    return sown("opportunities", deals)


def _late(crm: Crm) -> Sown:
    deals = rows_of(crm, "opportunities")[::2]
    add(crm, "activities", *_work(deals, "created_at", -14))
    return sown("opportunities", deals)


def _early(crm: Crm) -> Sown:
    deals = rows_of(crm, "opportunities", lambda row: closed(row) and row["created_at"] > BEGIN + 200 * DAY)[::3]
    deals = [deal for deal in deals if deal["lead_id"] is None]
    for deal in deals:
        deal["created_at"] -= 140 * DAY
    return sown("opportunities", deals)


def _burst(crm: Crm) -> Sown:
    leads, noon = rows_of(crm, "leads", refused)[:60], BEGIN + 400 * DAY + 11 * HOUR
    return add(crm, "activities", *(
        {"activity_id": f"X{number:02}", "kind": "email", "owner_id": "U1", "lead_id": lead["lead_id"],
         "occurred_at": noon + number * MINUTE // 61}
        for number, lead in enumerate(leads)
    ))  # fmt: skip


def _same_activity(crm: Crm) -> Sown:
    rows = some(crm, "activities", 2, lambda row: row["kind"] == "email")
    return add(crm, "activities", *({**row, "activity_id": f"X{number}"} for number, row in enumerate(rows)))


def _untouched(table: str, key: str, every: int) -> Fault:
    def fault(crm: Crm) -> Sown:
        age = {"leads": 7, "opportunities": 30}[table] * DAY
        until = max(row["created_at"] for row in crm["opportunities"])
        rows = rows_of(
            crm, table, lambda row: (table == "leads" or still_open(row)) and row["created_at"] < until - age
        )
        rows = rows[::every]
        ids = {row[key] for row in rows}
        crm["activities"] = [row for row in crm["activities"] if row.get(key) not in ids]
        return sown(table, rows)

    return fault


def _forgotten(crm: Crm) -> Sown:
    rows = rows_of(crm, "activities", lambda row: row["kind"] == "meeting" and row["occurred_at"] < UNTIL - 120 * DAY)[
        :60
    ]
    for row in rows:
        row["due_at"] = row["occurred_at"]
    return sown("activities", rows)


def _at_night(crm: Crm) -> Sown:
    """All calls and meetings eleven hours off."""
    rows = rows_of(crm, "activities", lambda row: row["kind"] in ("call", "meeting"))
    for row in rows:
        row["occurred_at"] += 11 * HOUR
    return sown("activities", [row for row in rows if not 6 <= local(row["occurred_at"]).hour < 20])


def _fixed_offset(crm: Crm) -> Sown:
    """All calls and meetings of the winters an hour early."""
    rows = rows_of(crm, "activities", lambda row: row["kind"] in ("call", "meeting"))
    for row in rows:
        row["occurred_at"] -= HOUR if local(row["occurred_at"]).utcoffset() == timedelta(hours=1) else 0
    return sown("activities", rows)


EVENTS: dict[str, Fault] = {
    "changes_in_the_future": _future_changes,
    "activities_in_the_future": put("activities", 2, recorded_at=SEEN + 30 * DAY),
    "planned_far": put("activities", 2, due_at=SEEN + 1500 * DAY),
    "night_work": _at_night,
    "fixed_offset": _fixed_offset,
    "same_activity": _same_activity,
    "orphan_activities": put("activities", 2, lambda row: "contact_id" in row, contact_id="C999"),
    "orphan_changes": lambda crm: add(crm, "changes", change({"opportunity_id": "X9"}, "product", None, "card", UNTIL)),
    "activities_of_nothing": lambda crm: add(
        crm, "activities", {"activity_id": "X1", "kind": "call", "occurred_at": BEGIN + 400 * DAY + 10 * HOUR}
    ),
    "broken_history": _broken,
    "record_says_otherwise": put("opportunities", 2, lambda row: row["stage"] == "talks", stage="offer"),
    "history_starts_late": _starts_late,
    "no_history": _no_history,
    "closed_without_move": _no_way,
    "changed_before_creation": _before_creation,
    "changed_after_close": _after_close,
    "outcome_flips": _flipped,
    "reopened": _reopened,
    "mass_updates": _mass_update,
    "backdated_changes": _backdated,
    "worked_after_loss": _after_loss,
    "entered_late": _late,
    "entered_early": _early,
    "activity_bursts": _burst,
    "leads_never_touched": _untouched("leads", "lead_id", 3),
    "deals_never_touched": _untouched("opportunities", "opportunity_id", 1),
    "plans_forgotten": _forgotten,
}
"""A fault a check, of those about changes and activities."""
