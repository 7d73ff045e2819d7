"""Faults of values, duplicates, dates and volumes: what is sown, and what must be found of it."""

from collections import Counter
from datetime import timedelta
from statistics import median

from tests.crm_folder import DAY, Crm, Row, seeded
from tests.features.crm.health.clean import BEGIN, HOUR, SEEN, UNTIL, at_work
from tests.features.crm.health.planting import (
    Fault,
    Sown,
    add,
    change,
    closed,
    converted,
    direct,
    drop,
    fresh,
    local,
    lost,
    put,
    refused,
    rows_of,
    share,
    sown,
    still_open,
    won,
)

YEAR = 365 * DAY


def _second(table: str, **values: object) -> Fault:
    """Give the row after the eleventh these values, or (None) the eleventh's own."""

    def fault(crm: Crm) -> Sown:
        first, second = rows_of(crm, table)[10:12]
        second |= {name: first[name] if value is None else value for name, value in values.items()}
        return sown(table, [second])

    return fault


def _same_number(crm: Crm) -> Sown:
    first, second = rows_of(crm, "accounts")[10:12]
    first["company_number"], second["company_number"] = "732 829 320", "732829320"
    return sown("accounts", [second])


def _same_name(crm: Crm) -> Sown:
    row = rows_of(crm, "accounts")[11]
    row |= {"name": "S.A.R.L. MAISON 010", "domain": None, "postal_code": None}
    return sown("accounts", [row])


def _same_person(crm: Crm) -> Sown:
    contacts = rows_of(crm, "contacts")
    contacts[11]["email"] = contacts[10]["email"].upper()
    contacts[140] |= {"phone": contacts[20]["phone"].replace("+33 ", "0"), "email": None}
    return sown("contacts", [contacts[11], contacts[140]])


def _shared_address(crm: Crm) -> Sown:
    contacts = rows_of(crm, "contacts")[10:16]
    for row in contacts:
        row["email"] = "info@maison010.example"
    return sown("contacts", contacts)


def _same_lead(crm: Crm) -> Sown:
    first, second = rows_of(crm, "leads")[20:22]
    second |= {"email": first["email"], "created_at": first["created_at"] + 3 * HOUR}
    return sown("leads", [second])


def _same_deal(crm: Crm) -> Sown:
    first, second = rows_of(crm, "opportunities", direct)[20:22]
    second |= {name: first[name] for name in ("account_id", "contact_id", "amount", "name")}
    second["created_at"] = first["created_at"] + DAY
    return sown("opportunities", [second])


def _customer(number: int) -> Row:
    """An account in turn, and its contact."""
    return {"account_id": f"A{number % 120:03}", "contact_id": f"C{number % 120:03}"}


def _default_close(crm: Crm) -> Sown:
    """Sixty more open deals, all expected to close ninety days after their creation."""
    like, random = rows_of(crm, "opportunities", fresh)[0], seeded(3)
    made = []
    for number in range(60):
        born = at_work(random, 636 + number)
        made.append(like | {
            "opportunity_id": f"X{number:02}", "created_at": born, "expected_close": born + 90 * DAY, "stage": "first",
            "name": f"New {number}", "amount": 100_000 + 700 * number, **_customer(number),
        })  # fmt: skip
    mails = [
        {"activity_id": f"X{deal['opportunity_id']}", "kind": "email", "opportunity_id": deal["opportunity_id"],
         "occurred_at": deal["created_at"] + HOUR}
        for deal in made
    ]  # fmt: skip
    add(crm, "activities", *mails)
    return add(crm, "opportunities", *made)


def _on_last_day(at: int) -> bool:
    return (local(at) + timedelta(days=1)).day == 1


def _month_end(crm: Crm) -> Sown:
    """Every other closing is put off to the last afternoon of its month."""
    rows, random = rows_of(crm, "opportunities", closed), seeded(5)
    for row in rows[::2]:
        while not _on_last_day(row["closed_at"]):
            row["closed_at"] += DAY
        row["closed_at"] += random.randrange(HOUR)
    return sown("opportunities", [row for row in rows if _on_last_day(row["closed_at"])])


def _rounded(step: int) -> Fault:
    """Creations of contacts known to the hour, or to the day."""

    def fault(crm: Crm) -> Sown:
        for row in crm["contacts"]:
            row["created_at"] -= row["created_at"] % step
        return sown("contacts", crm["contacts"])

    return fault


def _same_delay(crm: Crm) -> Sown:
    rows = [row for row in rows_of(crm, "leads") if refused(row)]
    for row in rows:
        row["disqualified_at"] = row["created_at"] + HOUR
    return sown("leads", rows)


