"""A CRM of any size in seconds: canonical tables drawn from a seed, in columns, for measuring speed (not quality).

Three sales processes of six stages; deals with an account, a contact, an owner in a team, moves of stage, amount,
expected close, owner and the owner's own guess, an outcome for those old enough; activities of every kind in both
directions, some recorded late, some planned ahead, some promises broken.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.drawing import DAY, END, HOUR, STAGES, START, anything, codes, named, names, weighted
from benchmarks.lives import Lives, changes, lives_of
from benchmarks.tables import Tables
from features.columns import MISSING, Columns, Words
from features.history import History
from features.view import Rows

PROCESSES = ("new business", "renewal", "partner")
KINDS = ("email", "call", "meeting", "note", "task", "quote", "web_visit", "form", "document")
KIND_SHARES = (0.42, 0.22, 0.09, 0.08, 0.05, 0.03, 0.07, 0.02, 0.02)
OUTCOMES = ("sent", "opened", "clicked", "replied", "answered", "missed", "held", "cancelled", "accepted")
SOURCES = ("web", "fair", "partner", "cold call", "referral", "advert", "newsletter", "event")
PRODUCTS = tuple(f"product {letter}" for letter in "ABCDEFGHIJ")
INDUSTRIES = ("62.01Z", "46.90Z", "86.10Z", "41.20A", "70.22Z", "25.62B", "49.41A", "56.10A", "68.31Z", "85.59A")
NEEDS = ("replace the old system", "second site, same contract", "audit before renewal", "more seats and training")
TITLES = (
    "Chief Executive Officer", "Directeur commercial", "Purchasing manager", "Responsable informatique", "Engineer",
    "Assistant", "CFO", "Sales director", "Chef de projet", "Consultant",
)  # fmt: skip
DOMAINS = ("gmail.com", "orange.fr", *(f"company{i}.com" for i in range(200)))
COUNTRIES = ("FR", "BE", "CH", "DE", "ES", "GB")


@dataclass(frozen=True, slots=True)
class Size:
    """How much to draw: deals and activities. Every deal is asked at `rows_per_deal` instants."""

    rows: int
    activities: int
    seed: int = 1
    rows_per_deal: int = 4

    @property
    def deals(self) -> int:
        """Opportunities."""
        return max(self.rows // self.rows_per_deal, 1)


def tables(size: Size) -> Tables:
    """The canonical tables."""
    random = np.random.default_rng(size.seed)
    contacts, owners = size.deals // 2 + 1, size.deals // 500 + 4
    accounts = contacts * 2 // 3 + 1
    lives = lives_of(random, size.deals, contacts, owners)
    return Tables({
        "accounts": _accounts(random, accounts),
        "contacts": _contacts(random, contacts, accounts),
        "opportunities": _deals(random, lives, accounts, contacts, owners),
        "owners": {
            "owner_id": named("U", owners),
            "team": Words(codes(np.arange(owners) // 8), names("team ", owners // 8 + 1)),
        },
        "stages": _stages(),
        "changes": changes(random, lives, owners),
        "activities": _activities(random, lives, size.activities, contacts, owners),
        "attributes": {
            "entity": Words.of(["opportunity"] * 3), "field": Words.of(["Segment", "Budget", "Need"]),
            "known_at": Words.of(["creation"] * 3), "type": Words.of(["category", "number", "text"]),
        },
    })  # fmt: skip


def rows_of(history: History, size: Size) -> Rows:
    """`rows_per_deal` instants of each deal: its creation, then any until `END`; ordered by record, then instant."""
    random = np.random.default_rng(size.seed + 1)
    record = np.repeat(np.arange(len(history.ids)), size.rows_per_deal)
    created = history.created[record]
    later = (random.random(len(record)) * np.minimum(END - created, 300 * DAY)).astype(np.int64)
    later[:: size.rows_per_deal] = 0
    as_of = created + later
    order = np.lexsort((as_of, record))[: size.rows]
    return Rows(record[order], as_of[order])


def _accounts(random: np.random.Generator, count: int) -> Columns:
    employees = np.rint(random.lognormal(4, 2, count))
    employees[random.random(count) < 0.3] = np.nan
    revenue = random.integers(1, 10_000, count) * 1_000_000
    return {
        "account_id": named("A", count), "name": named("Company ", count),
        "country": anything(random, COUNTRIES, count, 0.1),
        "postal_code": anything(random, tuple(f"{number:05d}" for number in range(1000, 96000, 500)), count, 0.2),
        "industry": anything(random, INDUSTRIES, count, 0.2),
        "industry_scheme": Words(np.zeros(count, np.int32), ("NAF",)),
        "domain": anything(random, DOMAINS[2:], count, 0.3),
        "company_number": anything(random, names("5521003", 90), count, 0.5),
        "employees": employees,
        "annual_revenue": np.where(random.random(count) < 0.5, MISSING, revenue),
        "created_at": START - random.integers(0, 1000, count) * DAY,
    }  # fmt: skip


def _contacts(random: np.random.Generator, count: int, accounts: int) -> Columns:
    addresses = tuple(f"person{number}@{DOMAINS[number % len(DOMAINS)]}" for number in range(count))
    email = np.where(random.random(count) < 0.2, -1, np.arange(count))
    return {
        "contact_id": named("C", count),
        "account_id": Words(random.integers(0, accounts, count, np.int32), names("A", accounts)),
        "email": Words(codes(email), addresses), "phone": anything(random, ("+33612345678", "+3225551234"), count, 0.4),
        "title": anything(random, TITLES, count, 0.2), "created_at": START - random.integers(0, 700, count) * DAY,
    }  # fmt: skip


def _deals(random: np.random.Generator, lives: Lives, accounts: int, contacts: int, owners: int) -> Columns:
    n, lost = len(lives.created), lives.closed & ~lives.won
    custom = tuple(
        f'{{"Segment": "segment {a}", "Budget": "{b * 500}", "Need": "{need}"}}'
        for a in range(8) for b in range(20) for need in NEEDS
    )  # fmt: skip
    return {
        "opportunity_id": named("O", n), "created_at": lives.created,
        "account_id": Words(codes(lives.contact.astype(np.int64) * 2 // 3), names("A", accounts)),
        "contact_id": Words(lives.contact, names("C", contacts)), "owner_id": Words(lives.owner, names("U", owners)),
        "process": Words(codes(np.arange(n) % len(PROCESSES)), PROCESSES),
        "product": anything(random, PRODUCTS, n, 0.1), "source": anything(random, SOURCES, n, 0.1),
        "amount": lives.amount * 100,
        "recurring_amount": np.where(random.random(n) < 0.7, MISSING, lives.amount * 10),
        "currency": Words(np.zeros(n, np.int32), ("EUR",)),
        "stage": Words(lives.stage, STAGES), "expected_close": lives.expected * DAY,
        "own_probability": lives.guess / 10,
        "closed_at": np.where(lives.closed, lives.ended, MISSING),
        "outcome": Words(codes(np.where(lives.closed, ~lives.won, -1)), ("won", "lost")),
        "loss_reason": Words(codes(np.where(lost, np.arange(n) % 3, -1)), ("price", "time", "none")),
        "first_seen": np.full(n, END), "custom": anything(random, custom, n, 0.1),
    }  # fmt: skip


def _stages() -> Columns:
    return {
        "process": Words(np.repeat(np.arange(len(PROCESSES), dtype=np.int32), len(STAGES)), PROCESSES),
        "stage": Words(np.tile(np.arange(len(STAGES), dtype=np.int32), len(PROCESSES)), STAGES),
        "position": np.tile(np.arange(1.0, len(STAGES) + 1), len(PROCESSES)),
    }


def _activities(random: np.random.Generator, lives: Lives, count: int, contacts: int, owners: int) -> Columns:
    """Activities in order of deal; a fifth name the contact alone, an eighth were planned ahead."""
    n = len(lives.created)
    weight = np.cumsum(random.gamma(1.5, 1.0, n))
    deal = np.sort(np.searchsorted(weight, random.random(count) * weight[-1])).clip(0, n - 1)
    created, length = lives.created[deal], (lives.ended - lives.created)[deal]
    occurred = created + (random.random(count) * 1.05 * length - 0.05 * length).astype(np.int64)
    recorded = occurred + np.where(random.random(count) < 0.1, random.integers(0, 3 * DAY, count), 0)
    kind = weighted(random, KIND_SHARES, count)
    planned = (random.random(count) < 0.125) & (kind <= 4)
    due = np.where(planned, occurred + random.integers(HOUR, 20 * DAY, count), MISSING)
    kept = random.random(count) < 0.85
    done = np.where(planned & kept, due + random.integers(-DAY, 5 * DAY, count), MISSING)
    spoken = (kind == 1) | (kind == 2)
    seconds = np.where(spoken, np.rint(random.gamma(2, 600, count)), np.nan)
    direction = np.where(kind >= 6, 0, random.integers(0, 2, count))
    direction[(kind == 3) | (kind == 4)] = -1
    return {
        "kind": Words(kind, KINDS), "direction": Words(codes(direction), ("in", "out")),
        "opportunity_id": Words(codes(np.where(random.random(count) < 0.2, -1, deal)), names("O", n)),
        "contact_id": Words(lives.contact[deal], names("C", contacts)),
        "owner_id": Words(lives.owner[deal], names("U", owners)),
        "occurred_at": occurred, "recorded_at": recorded, "due_at": due,
        "done_at": np.where(done == MISSING, MISSING, np.maximum(done, recorded)),
        "duration_s": seconds, "outcome": anything(random, OUTCOMES, count, 0.4),
    }  # fmt: skip
