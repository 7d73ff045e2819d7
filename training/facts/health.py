"""The state of the data: what the last import made of its rows, what teaches, which history is kept, what is filled."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from features.columns import MISSING, Bools, Column, Columns, Words, ints, words
from features.crm.fields import CustomField, custom_fields
from features.crm.journal import Unfinished, unfinished
from features.crm.schema import TABLES, TRACKED
from features.crm.store import Store
from features.entity import load_starts
from features.history import Kind
from features.labels import migrated
from features.timeline import KEPT_WITHOUT_HISTORY
from training.facts.records import WHYS, Records, Told

FILLED: dict[str, tuple[str, ...]] = {
    "opportunities": (
        "process", "stage", "amount", "owner_id", "source", "product", "expected_close", "own_probability",
        "account_id", "contact_id",
    ),
    "leads": ("source", "owner_id", "status", "process", "company", "email", "phone", "title", "country"),
    "accounts": ("industry", "employees", "country", "postal_code", "domain", "company_number"),
    "contacts": ("title", "email", "phone", "account_id"),
}  # fmt: skip
"""The fields whose filling matters most to a model, by table."""

COUNTS = ("given", "accepted", "repaired", "quarantined")


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One file of an import: rows given = accepted + repaired + quarantined."""

    file: str
    given: int
    accepted: int
    repaired: int
    quarantined: int
    error: str


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One rule met by rows of one column; `says` and `advice` are the importer's own English words."""

    file: str
    column: str
    rule: str
    outcome: str
    count: int
    says: str
    advice: str


@dataclass(frozen=True, slots=True)
class Import:
    """The last import of one source (`crm`)."""

    crm: str
    seen_at: int
    files: tuple[ImportFile, ...]
    problems: tuple[ImportProblem, ...]

    @property
    def total(self) -> ImportFile:
        """All files together."""
        sums = {name: sum(getattr(file, name) for file in self.files) for name in COUNTS}
        return ImportFile("", **sums, error="")


@dataclass(frozen=True, slots=True)
class Teaching:
    """How many records of a kind teach, and why the others do not; each is counted once, under its first reason."""

    kind: Kind
    records: int
    teach: int
    gone: int
    born_closed: int
    bulk: int
    bulk_days: tuple[int, ...]
    """The first instants of the (at most three) days of bulk creation."""


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """What history a source keeps of a field that is overwritten as a record is worked.

    `status`: history (kept since `since`), creation (none, today's value counts as the first) or first_seen (none,
    known from the first import only). `rows`: change rows of the source's own; `ours`: those we wrote since.
    """

    entity: str
    field: str
    crm: str
    status: Literal["history", "creation", "first_seen"]
    since: int | None
    rows: int
    ours: int


@dataclass(frozen=True, slots=True)
class Filled:
    """So many of a table's rows have a field filled, as the CRM reads now."""

    table: str
    field: str
    filled: int
    rows: int


@dataclass(frozen=True, slots=True)
class Health:
    """Everything the health section tells."""

    unfinished: tuple[Unfinished, ...]
    imports: tuple[Import, ...]
    teaching: tuple[Teaching, ...]
    histories: tuple[FieldHistory, ...]
    proposed: tuple[CustomField, ...]
    accepted: int
    refused: int
    filled: tuple[Filled, ...]


def health(store: Store, told: Told) -> Health:
    """The state of the store's data."""
    custom = custom_fields(store)
    return Health(
        tuple(unfinished(store)),
        last_imports(store),
        tuple(teaching(records) for records in told.kinds if len(records)),
        tuple(histories(store, told)),
        tuple(field for field in custom if not field.known_at),
        sum(field.known_at in ("creation", "changes") for field in custom),
        sum(field.known_at == "never" for field in custom),
        tuple(filling(store)),
    )


def last_imports(store: Store) -> tuple[Import, ...]:
    """The last import of each source, in order of source."""
    last = {str(report.get("crm", "")): report for report in store.imports()}
    return tuple(_import(crm, last[crm]) for crm in sorted(last))


