"""What instants tell of the clock that wrote them: rounded, made up by a program, or of another time zone."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Ints
from features.crm.health.check import Check, Found
from features.crm.health.dates import BORN
from features.crm.health.groups import grouped
from features.crm.health.snapshot import DAY, ENDS, Snapshot
from features.crm.health.statistics import ALARM, at_least

NIGHT = 10 / 24
"""The share of the day from 20:00 to 06:00: what instants spread over the clock at random would show."""
ENOUGH = 50
SURELY = 4.5
"""Standard errors between two means that chance all but never shows: 7 times in a million."""


def _at_midnight(snapshot: Snapshot, when: Ints) -> Bools:
    midnight: Bools = (snapshot.zone.local(when) % DAY == 0) | (when % DAY == 0)
    return midnight


def _midnights(snapshot: Snapshot) -> Iterator[Found]:
    for table, name in BORN.items():
        when = snapshot.ints(table, name)
        known = when != MISSING
        rows = known & _at_midnight(snapshot, np.where(known, when, 0))
        if known.sum() >= ENOUGH and rows.sum() > 0.9 * known.sum():
            yield snapshot.found(table, rows, known, column=name)


def _whole_hours(snapshot: Snapshot) -> Iterator[Found]:
    for table, name in BORN.items():
        when = snapshot.ints(table, name)
        known = when != MISSING
        rows = known & (when % (DAY // 24) == 0) & ~_at_midnight(snapshot, np.where(known, when, 0))
        if known.sum() >= ENOUGH and rows.sum() > 0.5 * known.sum():
            yield snapshot.found(table, rows, known, column=name)


def _same_delay(snapshot: Snapshot) -> Iterator[Found]:
    """One time between creation and end, to the second and not 0, that more than a third of the closed share."""
    for table, ends in ENDS.items():
        created = snapshot.ints(table, "created_at")
        ended = np.max([snapshot.ints(table, name) for name in ends], axis=0)
        seconds = np.where((ended != MISSING) & (ended > created), (ended - created) // 1_000_000, -1)
        groups, closed = grouped(seconds), seconds >= 0
        if closed.sum() >= ENOUGH and groups.size.max() > closed.sum() / 3:
            rows = groups.code == int(np.argmax(groups.size))
            yield snapshot.found(table, rows, closed, seconds=int(seconds[rows][0]))


def _steady_beat(snapshot: Snapshot) -> Iterator[Found]:
    """Creations that follow one another at one interval of a minute and more, most of the time."""
    for table in ENDS:
        created = snapshot.ints(table, "created_at")
        order = np.argsort(created, kind="stable")
        gaps = np.diff(created[order])
        groups = grouped(np.where(gaps >= DAY // 1440, gaps, -1))
        if len(gaps) >= ENOUGH and len(groups.size) and groups.size.max() > len(gaps) / 2:
            rows = np.zeros(len(created), bool)
            rows[order[1:][groups.code == int(np.argmax(groups.size))]] = True
            yield snapshot.found(table, rows)


def _night(snapshot: Snapshot) -> Iterator[Found]:
    """Calls and meetings of a firm by day mostly lie between 06:00 and 20:00 of its own clock."""
    kind, when = snapshot.words("activities", "kind"), snapshot.ints("activities", "occurred_at")
    talks = np.isin(kind.codes, [kind.words.index(word) for word in ("call", "meeting") if word in kind.words])
    local = snapshot.zone.local(when) % DAY // (DAY // 24)
    rows = talks & ~_at_midnight(snapshot, when) & ((local < 6) | (local >= 20))
    if talks.sum() >= ENOUGH and at_least(int(rows.sum()), int(talks.sum()), NIGHT) < ALARM:
        yield snapshot.found("activities", rows, talks, zone=snapshot.zone.name)


def _fixed_offset(snapshot: Snapshot) -> Iterator[Found]:
    """Calls and meetings an hour earlier or later in summer time than in winter: a clock that was never changed."""
    kind, when = snapshot.words("activities", "kind"), snapshot.ints("activities", "occurred_at")
    talks = np.isin(kind.codes, [kind.words.index(word) for word in ("call", "meeting") if word in kind.words])
    talks &= ~_at_midnight(snapshot, when)
    hours = snapshot.zone.local(when[talks]) % DAY / (DAY / 24)
    offset = snapshot.zone.offset(when[talks])
    summer = offset > (offset.min() if len(offset) else 0)
    sides = (hours[summer], hours[~summer])
    if min(map(len, sides)) < ENOUGH:
        return
    apart = float(sides[0].mean() - sides[1].mean())
    error = float(np.sqrt(sum(side.var() / len(side) for side in sides)))
    if 0.7 < abs(apart) < 1.3 and abs(apart) > SURELY * error:
        yield snapshot.found("activities", talks, zone=snapshot.zone.name)


CHECKS = (
    Check(
        "midnights", "worth knowing", tuple(BORN), _midnights,
        ("{column} at 00:00 sharp: days without a time", "{column} à 00:00 précises : des jours sans heure"),
        ("Export the time too: what happened on the day of creation is otherwise known too late or too early.",
         "Exportez aussi l'heure : sinon ce qui arrive le jour de la création est su trop tôt ou trop tard."),
        above="over 90% of 50 and more",
    ),
    Check(
        "whole_hours", "worth knowing", tuple(BORN), _whole_hours,
        ("{column} at a whole hour: rounded times", "{column} à une heure ronde : heures arrondies"),
        ("Export the exact time; the order of what happens within an hour is lost.",
         "Exportez l'heure exacte ; l'ordre de ce qui se passe dans l'heure est perdu."),
        above="over 50% of 50 and more",
    ),
    Check(
        "same_delay", "suspect", tuple(ENDS), _same_delay,
        ("ended exactly {seconds} seconds after creation, to the second: an end made up by a program",
         "closes exactement {seconds} secondes après la création : une fin fabriquée par un programme"),
        ("Export the true time of the outcome; chances by date and times to close mean nothing until then.",
         "Exportez la vraie date de l'issue ; d'ici là, les chances à une date et les durées ne veulent rien dire."),
        above="over a third of 50 and more",
    ),
    Check(
        "steady_beat", "suspect", tuple(ENDS), _steady_beat,
        ("created at one steady interval after the record before: times made up by a program",
         "créées à intervalle régulier après la précédente : heures fabriquées par un programme"),
        ("Export the true creation times: seasons, weekdays and ages are learned from them.",
         "Exportez les vraies dates de création : saisons, jours et âges s'apprennent d'elles."),
        above="over half of 50 and more",
    ),
    Check(
        "night_work", "suspect", ("activities",), _night,
        ("calls and meetings between 20:00 and 06:00 in {zone}: the time zone is probably another",
         "appels et rendez-vous entre 20:00 et 06:00 ({zone}) : le fuseau est sans doute un autre"),
        ("Export times with their offset, or set PLUMBLINE_TIMEZONE and import again.",
         "Exportez les heures avec leur décalage, ou réglez PLUMBLINE_TIMEZONE et réimportez."),
        "binomial: by chance 10 of 24 hours; false alarms at most 1 in 1,000 stores whose calls keep no hours at all",
        above="50 calls and meetings and more",
    ),
    Check(
        "fixed_offset", "suspect", ("activities",), _fixed_offset,
        ("calls and meetings, an hour apart in summer and winter ({zone}): exported at one fixed offset",
         "appels et rendez-vous décalés d'une heure entre été et hiver ({zone}) : exportés à décalage fixe"),
        ("Export times with their own offset (+01:00 in winter, +02:00 in summer), or in UTC marked as such (Z).",
         "Exportez les heures avec leur décalage (+01:00 l'hiver, +02:00 l'été), ou en UTC marqué comme tel (Z)."),
        "normal: two means over 4.5 standard errors and about an hour apart; false alarms below 1 in 100,000",
        above="50 and more in summer and in winter, 0.7 to 1.3 hours apart",
    ),
)  # fmt: skip
