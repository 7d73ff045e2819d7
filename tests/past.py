"""The rows of a CRM as an export of an earlier day would have shown them."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from features.crm.schema import TABLES
from tests.crm_folder import ENTITIES, Crm, Row, kind_of


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
    for entity, name in ENTITIES.items():
        there = [row for row in crm[name] if (row.get("created_at") or 0) < at]
        past[name] = [_record(row, rows[entity, row[f"{entity}_id"]], at) for row in there]
    gone = {
        f"{entity}_id": {row[f"{entity}_id"] for row in crm[name]} - {row[f"{entity}_id"] for row in past[name]}
        for entity, name in ENTITIES.items()
    }
    past["stages"] = [_stage(row, at) for row in crm["stages"] if (row.get("active_from") or 0) < at]
    past["activities"] = [row for of in crm["activities"] if (row := _activity(of, at))]
    for name in ("leads", "opportunities", "activities"):
        past[name] = [_unlinked(row, gone, TABLES[name].key[0]) for row in past[name]]
    return past


def _unlinked(row: Row, gone: dict[str, set[str]], key: str) -> Row:
    """The row without the links to records that were not there yet."""
    return row | {link: None for link, ids in gone.items() if link != key and row.get(link) in ids}


def _record(row: Row, changes: dict[str, list[Row]], at: int) -> Row:
    row, ended = {**row, "custom": dict(row.get("custom", {}))}, row.get("outcome")
    outcome = changes.get("outcome", [])
    for field, of in changes.items():
        before = [change for change in of if known(change) < at]
        text = max(reversed(before), key=lambda change: change["occurred_at"])["new"] if before else of[0]["old"]
        if field in row["custom"]:
            row["custom"][field] = text or ""
        elif field != "outcome" or known(of[-1]) >= at:
            row[field] = from_text(text, field)
    last = max((change for change in outcome if known(change) < at), key=lambda r: int(r["occurred_at"]), default=None)
    if outcome and known(outcome[-1]) >= at and row.get("outcome") and last:
        row["closed_at"] = last["occurred_at"]
    if not outcome and row.get("outcome") and max(row["closed_at"], row["created_at"]) >= at:
        row["outcome"] = None
    if "closed_at" in row and not row.get("outcome") and (ended or (row["closed_at"] or 0) >= at):
        row |= {"closed_at": None, "loss_reason": None}
    for date in ("converted_at", "disqualified_at", "deleted_at"):
        if date in row and date not in changes and (row[date] or 0) >= at:
            row[date] = None
    return row


def _stage(row: Row, at: int) -> Row:
    return row | {"active_until": None} if (row.get("active_until") or 0) >= at else row


def _activity(row: Row, at: int) -> Row | None:
    occurred, recorded, due, done = (row[f"{name}_at"] for name in ("occurred", "recorded", "due", "done"))
    if due is None:  # something that happened, or an undated task that is no news before it is done
        return row if max(done or occurred, recorded or occurred) < at else None
    if (recorded or min(occurred, due)) >= at:
        return None
    undone = done is not None and max(done, recorded or done) >= at
    return {**row, "done_at": None, "outcome": None, "duration_s": None} if undone else row
