"""Dates that cannot be, defaults that stand for dates, and what the hours of the day tell of the export."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import DAY, ENDS, Snapshot
from features.crm.health.statistics import ALARM, at_least

BORN = {"leads": "created_at", "opportunities": "created_at", "accounts": "created_at", "contacts": "created_at"}
HAPPENED = {
    "leads": ("created_at", *ENDS["leads"]), "opportunities": ("created_at", *ENDS["opportunities"]),
    "changes": ("occurred_at",), "activities": ("recorded_at", "done_at"),
}  # fmt: skip
"""The dates that only the past can hold."""

FAR = 5 * 366 * DAY
OLDEST = (1991 - 1970) * 365 * DAY
"""Before it (1990) no CRM was; 1900-01-01 and 1970-01-01 are what programs write for "no date"."""
ENOUGH = 50


def _closed_before_created(snapshot: Snapshot) -> Iterator[Found]:
    for table, ends in ENDS.items():
        created = snapshot.ints(table, "created_at")
        for name in ends:
            at = snapshot.ints(table, name)
            yield snapshot.found(table, (at != MISSING) & (at < created), at != MISSING, column=name)


def _in_the_future(snapshot: Snapshot, tables: tuple[str, ...]) -> Iterator[Found]:
    for table in tables:
        for name in HAPPENED[table]:
            when = snapshot.ints(table, name)
            yield snapshot.found(table, when > snapshot.seen + DAY, column=name)


def _future_records(snapshot: Snapshot) -> Iterator[Found]:
    yield from _in_the_future(snapshot, ("leads", "opportunities"))


def _future_events(snapshot: Snapshot) -> Iterator[Found]:
    yield from _in_the_future(snapshot, ("changes",))


def _future_activities(snapshot: Snapshot) -> Iterator[Found]:
    yield from _in_the_future(snapshot, ("activities",))


def _placeholder(snapshot: Snapshot) -> Iterator[Found]:
    for table, name in BORN.items():
        when = snapshot.ints(table, name)
        yield snapshot.found(table, (when != MISSING) & (when < OLDEST), when != MISSING, column=name)


def _far_ahead(snapshot: Snapshot) -> Iterator[Found]:
    when = snapshot.ints("opportunities", "expected_close")
    yield snapshot.found("opportunities", when > snapshot.seen + FAR, when != MISSING)


def _planned_far(snapshot: Snapshot) -> Iterator[Found]:
    when = snapshot.ints("activities", "due_at")
    yield snapshot.found("activities", when > snapshot.seen + FAR // 2, when != MISSING)


def _expected_past(snapshot: Snapshot) -> Iterator[Found]:
    still, when = snapshot.open("opportunities"), snapshot.ints("opportunities", "expected_close")
    yield snapshot.found("opportunities", still & (when != MISSING) & (when < snapshot.until), still)


def _expected_before_created(snapshot: Snapshot) -> Iterator[Found]:
    when, created = (snapshot.ints("opportunities", name) for name in ("expected_close", "created_at"))
    rows = snapshot.open("opportunities") & (when != MISSING)
    yield snapshot.found("opportunities", rows & (when < created - DAY), rows)


def _expected_default(snapshot: Snapshot) -> Iterator[Found]:
    """One distance, in days, between creation and expected close that many open deals share."""
    when, created = (snapshot.ints("opportunities", name) for name in ("expected_close", "created_at"))
    rows = snapshot.open("opportunities") & (when != MISSING)
    days = np.where(rows, np.maximum(snapshot.zone.day(np.where(rows, when, 0)) - snapshot.zone.day(created), 0), -1)
    groups = grouped(days)
    if rows.sum() >= ENOUGH and groups.size.max() > 0.4 * rows.sum():
        usual = int(np.argmax(groups.size))
        days_ahead = int(days[groups.first[usual]])
        yield snapshot.found("opportunities", groups.code == usual, rows, days=days_ahead)


def _month_end(snapshot: Snapshot) -> Iterator[Found]:
    """More than a third of the closings on the last day of a month: a healthy share is near one in twenty."""
    closed = snapshot.ints("opportunities", "closed_at")
    rows = closed != MISSING
    last = np.zeros(len(rows), bool)
    tomorrow = np.where(rows, closed, 0) + DAY
    last[rows] = (snapshot.zone.day_of_month(tomorrow) == 1)[rows]
    if at_least(int(last.sum()), int(rows.sum()), 0.2) < ALARM and last.sum() > rows.sum() / 3:
        yield snapshot.found("opportunities", last, rows)


_CLOCK = (
    "Check the clock and the time zone of the export, and --seen-at of an old one.",
    "Vérifiez l'horloge et le fuseau de l'export, et --seen-at pour un export ancien.",
)
_FUTURE = (
    "{column} is later than the import: it is believed only once that day comes",
    "{column} postérieur à l'import : cru seulement ce jour venu",
)

CHECKS = (
    Check(
        "closed_before_created", "wrong", ("leads", "opportunities"), _closed_before_created,
        ("{column} is before creation; they do not teach", "{column} antérieur à la création ; rien n'en est appris"),
        ("Correct the dates in the CRM; after a migration, import the first system's creation dates.",
         "Corrigez les dates dans le CRM ; après une migration, importez les dates de création d'origine."),
    ),
    Check("in_the_future", "wrong", ("leads", "opportunities"), _future_records, _FUTURE, _CLOCK),
    Check("changes_in_the_future", "wrong", ("changes",), _future_events, _FUTURE, _CLOCK),
    Check("activities_in_the_future", "wrong", ("activities",), _future_activities, _FUTURE, _CLOCK),
    Check(
        "placeholder_dates", "wrong", tuple(BORN), _placeholder,
        ("{column} before 1991, as programs write for \"no date\"",
         "{column} avant 1991, comme les programmes écrivent « pas de date »"),
        ("Leave unknown dates empty in the export, then import again.",
         "Laissez vides les dates inconnues dans l'export, puis réimportez."),
    ),
    Check(
        "expected_close_far", "suspect", ("opportunities",), _far_ahead,
        ("expected close more than five years ahead", "échéance prévue à plus de cinq ans"),
        ("Ask their owners for a date; \"2099\" hides deals from every forecast.",
         "Demandez une date aux commerciaux ; « 2099 » cache ces affaires à toute prévision."),
    ),
    Check(
        "planned_far", "suspect", ("activities",), _planned_far,
        ("planned for a day more than two and a half years ahead", "prévue{s} à plus de deux ans et demi"),
        ("Correct the due dates; such a plan counts as a next step.",
         "Corrigez les dates prévues ; un tel rendez-vous compte comme prochaine étape."),
    ),
    Check(
        "expected_close_past", "suspect", ("opportunities",), _expected_past,
        ("open, and their expected close has passed", "ouverte{s} alors que l'échéance prévue est passée"),
        ("Have owners close them or move the date; each counts as overdue in its score.",
         "Faites clore ou redater par les commerciaux ; chacune compte comme en retard dans son score."),
    ),
    Check(
        "expected_close_before_creation", "suspect", ("opportunities",), _expected_before_created,
        ("expected to close before they were created", "échéance prévue antérieure à la création"),
        ("Correct the date; often a copied deal that kept the old one.",
         "Corrigez la date ; souvent une affaire copiée avec l'ancienne échéance."),
    ),
    Check(
        "expected_close_default", "suspect", ("opportunities",), _expected_default,
        ("open with an expected close exactly {days} days after creation: a default, not a guess",
         "ouverte{s} avec une échéance prévue à {days} jours exactement de la création : un défaut, pas un avis"),
        ("Remove the default in the CRM, or take no account of the field: `plumbline train --without expected_close`.",
         "Ôtez ce défaut dans le CRM, ou écartez le champ : `plumbline train --without expected_close`."),
        above="over 40% of 50 and more",
    ),
    Check(
        "month_end_closings", "suspect", ("opportunities",), _month_end,
        ("closed on the last day of a month: bookkeeping, not the day the customer said yes",
         "closes le dernier jour d'un mois : une date de gestion, pas celle de la réponse du client"),
        ("Export the day the outcome was entered as a change of `outcome`; times to close are blurred by a month.",
         "Exportez le jour de saisie de l'issue (changement de `outcome`) ; les durées sont floues d'un mois."),
        "binomial: of healthy closings at most one in five is on a month's last day; false alarms at most 1 in 1,000",
        above="over a third",
    ),
)  # fmt: skip
