"""Small CRM histories as canonical rows: made at random on a coarse grid of instants so that ties and window edges are
common, cut at an instant as an export of that day would have been, and loaded into a store.

A row is a dict of typed values (instants int64 microseconds, money minor units, None unknown). Beyond the canonical
columns: `first_seen` (arrival of the row), `crm` (its source), `custom` (its custom fields), `seen` (we wrote it).
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st

from features.columns import MISSING, Column, Columns, Words
from features.crm.rows import values_of
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.values import canonical

Row: TypeAlias = dict[str, Any]
Crm: TypeAlias = dict[str, list[Row]]

DAY = 86_400_000_000
START = 1_711_346_400_000_000
"""2024-03-25T06:00Z: the grid crosses the change to summer time and the end of a quarter."""
DAYS = (0, 1, 2, 3, 7, 8, 10, 14, 15, 17, 22, 30, 31, 37, 45, 60, 90, 91, 97, 105)
"""Offsets whose differences are often 7, 15, 30 or 90 days."""
LATER = 4_000_000_000_000_000
ENTITIES = {table.entity: name for name, table in TABLES.items() if table.entity}
STAGES = ("new", "offer", "talks", "signing", "elsewhere")
WORDS: dict[str, tuple[Any, ...]] = {
    "stage": STAGES, "status": ("new", "working", "hot", None), "owner_id": ("ann", "bob", "cid", None),
    "amount": (0, 100_000, 250_050, None), "expected_close": (START + 20 * DAY, START + 60 * DAY, None),
    "own_probability": (0.1, 0.5, None), "process": ("loan", "tender", None), "source": ("web", "fair", None),
    "title": ("Directeur général", "Acheteuse", None), "industry": ("62.01Z", "47.11F", None),
    "employees": (3.0, 400.0),
    "account_id": ("A0", "A1", None), "Level": ("high", "low", None), "team": ("north", "south", None),
}  # fmt: skip


def moment(random: Random) -> int:
    """An instant of the grid, sometimes one microsecond beside it."""
    return START + random.choice(DAYS) * DAY + random.choice((0, 0, 0, 0, -1, 1))


def as_text(value: Any, field: str) -> str | None:
    """A value as a change row holds it."""
    return canonical(value, kind_of(field)) or None


def kind_of(field: str) -> str:
    """The type of a field that changes."""
    kinds = {"amount": "money", "expected_close": "time", "own_probability": "number", "employees": "number"}
    return "time" if field.endswith("_at") else kinds.get(field, "text")


class Maker:
    """Draws one small CRM."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.crm: Crm = {name: [] for name in TABLES}
        self.history = {field: random.random() < 0.6 for field in WORDS}

    def maybe(self, value: Any, chance: float = 0.5) -> Any:
        """The value, or None."""
        return value if self.random.random() < chance else None

    def word(self, field: str) -> Any:
        """One value of a field."""
        return self.random.choice(WORDS[field])

    def late(self, occurred: int) -> int | None:
        """When a row about `occurred` was recorded."""
        return self.random.choice((None, None, None, occurred, occurred + DAY, occurred + 7 * DAY))

    def changes(self, entity: str, row: Row, field: str, most: int = 3) -> None:
        """A chain of changes of a field ending at the row's value, some at or before its creation."""
        times = sorted({moment(self.random) for _ in range(self.random.randint(0, most))})
        values = [self.word(field) for _ in times] + [row.get(field)]
        for occurred, (old, new) in zip(times, pairwise(values), strict=True):
            self.change(entity, row, field, old, new, occurred, self.late(occurred))

    def change(
        self, entity: str, row: Row, field: str, old: Any, new: Any, occurred: int, recorded: int | None = None
    ) -> None:
        """One change row, unless the source keeps no history of the field: then we saw it ourselves or nobody did."""
        seen = not self.history.get(field, True)
        self.crm["changes"].append({
            "entity": entity, "entity_id": row[f"{entity}_id"], "field": field, "old": as_text(old, field),
            "new": as_text(new, field), "occurred_at": occurred, "recorded_at": occurred if seen else recorded,
            "seen": int(seen), "crm": row["crm"], "first_seen": LATER,
        })  # fmt: skip

    def record(self, **columns: Any) -> Row:
        """A row first seen at some time."""
        seen = max(self.random.choice((START - DAY, moment(self.random), LATER)), columns.get("created_at") or 0)
        return {**columns, "crm": "", "first_seen": seen}

    def people(self) -> None:
        """Accounts, contacts, owners and the stages of a process."""
        random = self.random
        for number in range(3):
            account = self.record(
                account_id=f"A{number}", country=self.maybe("FR"), postal_code=self.maybe("35000"),
                industry=self.word("industry"), employees=self.word("employees"), annual_revenue=self.maybe(12_345_678),
                created_at=random.choice((None, START - 400 * DAY, moment(random))),
            )  # fmt: skip
            account["custom"] = {"Tier": random.choice(("", "gold", "iron"))}
            self.crm["accounts"].append(account)
            self.changes("account", account, "industry", 1)
            self.changes("account", account, "employees", 1)
        for number in range(2):
            contact = self.record(
                contact_id=f"C{number}", email=self.maybe("jean@orange.fr"), phone=self.maybe("+33 2 99 00 00 00"),
                title=self.word("title"), created_at=random.choice((None, START - 9 * DAY, moment(random))),
            )  # fmt: skip
            self.crm["contacts"].append(contact)
            self.changes("contact", contact, "title", 1)
        for name in ("ann", "bob"):
            owner = self.record(owner_id=name, team=self.word("team"))
            self.crm["owners"].append(owner)
            self.history["team"] = True
            self.changes("owner", owner, "team", 1)
        for process in ("loan", "tender"):
            for position, stage in enumerate(STAGES[: random.choice((0, 3, 4))], 1):
                self.crm["stages"].append(self.record(
                    process=process, stage=stage, position=position, active_from=self.maybe(moment(random), 0.3),
                    active_until=self.maybe(moment(random), 0.3),
                ))  # fmt: skip

    def leads(self, number: int) -> None:
        """One lead: open, converted, disqualified, or disqualified and taken up again."""
        lead = self.record(
            lead_id=f"L{number}", created_at=moment(self.random), account_id=self.word("account_id"),
            contact_id=self.maybe("C0"), email=self.maybe("a@b.fr"), title=self.word("title"), country=self.maybe("DE"),
            source=self.word("source"), campaign=self.maybe("spring"), process=self.word("process"),
            owner_id=self.word("owner_id"), status=self.word("status"), deleted_at=self.maybe(moment(self.random), 0.1),
        )  # fmt: skip
        self.crm["leads"].append(lead)
        for field in ("status", "owner_id", "account_id", "source"):
            self.changes("lead", lead, field, 2 if field in ("status", "owner_id") else 1)
        ended, again = sorted(lead["created_at"] + self.random.choice(DAYS) * DAY for _ in range(2))
        end = self.random.choice(("converted_at", "disqualified_at", None))
        if end and ended < again and self.random.random() < 0.2:
            self.change("lead", lead, end, None, ended, ended, self.late(ended))
            self.change("lead", lead, end, ended, None, again + 8 * DAY)
        elif end:
            lead[end] = ended
            if self.random.random() < 0.5:
                self.change("lead", lead, end, None, ended, ended, self.late(ended))

    def opportunity(self, number: int) -> None:
        """One opportunity with the history of its fields and of its outcome."""
        random = self.random
        deal = self.record(
            opportunity_id=f"O{number}", created_at=moment(random), account_id=self.word("account_id"),
            contact_id=self.maybe("C1"), lead_id=self.maybe(random.choice(("L0", "L1")), 0.4),
            owner_id=self.word("owner_id"), process=self.word("process"), product=self.maybe("card"),
            source=self.word("source"), amount=self.word("amount"), recurring_amount=self.maybe(990),
            stage=self.word("stage"),
            currency=random.choice(("EUR", "EUR", None, "USD")),
            expected_close=self.word("expected_close"), own_probability=self.word("own_probability"),
            deleted_at=self.maybe(moment(random), 0.1),
        )  # fmt: skip
        deal["custom"] = {
            "Level": self.word("Level") or "", "Budget": random.choice(("", "12.5", "7")),
            "Comment": random.choice(("", "Prix ferme, étude", "appel d'offres")),
            "Renewal": random.choice(("", "2024-03-01T00:00:00+00:00")),
        }  # fmt: skip
        deal["crm"] = random.choice(("", "", "", "other"))
        self.crm["opportunities"].append(deal)
        for field in ("stage", "owner_id", "amount", "expected_close", "own_probability", "process"):
            self.changes("opportunity", deal, field)
        self.changes("opportunity", {**deal, "Level": deal["custom"]["Level"] or None}, "Level", 1)
        self.outcome(deal)

    def outcome(self, deal: Row) -> None:
        """Ends of a deal, each known from a change row or only from `closed_at`, and reopenings."""
        random = self.random
        states = random.choice(((), (), ("won",), ("lost",), ("lost", None), ("lost", None, "won"), ("won", None)))
        if not states:
            return
        span = sorted(random.sample(DAYS[1:], len(states)))
        times = [deal["created_at"] + days * DAY for days in span]
        told = random.random() < 0.7 or len(states) > 1
        first_told = random.random() < 0.8  # else it was closed when we first saw it
        deal["outcome"] = states[-1]
        if states[-1]:
            backdated = first_told and random.random() < 0.3
            deal["closed_at"] = times[-1] - 40 * DAY if backdated else times[-1]
            deal["loss_reason"] = self.maybe("price") if states[-1] == "lost" else None
        closed: int | None = times[0]
        recorded = 0
        for at, (old, new) in zip(times, pairwise((None, *states)), strict=True):
            if told and (first_told or at != times[0]):
                recorded = max(self.late(at) or at, recorded)
                self.change("opportunity", deal, "outcome", old, new, at, recorded)
                if not first_told:
                    self.change("opportunity", deal, "closed_at", closed, at if new else None, at)
                    closed = at if new else None

    def activity(self, number: int) -> None:
        """Something done, planned, overdue, done late, or recorded late."""
        random = self.random
        occurred = moment(random)
        due = self.maybe(moment(random), 0.4)
        done = self.maybe(max(occurred, due or occurred) + random.choice((0, -DAY, 7 * DAY)), 0.6)
        self.crm["activities"].append(self.record(
            activity_id=f"V{number}", direction=random.choice(("in", "out", "out", None)),
            kind=random.choice(("call", "meeting", "email", "email", "quote", "form", "task")),
            lead_id=self.maybe("L0", 0.3),
            contact_id=self.maybe(random.choice(("C0", "C1")), 0.4),
            opportunity_id=self.maybe(random.choice(("O0", "O0", "O1")), 0.6),
            owner_id=self.maybe(random.choice(("ann", "bob"))),
            occurred_at=occurred, recorded_at=self.late(occurred), due_at=due, done_at=done,
            duration_s=self.maybe(90.25),
            outcome=random.choice(("held", "opened", "missed", "replied", "site survey", None)),
        ))  # fmt: skip


