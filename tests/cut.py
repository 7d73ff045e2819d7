"""A canonical folder as it would have been exported at an earlier instant: plain, slow and obvious."""

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Row = dict[str, str]
Known = Callable[[str, str], bool]

_ENDS = ("closed_at", "loss_reason", "loss_comment", "competitor")
_LOOKED_UP = ("stage", "status", "expected_close", "own_probability")
_OWNED = {
    "accounts": "account",
    "contacts": "contact",
    "leads": "lead",
    "opportunities": "opportunity",
    "owners": "owner",
}
_QUARTERS = {"Q1": "01", "Q2": "04", "Q3": "07", "Q4": "10", "H1": "01", "H2": "07"}


def cut(folder: Path, out: Path, at: datetime, zone: str = "Europe/Paris") -> None:
    """Write in `out` what an export of `folder` at `at` would have held; rows with unreadable instants are kept."""
    out.mkdir(parents=True, exist_ok=True)
    tables = {path.stem: _read(path) for path in sorted(folder.glob("*.csv"))}
    kept = _Cut(tables, at, ZoneInfo(zone)).tables()
    for name, (columns, _) in tables.items():
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept[name])


def _read(path: Path) -> tuple[list[str], list[Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or ()), list(reader)


class _Cut:
    def __init__(self, tables: dict[str, tuple[list[str], list[Row]]], at: datetime, zone: ZoneInfo) -> None:
        self._rows = {name: rows for name, (_, rows) in tables.items()}
        self._at, self._zone = at, zone
        self._changes: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in sorted(self._rows.get("changes", ()), key=lambda row: self._order(row["occurred_at"])):
            self._changes[row["entity"], row["entity_id"], row["field"]].append(row)
        self._kept_history = {(entity, field) for entity, _, field in self._changes}
        declared = self._rows.get("attributes", ())
        self._never = {(row["entity"], row["field"]) for row in declared if row["known_at"] == "never"}
        self._born = {
            (link, row[link]): row.get("created_at", "")
            for name, link in (("accounts", "account_id"), ("contacts", "contact_id"))
            for row in self._rows.get(name, ())
        }

    def tables(self) -> dict[str, list[Row]]:
        kept = {name: list(rows) for name, rows in self._rows.items()}
        for name in _OWNED.keys() & kept.keys():
            start = "active_from" if name == "owners" else "created_at"
            kept[name] = [self._record(name, row) for row in kept[name] if self._began(row.get(start, ""))]
        there = {entity: {row[f"{entity}_id"] for row in kept[name]} for name, entity in _OWNED.items() if name in kept}
        for name, when in (("calls", "made_at"), ("stages", "active_from")):
            kept[name] = [row for row in kept.get(name, ()) if self._began(row.get(when, ""))]
        kept["spend"] = [row for row in kept.get("spend", ()) if self._began(_start(row["period"]))]
        kept["roles"] = [row for row in kept.get("roles", ()) if row["opportunity_id"] in there.get("opportunity", ())]
        known = [row for row in kept.get("changes", ()) if self._change_known(row)]
        kept["changes"] = [row for row in known if row["entity_id"] in there.get(row["entity"], {row["entity_id"]})]
        kept["activities"] = [row for row in map(self._activity(there), kept.get("activities", ())) if row]
        return kept

    def _instant(self, text: str, start: bool = False) -> datetime | None:
        """The instant a text is known from: a date alone at the end of its day (its start where `start`)."""
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
        if len(text) == len("2026-01-01") and not start:
            value += timedelta(days=1)
        return value if value.tzinfo else value.replace(tzinfo=self._zone)

    def _order(self, text: str) -> datetime:
        return self._instant(text) or datetime.min.replace(tzinfo=self._zone)

    def _before(self, text: str) -> bool:
        when = self._instant(text)
        return when is None or when < self._at

    def _began(self, text: str) -> bool:
        when = self._instant(text, start=True)
        return when is None or when < self._at

    def _change_known(self, row: Row) -> bool:
        return self._before(row.get("recorded_at") or row["occurred_at"])

    def _record(self, name: str, row: Row) -> Row:
        entity = _OWNED[name]
        row = dict(row)
        changes = {
            field: self._changes[entity, row[f"{entity}_id"], field]
            for field in row
            if (entity, row[f"{entity}_id"], field) in self._changes
        }
        ended = self._ended(name, row, changes)
        for field, moves in changes.items():
            known = [move for move in moves if self._change_known(move)]
            row[field] = known[-1]["new"] if known else moves[0]["old"]
        if name in ("leads", "opportunities") and not ended:
            self._reopen(entity, row)
        if row.get("deleted_at") and not self._before(row["deleted_at"]):
            row |= {field: "" for field in ("deleted_at", "merged_into") if field in row}
        if name == "owners" and row.get("active_until") and not self._before(row["active_until"]):
            row["active_until"] = ""
        return row

    def _ended(self, name: str, row: Row, changes: dict[str, list[Row]]) -> bool:
        """Whether the end the full export tells of was known; a record that never ended keeps what it has."""
        if moves := changes.get("outcome"):
            return self._change_known(moves[-1])
        ends = ("closed_at",) if name == "opportunities" else ("converted_at", "disqualified_at")
        told = [row[field] for field in ends if row.get(field)]
        return all(self._before(text) for text in told)

    def _reopen(self, entity: str, row: Row) -> None:
        """Blank what speaks of an end not yet known; an outcome that changes tell of stays as they left it."""
        has = (entity, row[f"{entity}_id"], "outcome") in self._changes
        blank = {*_ENDS, "converted_at", "opportunity_id", "disqualified_at", "disqualified_reason"} - {f"{entity}_id"}
        blank |= set() if has else {"outcome"}
        blank |= {field for owner, field in self._never if owner == entity}
        blank |= {field for field in _LOOKED_UP if (entity, field) not in self._kept_history}
        if entity == "lead":
            blank |= {link for link in ("account_id", "contact_id") if self._met_later(link, row)}
        row |= dict.fromkeys(blank & row.keys(), "")
        if row.get("outcome"):
            known = [move for move in self._changes[entity, row[f"{entity}_id"], "outcome"] if self._change_known(move)]
            row["closed_at"] = known[-1]["occurred_at"]

    def _met_later(self, link: str, row: Row) -> bool:
        """Whether the account or contact a lead names was made after it (by its conversion)."""
        born = self._born.get((link, row.get(link, "")), "")
        return bool(born) and self._order(born) > self._order(row["created_at"])

    def _activity(self, there: dict[str, set[str]]) -> Callable[[Row], Row | None]:
        links = [f"{entity}_id" for entity in ("lead", "contact", "account", "opportunity")]

        def known(row: Row) -> Row | None:
            if not self._before(row.get("recorded_at") or row["occurred_at"]):
                return None
            row = dict(row)
            linked = [link for link in links if row.get(link)]
            gone = [link for link in linked if row[link] not in there.get(link.removesuffix("_id"), {row[link]})]
            if linked and len(gone) == len(linked):
                return None
            row |= dict.fromkeys(gone, "")
            if not self._before(row.get("done_at") or row["occurred_at"]):
                row |= {field: "" for field in ("done_at", "outcome", "duration_s") if field in row}
            return row

        return known


def _start(period: str) -> str:
    """The first day of a period, as ISO; "" when it cannot be told."""
    year, _, part = period.partition("-")
    if part.startswith("W"):
        return date.fromisoformat(f"{period}-1").isoformat()
    month = _QUARTERS.get(part, part or "01")
    return f"{year}-{month}-01" if year.isdigit() and month.isdigit() else ""
