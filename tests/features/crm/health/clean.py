"""A small CRM in good health, large enough for statistics to speak: what every planted fault is put into."""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np

from features.calendar import Zone
from tests.crm_folder import DAY, Crm, Row, as_text, seeded, small_crm

HOUR = DAY // 24
MINUTE = HOUR // 60
ZONE = Zone("Europe/Paris")
BEGIN = ZONE.midnight(2024, 1, 1)
"""A Monday."""
LOCAL_BEGIN = int(ZONE.local(np.array([BEGIN])).item())
DAYS = 700
UNTIL = BEGIN + DAYS * DAY
SEEN = UNTIL + DAY
STAGES = ("first", "offer", "talks")
REASONS = ("price", "rival", "no decision", "budget")
DEALS, LEADS, ACCOUNTS, OWNERS = 480, 300, 120, 6


def at_work(random: Random, day: float) -> int:
    """Some instant of the working hours of a day, of the Monday after where it is a week-end."""
    whole = int(day) + max(0, 7 - int(day) % 7 if int(day) % 7 > 4 else 0)
    return int(ZONE.utc(np.array([LOCAL_BEGIN + whole * DAY + random.randrange(8 * HOUR, 18 * HOUR)])).item())


def moves(entity: str, row: Row, field: str, steps: Iterable[tuple[int, str | None]]) -> list[Row]:
    """The change rows of a field from (instant, value) pairs that follow its first value; the last one stays."""
    told = [(0, row.get(field)), *steps]
    row[field] = told[-1][1]
    return [
        {"entity": entity, "entity_id": row[f"{entity}_id"], "field": field, "old": as_text(old, field),
         "new": as_text(new, field), "occurred_at": at, "recorded_at": None, "seen": 0}
        for (_, old), (at, new) in pairwise(told)
    ]  # fmt: skip