def make_crm(random: Random) -> Crm:
    """A CRM of a few leads and opportunities."""
    maker = Maker(random)
    maker.people()
    for number in range(random.randint(1, 3)):
        maker.leads(number)
    for number in range(random.randint(1, 5)):
        maker.opportunity(number)
    for number in range(random.randint(0, 12)):
        maker.activity(number)
    for entity, field, known_at, sort in (
        ("opportunity", "Level", "changes", "category"), ("opportunity", "Budget", "creation", "number"),
        ("opportunity", "Comment", "creation", "text"), ("opportunity", "Renewal", "creation", "date"),
        ("account", "Tier", "creation", "category"),
    ):  # fmt: skip
        maker.crm["attributes"].append(maker.record(entity=entity, field=field, known_at=known_at, type=sort))
    maker.crm["changes"] = list({_key("changes", row): row for row in maker.crm["changes"]}.values())
    return maker.crm


def small_property(examples: int) -> settings:
    """Settings of a property over small CRMs: seeded, and without shrinking, which would take minutes."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None,
        phases=(Phase.generate,), verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def seeded(seed: int) -> Random:
    """A source of random draws that gives the same ones each time."""
    return Random(seed)  # noqa: S311


def crms() -> st.SearchStrategy[Crm]:
    """Small CRM histories."""
    return st.randoms(use_true_random=False).map(make_crm)


def instants(crm: Crm) -> list[int]:
    """Every instant a history names and each a microsecond later, in order: the edges of everything."""
    named = {
        row[column.name]
        for name, rows in crm.items()
        for row in rows
        for column in TABLES[name].columns
        if column.type == "time" and row.get(column.name) is not None
    }
    return sorted({at + step for at in named for step in (0, 1)})


# loading


def _key(name: str, row: Row) -> tuple[Any, ...]:
    return (*(row.get(part) for part in TABLES[name].key), row.get("crm", ""))


def _column(values: Sequence[Any], sort: str) -> Column:
    if sort in ("time", "money"):
        return np.array([MISSING if value is None else value for value in values], np.int64)
    if sort == "number":
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return Words.of(values)


def store_of(crm: Mapping[str, Sequence[Row]], url: str = "sqlite://") -> Store:
    """A store that holds these rows, each first seen when it says."""
    store = Store.open(url)
    for name, rows in crm.items():
        for seen_at, source in sorted({(row.get("first_seen", LATER), row.get("crm", "")) for row in rows}):
            part = [row for row in rows if (row.get("first_seen", LATER), row.get("crm", "")) == (seen_at, source)]
            columns: Columns = {
                column.name: _column([row.get(column.name) for row in part], column.type)
                for column in TABLES[name].columns
            }
            if name == "changes":
                columns["seen"] = np.array([row.get("seen", 0) for row in part], np.int64)
            store.upsert(name, columns, [row.get("custom", {}) for row in part], crm=source, seen_at=seen_at)
    return store


def rows_in(store: Store) -> Crm:
    """Every canonical row of a store, as it is held."""
    crm: Crm = {}
    for name in TABLES:
        columns = {column: values_of(values) for column, values in store.read(name).items()}
        columns["crm"] = [source or "" for source in columns["crm"]]
        rows: list[Row] = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        crm[name] = [{**row, "custom": json.loads(row["custom"] or "{}")} for row in rows]
    return crm


def write_folder(crm: Mapping[str, Sequence[Row]], folder: Path) -> None:
    """The canonical columns as CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in crm.items():
        if rows:
            columns = [c for c in TABLES[name].columns if any(row.get(c.name) is not None for row in rows)]
            lines = [",".join(c.name for c in columns)]
            lines += [",".join(f'"{_cell(row.get(c.name), c.type)}"' for c in columns) for row in rows]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(value: Any, sort: str) -> str:
    return value if isinstance(value, str) else canonical(value, sort)


def small_crm(**tables: Sequence[Row]) -> Crm:
    """Exactly these rows, first seen much later unless a row says otherwise."""
    rows = {name: [{"crm": "", "first_seen": LATER, **row} for row in tables.get(name, ())] for name in TABLES}
    for row in rows["changes"]:
        row.setdefault("recorded_at", None)
    return rows


def day(number: float) -> int:
    """An instant by its day after the start."""
    return START + round(number * DAY)


def changed(entity: str, record: str, field: str, *told: Any, recorded: float | None = None) -> list[Row]:
    """Change rows of a field from (day, new) pairs that follow the first value."""
    old, rows = told[0], []
    for number, new in told[1:]:
        rows.append({
            "entity": entity, "entity_id": record, "field": field, "old": as_text(old, field),
            "new": as_text(new, field), "occurred_at": day(number),
            "recorded_at": None if recorded is None else day(recorded),
        })  # fmt: skip
        old = new
    return rows