def _import(crm: str, report: dict[str, Any]) -> Import:
    files, problems = [], []
    for file in report["files"]:
        files.append(ImportFile(file["file"], **{name: int(file[name]) for name in COUNTS}, error=file["error"]))
        problems += [
            ImportProblem(*(problem[name] for name in ImportProblem.__slots__)) for problem in file["problems"]
        ]
    rank = {"quarantined": 0, "repaired": 1}
    problems.sort(key=lambda problem: (rank.get(problem.outcome, 2), -problem.count))
    return Import(crm, int(report["seen_at"]), tuple(files), tuple(problems))


def teaching(records: Records) -> Teaching:
    """What of a kind teaches, and what does not."""
    teach, gone, born_closed, made_in_bulk = np.bincount(records.why, minlength=len(WHYS)).tolist()
    history = records.history
    bulk = history.created[records.row][migrated(history, records.known_by)[records.row]]
    days = np.unique(history.zone.day(bulk), return_index=True)[1]
    first = tuple(bulk[days][:3].tolist())
    return Teaching(records.kind, len(records), teach, gone, born_closed, made_in_bulk, first)


def histories(store: Store, told: Told) -> Iterator[FieldHistory]:
    """What is kept of each overwritten field that is filled, by entity, field and source."""
    starts, rows = load_starts(store), _change_rows(store)
    for records in told.kinds:
        table, entity = records.history.own.table, TABLES[records.kind].entity
        for field in sorted(TRACKED & set(table)):
            for crm, seen in _first_seen(table, field):
                kept = starts.kept.get((entity, field), {}).get(crm)
                own, ours = (rows[entity, field, crm, mine] for mine in (0, 1))
                if kept:
                    yield FieldHistory(entity, field, crm, "history", kept.since, own, ours)
                elif field in KEPT_WITHOUT_HISTORY:
                    yield FieldHistory(entity, field, crm, "creation", None, own, ours)
                else:
                    yield FieldHistory(entity, field, crm, "first_seen", seen, own, ours)


def _first_seen(table: Columns, field: str) -> Iterator[tuple[str, int]]:
    """The sources that fill a field, each with when its first row was seen."""
    crms, there = words(table, "crm"), _known(table[field])
    for code, crm in sorted([*enumerate(crms.words), (-1, "")], key=lambda source: source[1]):
        mine = there & (crms.codes == code)
        if mine.any():
            yield crm, int(ints(table, "first_seen")[mine].min())


def _change_rows(store: Store) -> Counter[tuple[str, str, str, int]]:
    table = store.read("changes", ["entity", "field", "crm", "seen"])
    key = [words(table, name) for name in ("entity", "field", "crm")]
    ours = (ints(table, "seen") > 0).astype(np.int64)
    parts, counts = np.unique(np.stack([*(column.codes for column in key), ours]), axis=1, return_counts=True)
    found: Counter[tuple[str, str, str, int]] = Counter()
    for (*codes, seen), count in zip(parts.T.tolist(), counts.tolist(), strict=True):
        entity, field, crm = (part.words[code] if code >= 0 else "" for part, code in zip(key, codes, strict=True))
        found[entity, field, crm, seen] += count
    return found


def filling(store: Store) -> Iterator[Filled]:
    """How far the main fields are filled, the emptiest first, of every table that has rows."""
    for table, fields in FILLED.items():
        columns = store.read(table, list(fields))
        rows = len(columns[fields[0]])
        if rows:
            found = [Filled(table, field, int(_known(columns[field]).sum()), rows) for field in fields]
            yield from sorted(found, key=lambda filled: (filled.filled, filled.field))


def _known(column: Column) -> Bools:
    """Where a column is filled."""
    if isinstance(column, Words):
        return column.codes >= 0
    known: Bools = ~np.isnan(column) if column.dtype.kind == "f" else column != MISSING
    return known