class Clean:
    """Makes the rows, table by table."""

    def __init__(self) -> None:
        self.random = seeded(11)
        self.tables: dict[str, list[Row]] = {
            "owners": self.owners(), "stages": self.stages(), "quotas": self.quotas(), "accounts": self.accounts(),
            "contacts": self.contacts(), "leads": [], "opportunities": [], "changes": [], "activities": [],
        }  # fmt: skip
        for number in range(LEADS):
            self.lead(number)
        for number in range(DEALS):
            self.deal(number)

    def owners(self) -> list[Row]:
        return [
            {"owner_id": f"U{number}", "team": ("north", "south")[number % 2], "manager_id": "U0" if number else None,
             "active_from": BEGIN - 90 * DAY}
            for number in range(OWNERS)
        ]  # fmt: skip

    def stages(self) -> list[Row]:
        kinds = dict.fromkeys(STAGES, "open") | {"gained": "won", "dropped": "lost"}
        return [
            {"process": process, "stage": stage, "position": place, "kind": kind}
            for process in ("sales", "tender")
            for place, (stage, kind) in enumerate(kinds.items(), 1)
        ]

    def quotas(self) -> list[Row]:
        periods = [f"2024-Q{quarter}" for quarter in (1, 2, 3, 4)]
        return [
            {"period": period, "owner_id": f"U{number}", "amount": 5_000_000, "currency": "EUR"}
            for period in periods
            for number in range(OWNERS)
        ]

    def accounts(self) -> list[Row]:
        return [
            {"account_id": f"A{number:03}", "name": f"Maison {number:03} SARL", "domain": f"maison{number:03}.example",
             "country": "FR", "postal_code": f"{35000 + number}", "industry": "62.01Z", "employees": 10.0 + number,
             "annual_revenue": (10 + number) * 12_000_000, "currency": "EUR",
             "created_at": at_work(self.random, number)}
            for number in range(ACCOUNTS)
        ]  # fmt: skip

    def contacts(self) -> list[Row]:
        return [
            {"contact_id": f"C{number:03}", "account_id": f"A{number % ACCOUNTS:03}", "title": "Directeur",
             "email": f"p.{number:03}@maison{number % ACCOUNTS:03}.example",
             "phone": f"+33 2 99 {37 * number + 100000:06}",
             "created_at": at_work(self.random, number)}
            for number in range(2 * ACCOUNTS)
        ]  # fmt: skip

    def lead(self, number: int) -> None:
        random, born = self.random, at_work(self.random, number * (DAYS - 20) / LEADS)
        lead = {
            "lead_id": f"L{number:03}", "created_at": born, "account_id": f"A{number % ACCOUNTS:03}",
            "company": f"Maison {number % ACCOUNTS:03}", "email": f"l.{number:03}@maison.example",
            "phone": f"+33 2 40 {41 * number + 200000:06}", "country": "FR", "source": random.choice(("web", "fair")),
            "process": "sales", "owner_id": f"U{random.randrange(OWNERS)}", "status": "new",
            "url": f"https://crm.example/leads/{number}",
        }  # fmt: skip
        touched = at_work(random, (born - BEGIN) / DAY + 1)
        ended = at_work(random, (born - BEGIN) / DAY + random.randint(4, 14))
        self.activity("call", touched, lead_id=lead["lead_id"], owner_id=lead["owner_id"])
        if ended >= UNTIL - 12 * DAY:
            self.tables["changes"] += moves("lead", lead, "status", [(touched, "working")])
        elif number % 2:
            lead |= {"converted_at": ended, "opportunity_id": f"O{number:03}"}
            self.tables["changes"] += moves("lead", lead, "status", [(touched, "working"), (ended, "converted")])
        else:
            lead |= {"disqualified_at": ended, "disqualified_reason": random.choice(REASONS)}
            self.tables["changes"] += moves("lead", lead, "status", [(touched, "working"), (ended, "refused")])
        self.tables["leads"].append(lead)

    def deal(self, number: int) -> None:
        random, process = self.random, ("sales", "tender")[number % 3 == 0]
        lead = next((row for row in self.tables["leads"] if row.get("opportunity_id") == f"O{number:03}"), None)
        born = lead["converted_at"] + random.randrange(MINUTE, HOUR) if lead else self.direct(number)
        account = int(lead["account_id"][1:]) if lead else random.randrange(ACCOUNTS)
        deal: Row = {
            "opportunity_id": f"O{number:03}", "created_at": born, "account_id": f"A{account:03}",
            "contact_id": f"C{account + ACCOUNTS * random.randrange(2):03}", "owner_id": f"U{random.randrange(OWNERS)}",
            "lead_id": lead["lead_id"] if lead else None, "process": process, "name": f"Deal {number:03}",
            "source": random.choice(("web", "fair")), "amount": random.randrange(100_000, 9_000_000, 100),
            "currency": "EUR", "stage": STAGES[0], "own_probability": random.randrange(1, 9) / 10,
            "expected_close": born // DAY * DAY + random.randrange(130, 260) * DAY,
            "url": f"https://crm.example/deals/{number}",
        }  # fmt: skip
        lasts = random.randrange(6 * DAY, 80 * DAY)
        ended = at_work(random, (born + lasts - BEGIN) / DAY)
        steps = [(born + round(lasts * share), stage) for share, stage in ((0.2, "offer"), (0.6, "talks"))]
        outcome = random.choice(("won", "lost", "lost"))
        if ended < UNTIL:
            deal |= {"closed_at": ended, "loss_reason": random.choice(REASONS) if outcome == "lost" else None}
            self.tables["changes"] += moves("opportunity", deal, "outcome", [(ended, outcome)])
            steps.append((ended, "gained" if outcome == "won" else "dropped"))
        kept = [(at, stage) for at, stage in steps if at < UNTIL]
        self.tables["changes"] += moves("opportunity", deal, "stage", kept)
        tied = {key: deal[key] for key in ("opportunity_id", "account_id", "contact_id", "owner_id")}
        for kind, share in (("call", 0.05), ("email", 0.3), ("meeting", 0.7)):
            day = (born + lasts * share - BEGIN) / DAY
            at = min(max(at_work(random, day), born + HOUR), ended - HOUR)
            if at < UNTIL:
                self.activity(kind, at, **tied)
        self.tables["opportunities"].append(deal)

    def direct(self, number: int) -> int:
        """When a deal without a lead is made: the deals that come of leads leave gaps that these fill."""
        return at_work(self.random, (number % DEALS) * (DAYS - 10) / DEALS)

    def activity(self, kind: str, at: int, **tied: object) -> None:
        number = len(self.tables["activities"])
        self.tables["activities"].append(
            {"activity_id": f"E{number:04}", "kind": kind, "direction": "out", "occurred_at": at, **tied}
        )


@cache
def _tables() -> Crm:
    return Clean().tables


def clean() -> Crm:
    """The rows of the healthy CRM, to be altered at will."""
    tables = {name: [{**row, "first_seen": SEEN} for row in rows] for name, rows in _tables().items()}
    return small_crm(**tables)