def _steady_beat(crm: Crm) -> Sown:
    rows = rows_of(crm, "leads")
    for number, row in enumerate(rows):
        row["created_at"] = BEGIN - DAY + 3 * HOUR + number * (680 * DAY // 300)
    return sown("leads", rows[1:])


def _foreign_quota(crm: Crm) -> Sown:
    rows = rows_of(crm, "quotas")[:2]
    for row in rows:
        row["currency"] = "USD"
    return sown("quotas", rows)


def _wrong_numbers(crm: Crm) -> Sown:
    rows = rows_of(crm, "accounts")[10:12]
    rows[0]["company_number"], rows[1]["company_number"] = "552008444", "732 829 320 00075"
    return sown("accounts", rows)


def _migration(crm: Crm) -> Sown:
    rows = rows_of(crm, "accounts")[:60]
    for number, row in enumerate(rows):
        row["created_at"] = BEGIN + 8 * HOUR + number * HOUR // 10
    return sown("accounts", rows)


def _cleaning(crm: Crm) -> Sown:
    day = UNTIL - 3 * DAY
    for number, row in enumerate(rows_of(crm, "opportunities", lost)[::4]):
        row["closed_at"] = day + number * HOUR // 20
    return sown(
        "opportunities", rows_of(crm, "opportunities", lambda row: lost(row) and day <= row["closed_at"] < day + DAY)
    )


def _more(crm: Crm) -> Sown:
    """From May 2025 on, four hundred deals more than usual."""
    like, random, start = rows_of(crm, "opportunities", lambda row: won(row) and direct(row))[0], seeded(9), 486
    before = [row for row in crm["opportunities"] if row["created_at"] >= BEGIN + start * DAY]
    made = [
        like | {
            "opportunity_id": f"X{number:03}", "created_at": (born := at_work(random, start + number * 205 / 400)),
            "closed_at": born + random.randrange(3 * DAY, 9 * DAY), "name": f"New {number}", "amount": 1000 + number,
            "expected_close": born + 30 * DAY, "owner_id": f"U{number % 6}", **_customer(number),
        }
        for number in range(400)
    ]  # fmt: skip
    add(crm, "opportunities", *made)
    add(crm, "changes", *(change(deal, "stage", "first", "gained", deal["closed_at"]) for deal in made))
    return sown("opportunities", made + before)


def _silence(crm: Crm) -> Sown:
    leads = rows_of(crm, "leads")
    gone = [row for row in leads if BEGIN + 300 * DAY < row["created_at"] < BEGIN + 370 * DAY]
    drop(crm, "leads", gone)
    left = sorted((row for row in leads if row not in gone), key=lambda row: int(row["created_at"]))
    first = next(row for row in left if row["created_at"] > gone[0]["created_at"])
    last = left[left.index(first) - 1]
    months = Counter(local(row["created_at"]).strftime("%Y-%m") for row in left)
    whole = [months.get(f"{2024 + month // 12}-{month % 12 + 1:02}", 0) for month in range(1, 22)]
    missed = round(median(whole) / 30.4 * (first["created_at"] - last["created_at"]) / DAY)
    return Sown(missed, (last["lead_id"], first["lead_id"]))


def _old_export(crm: Crm) -> Sown:
    for rows in crm.values():
        for row in rows:
            row["first_seen"] = SEEN + 200 * DAY
    deals = rows_of(crm, "opportunities", still_open)
    leads = rows_of(crm, "leads", lambda row: not refused(row) and not converted(row))
    return Sown(len(deals) + len(leads), sown("opportunities", deals).ids)


def _filled(before: str | None, since: str | None) -> Fault:
    """The campaign of leads made before April 2025, and since."""

    def fault(crm: Crm) -> Sown:
        april = BEGIN + 456 * DAY
        for row in crm["leads"]:
            row["campaign"] = before if row["created_at"] < april else since
        return sown("leads", [row for row in crm["leads"] if not row["campaign"]])

    return fault


RECORDS: dict[str, Fault] = {
    "same_company_number": _same_number,
    "same_company_name": _same_name,
    "same_company_domain": _second("accounts", domain="https://www.maison010.example/contact"),
    "same_person": _same_person,
    "shared_address": _shared_address,
    "same_lead": _same_lead,
    "same_deal": _same_deal,
    "closed_before_created": put("opportunities", 2, won, closed_at=lambda row: row["created_at"] - 90 * DAY),
    "in_the_future": put("opportunities", 2, won, closed_at=SEEN + 30 * DAY),
    "placeholder_dates": put("accounts", 2, created_at=0),
    "expected_close_far": put("opportunities", 2, fresh, expected_close=SEEN + 9 * YEAR),
    "expected_close_past": put("opportunities", 2, fresh, expected_close=UNTIL - 9 * DAY),
    "expected_close_before_creation": put(
        "opportunities", 2, fresh, also=("expected_close_past",), expected_close=lambda row: row["created_at"] - 5 * DAY
    ),
    "expected_close_default": _default_close,
    "month_end_closings": _month_end,
    "midnights": _rounded(DAY),
    "whole_hours": _rounded(HOUR),
    "same_delay": _same_delay,
    "steady_beat": _steady_beat,
    "mixed_currencies": put("opportunities", 2, currency="USD"),
    "currency_missing": put("opportunities", 2, currency=None),
    "quota_currency": _foreign_quota,
    "won_for_nothing": put("opportunities", 2, won, amount=0),
    "same_amount": share("opportunities", direct, amount=500_000),
    "amount_out_of_measure": put("opportunities", 2, lambda row: row["process"] == "sales", amount=10**11),
    "revenue_a_head": put("accounts", 2, annual_revenue=10_000),
    "email_invalid": put("contacts", 2, email="see below"),
    "phone_invalid": put("contacts", 2, phone="00 00 00 00 00"),
    "siren_invalid": _wrong_numbers,
    "free_mail_domain": put("accounts", 2, domain="gmail.com"),
    "employees_absurd": put("accounts", 2, employees=5e6, annual_revenue=None),
    "test_records": put("leads", 2, company="TEST ne pas appeler"),
    "migration_day": _migration,
    "cleaning_day": _cleaning,
    "volume_change": _more,
    "silence": _silence,
    "old_export": _old_export,
    "field_went_empty": _filled("spring", None),
    "field_came_later": _filled(None, "spring"),
}
"""Faults of values, duplicates, dates and volumes: what is sown, and what must be found of it."""
