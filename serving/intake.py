"""What a request gives, on its way into the store: links filled in, then the same rules as imports, all or nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from features.columns import words
from features.crm.accept import AcceptReport, accept_rows, tidied
from features.crm.findings import Problem
from features.crm.reader import ORDER
from features.crm.schema import TABLES
from features.crm.store import Store
from features.history import Kind
from features.settings import Settings
from serving.errors import InvalidError, Violation
from serving.instants import iso
from serving.records import ToScore

Row = dict[str, object]
ONE: dict[str, str] = {"leads": "lead", "opportunities": "opportunity", "accounts": "account", "contacts": "contact"}
"""What a request calls one row of a table."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A record taken in: its id in the store, and what an answer notes of it as (name, fields)."""

    id: str
    notes: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class Intake:
    """One request's rows on their way into the store, as of their `arrival` (int64 microseconds)."""

    store: Store
    settings: Settings
    source: str
    arrival: int
    reports: dict[str, AcceptReport] = field(default_factory=dict)

    def take(self, kind: Kind, body: ToScore, record: Row) -> Taken:
        """Write a record and what was given with it. Raises InvalidError when a row breaks a rule."""
        key = record[TABLES[kind].key[0]] = tidied(record[TABLES[kind].key[0]])
        rows = self._linked(kind, body.linked(), record)
        rows[kind] = [record]
        for table in ORDER:
            if rows.get(table):
                self._accept(table, rows[table], kind)
        return Taken(f"{self.source}:{key}" if self.source else key, tuple(self._notes(kind)))

    def _accept(self, table: str, rows: Sequence[Mapping[str, object]], kind: Kind) -> None:
        report = accept_rows(self.store, table, rows, settings=self.settings, crm=self.source, arrival=self.arrival)
        refused = [problem for problem in report.problems if problem.outcome == "quarantined"]
        if refused:
            first, *others = [_violation(table, kind, problem) for problem in refused]
            raise InvalidError(first.rule, first.field, also=others)
        self.reports[table] = report

    def _linked(self, kind: Kind, rows: dict[str, list[Row]], record: Row) -> dict[str, list[Row]]:
        """The rows, each linked to the record, and the record to its account and contact."""
        one = ONE[kind]
        key = record[f"{one}_id"]
        if not key:
            raise InvalidError("is required", f"{one}.{one}_id")
        if not record.get("created_at") and not self._known(kind, record, f"{one}_id"):
            record["created_at"] = self._now()
        for table in ("accounts", "contacts"):
            for row in rows[table]:
                self._join(one, record, table, row)
        for row in rows["activities"]:
            if not any(row.get(f"{name}_id") for name in ONE.values()):
                row[f"{one}_id"] = key
            row["activity_id"] = row.get("activity_id") or _digest(row)
            row["occurred_at"] = row.get("occurred_at") or self._now()
        for row in rows["changes"]:
            row.setdefault("entity", one)
            row.setdefault("entity_id", key)
        return rows

    def _now(self) -> str:
        return iso(self.arrival, ZoneInfo("UTC"))

    def _join(self, one: str, record: Row, table: str, row: Row) -> None:
        """Give an account or contact its id from the record, or the record the link; one first seen here is as old."""
        name = ONE[table]
        column = f"{name}_id"
        ids = {tidied(record.get(column)), tidied(row.get(column))} - {""}
        if len(ids) != 1:
            rule = "is required, here or in the record" if not ids else f"must be the record's own {column}"
            raise InvalidError(rule, f"{name}.{column}")
        record[column] = row[column] = ids.pop()
        if not row.get("created_at") and "created_at" in record and not self._known(table, row, column):
            row["created_at"] = record["created_at"]

    def _known(self, table: str, row: Row, column: str) -> bool:
        key = f"{self.source}:{row[column]}" if self.source else str(row[column])
        return bool(self.store.known(table, [key], self.source))

    def _notes(self, kind: Kind) -> list[tuple[str, tuple[str, ...]]]:
        notes = []
        custom = [name for table, report in self.reports.items() for name in self._unused(table, report.unknown)]
        if custom:
            notes.append(("custom", tuple(custom)))
        problems = [(table, problem) for table, report in self.reports.items() for problem in report.problems]
        repaired = [f"{_place(t, kind, p)} ({p.says})" for t, p in problems if p.outcome == "repaired"]
        if repaired:
            notes.append(("repaired", tuple(repaired)))
        if self.reports[kind].counts.stale:
            notes.append(("older", ()))
        return notes

    def _unused(self, table: str, found: Sequence[str]) -> list[str]:
        """The custom fields that nobody has accepted."""
        if not found:
            return []
        entity = TABLES[table].entity
        rows = self.store.read("attributes", ["field"], {"entity": [entity]})
        accepted = set(words(rows, "field").words)
        return [name for name in found if name not in accepted]


def _digest(row: Mapping[str, Any]) -> str:
    """An id for an activity given without one: the same activity given again has the same."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return f"given-{blake2b(text.encode(), digest_size=12).hexdigest()}"


def _violation(table: str, kind: Kind, problem: Problem) -> Violation:
    return Violation(_place(table, kind, problem), f"{problem.says}. {problem.advice}")


def _place(table: str, kind: Kind, problem: Problem) -> str:
    """Where in the request a problem is: `lead.amount`, `activities.0.kind`."""
    row = f".{problem.lines[0] - 1}" if problem.lines else ""
    name = ONE.get(table, f"{table}{row}")
    return f"{name}.{problem.column}" if problem.column else name
