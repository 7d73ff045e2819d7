"""A small CRM as an export of an earlier day would have shown it, and the same past with another future."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from tests.crm_folder import DAY, ENTITIES, LATER, STAGES, Crm, Row, as_text, kind_of


def known(change: Row) -> int:
    """When a change row was known."""
    return max(int(change["occurred_at"]), change["recorded_at"] or 0)


def from_text(text: str | None, field: str) -> Any:
    """A text of a change row as a value."""
    kind = kind_of(field)
    if text is None or kind == "text":
        return text
    if kind == "time":
        return round(datetime.fromisoformat(text).timestamp() * 1e6)
    return int(Decimal(text) * 100) if kind == "money" else float(text)


def as_exported(crm: Crm, at: int) -> Crm:
    """What an export at an instant would have held: nothing known at or after it."""
    rows: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for change in sorted(crm["changes"], key=lambda row: (known(row), row["occurred_at"])):
        rows[change["entity"], change["entity_id"]][change["field"]].append(change)
    past = {name: list(of) for name, of in crm.items()}
    past["changes"] = [row for row in crm["changes"] if known(row) < at]
    past["activities"] = [row for of in crm["activities"] if (row := _activity(of, at))]
    for entity, name in ENTITIES.items():
        there = [row for row in crm[name] if (row.get("created_at") or 0) < at]
        past[name] = [_record(row, rows[entity, row[f"{entity}_id"]], at) for row in there]
    return past


def _record(row: Row, changes: dict[str, list[Row]], at: int) -> Row:
    row = {**row, "custom": dict(row.get("custom", {}))}
    outcome = changes.get("outcome", [])
    for field, of in changes.items():
        before = [change for change in of if known(change) < at]
        text = max(before, key=lambda change: change["occurred_at"])["new"] if before else of[0]["old"]
        if field in row["custom"]:
            row["custom"][field] = text or ""
        elif field != "outcome" or known(of[-1]) >= at:
            row[field] = from_text(text, field)
    last = max((change for change in outcome if known(change) < at), key=lambda r: int(r["occurred_at"]), default=None)
    if outcome and known(outcome[-1]) >= at and row.get("outcome") and last:
        row["closed_at"] = last["occurred_at"]
    if not outcome and row.get("outcome") and max(row["closed_at"], row["created_at"]) >= at:
        row["outcome"] = None
    if "opportunity_id" in row and not row.get("outcome"):
        row |= {"closed_at": None, "loss_reason": None}
    for date in ("converted_at", "disqualified_at", "deleted_at"):
        if date in row and date not in changes and (row[date] or 0) >= at:
            row[date] = None
    return row


def _activity(row: Row, at: int) -> Row | None:
    occurred, recorded, due, done = (row[f"{name}_at"] for name in ("occurred", "recorded", "due", "done"))
    if due is None:  # something that happened, or an undated task that is no news before it is done
        return row if max(done or occurred, recorded or occurred) < at else None
    if (recorded or min(occurred, due)) >= at:
        return None
    undone = done is not None and max(done, recorded or done) >= at
    return {**row, "done_at": None, "outcome": None, "duration_s": None} if undone else row


def another_future(crm: Crm, at: int, random: Random) -> Crm:
    """The past of a CRM up to an instant, followed by other events at or after it, of old and of new records."""
    grown = as_exported(crm, at)
    for deal in grown["opportunities"]:
        when = at + random.choice((0, 1, DAY, 9 * DAY))
        _change(grown, "opportunity", deal, "stage", random.choice(STAGES), when)
        _change(grown, "opportunity", deal, "owner_id", random.choice(("ann", "bob")), when)
        _change(grown, "opportunity", deal, "amount", random.choice((100, 900_000)), when)
        if not deal.get("outcome"):
            _change(grown, "opportunity", deal, "outcome", "won", when)
            deal |= {"closed_at": when, "competitor": "them"}
    for lead in grown["leads"]:
        _change(grown, "lead", lead, "owner_id", random.choice(("ann", "bob")), at)
        if not lead.get("converted_at") and not lead.get("disqualified_at"):
            lead |= {"converted_at": at, "opportunity_id": "O0"}
    for owner in grown["owners"]:
        _change(grown, "owner", owner, "team", "east", at)
    for account in grown["accounts"]:
        _change(grown, "account", account, "industry", "01.11Z", at)
    made = {"created_at": at, "owner_id": "ann", "source": "web", "process": "loan", "account_id": "A0", "crm": ""}
    grown["opportunities"].append(
        {**made, "opportunity_id": "A new one", "outcome": "won", "closed_at": at - DAY, "first_seen": LATER}
    )
    grown["leads"].append({**made, "lead_id": "A new one", "converted_at": at, "first_seen": LATER})
    for record in [*grown["opportunities"], *grown["leads"]]:
        grown["activities"].append({
            "activity_id": f"later {len(grown['activities'])}", "kind": "meeting", "direction": "in",
            "opportunity_id": record.get("opportunity_id"), "lead_id": record.get("lead_id"),
            "occurred_at": at - 9 * DAY, "recorded_at": at, "crm": "", "first_seen": LATER,
        })  # fmt: skip
    return grown


def _change(crm: Crm, entity: str, row: Row, field: str, new: Any, at: int) -> None:
    if new != row.get(field):
        crm["changes"].append({
            "entity": entity, "entity_id": row[f"{entity}_id"], "field": field, "old": as_text(row.get(field), field),
            "new": as_text(new, field), "occurred_at": at, "recorded_at": None, "crm": row["crm"], "first_seen": LATER,
        })  # fmt: skip
        row[field] = new
