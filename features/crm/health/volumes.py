"""How much comes in: migration days, weeks without a record, sudden changes of volume."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from features.columns import MISSING, Bools, Ints
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import DAY, Snapshot
from features.crm.health.statistics import ALARM, divergence, restlessness
from features.labels import BULK_DAY, BULK_RATIO

MADE = ("leads", "opportunities", "accounts", "contacts")
FLOW = ("leads", "opportunities")
MONTHS = 6
"""Whole months a table must have before its volume is judged."""
RATIO = 3.0


def _bulk_days(snapshot: Snapshot, when: Ints, ratio: float) -> Bools:
    """The rows of a day with at least BULK_DAY of them and `ratio` times as many as the usual day."""
    known = when != MISSING
    groups = grouped(np.where(known, snapshot.zone.day(np.where(known, when, 0)), -1))
    usual = float(np.median(groups.size)) if len(groups.size) else 0.0
    return np.asarray(groups.sizes >= max(BULK_DAY, ratio * usual))


def _migration(snapshot: Snapshot) -> Iterator[Found]:
    for table in MADE:
        when = snapshot.ints(table, "created_at")
        rows = _bulk_days(snapshot, when, BULK_RATIO)
        if rows.any():
            days = sorted({snapshot.day_name(int(at)) for at in when[rows]})
            yield snapshot.found(table, rows, days=", ".join(days[:3]) + ("..." if len(days) > 3 else ""))


def _cleaning(snapshot: Snapshot) -> Iterator[Found]:
    when = np.where(snapshot.lost(), snapshot.ints("opportunities", "closed_at"), MISSING)
    rows = _bulk_days(snapshot, when, BULK_RATIO) & (when != snapshot.ints("opportunities", "created_at"))
    if rows.any():
        days = sorted({snapshot.day_name(int(at)) for at in when[rows]})
        named = ", ".join(days[:3]) + ("..." if len(days) > 3 else "")
        yield snapshot.found("opportunities", rows, snapshot.lost(), days=named)


def _whole_months(snapshot: Snapshot, when: Ints) -> Ints:
    """Counts of the whole months between the first and the last, which are cut off as they are partial."""
    month = snapshot.months(when)
    return np.bincount(month[month >= 0])[1:-1].astype(np.int64)


def _volume(snapshot: Snapshot) -> Iterator[Found]:
    """A level that from one month to the next is RATIO times higher or lower, and stays so until the end."""
    for table in FLOW:
        when = np.where(_bulk_days(snapshot, snapshot.ints(table, "created_at"), BULK_RATIO), MISSING,
                        snapshot.ints(table, "created_at"))  # fmt: skip
        counts = _whole_months(snapshot, when)
        if len(counts) < MONTHS:
            continue
        at, before, after, chance = _level(counts)
        if chance < ALARM / len(FLOW):
            month, since = snapshot.month_name(when, at + 1), snapshot.months(when) > at
            yield snapshot.found(
                table, since & (when != MISSING), month=month, before=round(before), after=round(after)
            )


def _level(counts: Ints) -> tuple[int, float, float, float]:
    """The split of monthly counts whose sides differ most, the median of each side, and a bound on chance.

    Sides are of two months at least; months may vary by the counts' own restlessness around one level. A split counts
    only where the medians of the sides, and of the three months on either side of it, differ by RATIO.

    >>> at, before, after, chance = _level(np.array([50, 55, 45, 60, 50, 52, 5, 4, 6, 5]))
    >>> at, before, after, chance < 1e-8
    (6, 51.0, 5.0, True)
    >>> _level(np.array([50, 55, 45, 60, 50, 52, 40, 61, 48, 50]))[3]
    1.0
    """
    best = (0, 0.0, 0.0, 1.0)
    total, n, calm = int(counts.sum()), len(counts), restlessness(counts)
    for split in range(2, n - 1):
        sides = [float(np.median(part)) for part in (counts[:split], counts[split:])]
        near = [float(np.median(part)) for part in (counts[max(0, split - 3) : split], counts[split : split + 3])]
        apart = all(max(pair) >= RATIO * min(pair) and max(pair) > 0 for pair in (sides, near))
        same_way = (sides[0] > sides[1]) == (near[0] > near[1])
        if apart and same_way:
            kl = float(divergence(np.array([counts[split:].sum() / total]), np.array([(n - split) / n]))[0])
            chance = min(1.0, 2 * n * float(np.exp(-total / calm * kl)))
            best = min(best, (split, sides[0], sides[1], chance), key=lambda found: found[3])
    return best


def _silence(snapshot: Snapshot) -> Iterator[Found]:
    """A gap of more than a month, longer than any holiday, between records that come day after day."""
    for table in FLOW:
        when = np.sort(snapshot.ints(table, "created_at"))
        when = when[when != MISSING]
        counts = _whole_months(snapshot, when)
        if len(counts) < MONTHS or len(when) < BULK_DAY:
            continue
        gaps = np.diff(when)
        widest = int(np.argmax(gaps))
        expected = np.median(counts) / 30.4 * gaps[widest] / DAY / restlessness(counts)
        if gaps[widest] > 31 * DAY and len(when) * float(np.exp(-expected)) < ALARM / len(FLOW):
            start, end = int(when[widest]), int(when[widest + 1])
            beside = np.flatnonzero(np.isin(snapshot.ints(table, "created_at"), (start, end)))
            first, last = snapshot.day_name(start), snapshot.day_name(end)
            missed = round(np.median(counts) / 30.4 * gaps[widest] / DAY)
            yield replace(snapshot.named(table, beside, 0, start=first, end=last), count=missed)


def _stale(snapshot: Snapshot) -> Iterator[Found]:
    """Nothing made or closed for a month before the last arrival, where that never happened before."""
    when = np.sort(np.concatenate([snapshot.ints(table, "created_at") for table in FLOW]))
    when = when[(when != MISSING) & (when <= snapshot.seen)]
    quiet = snapshot.seen - snapshot.until
    if len(when) >= BULK_DAY and quiet > max(30 * DAY, int(np.diff(when).max())):
        last, seen = snapshot.day_name(snapshot.until), snapshot.day_name(snapshot.seen)
        for table in FLOW:
            yield snapshot.found(table, snapshot.open(table), last=last, seen=seen)


_TEST = "false alarms at most 1 in 1,000 stores"

CHECKS = (
    Check(
        "migration_day", "suspect", MADE, _migration,
        ("made on a day that brought twenty times the usual number and more ({days}); they do not teach",
         "création un jour qui en apporta vingt fois plus que d'habitude ou davantage ({days}) ; rien n'en est appris"),
        ("A migration: import the first system's creation dates, if it still has them.",
         "Une migration : importez les dates de création du premier système, s'il les a encore."),
        f"Poisson: at 2.5 a day, 50 and more come with chance below 1e-40; {_TEST}",
    ),
    Check(
        "cleaning_day", "suspect", ("opportunities",), _cleaning,
        ("closed on a day of cleaning up ({days}): lost long before",
         "closes un jour de ménage ({days}) : perdues bien avant"),
        ("Close deals when they are lost; times to loss are too long for these.",
         "Fermez les affaires quand elles sont perdues ; leurs durées jusqu'à la perte sont trop longues."),
        f"Poisson, as for migration days; {_TEST}",
    ),
    Check(
        "volume_change", "suspect", FLOW, _volume,
        ("made since {month}, when their number went from {before} to {after} a month and stayed there",
         "créées depuis {month}, quand leur nombre passa de {before} à {after} par mois, durablement"),
        ("If it is a filter of the export, lift it; if a new source or product, forecasts need two months to follow.",
         "Si c'est un filtre de l'export, levez-le ; si c'est une source nouvelle, la prévision suit en deux mois."),
        "months vary around one level by as much as these do: binomial over all splits, and three times higher or "
        f"lower; {_TEST}",
    ),
    Check(
        "silence", "suspect", FLOW, _silence,
        ("would be usual from {start} to {end}, and none was made", "attendues du {start} au {end}, aucune créée"),
        ("Export that time again; a filter, a deletion or a stopped connector left it out.",
         "Exportez de nouveau cette période ; un filtre, une purge ou un connecteur arrêté l'a laissée de côté."),
        f"Poisson at the usual month's pace, slowed by how much months vary; {_TEST}",
    ),
    Check(
        "old_export", "worth knowing", FLOW, _stale,
        ("open as of {last}: nothing was made or closed since then, until the import of {seen}",
         "en cours au {last} : rien ne fut créé ni clos depuis, jusqu'à l'import du {seen}"),
        ("For an old export, `plumbline import FOLDER --seen-at DATE`; otherwise see whether the connection stopped.",
         "Pour un export ancien, `plumbline import DOSSIER --seen-at DATE` ; sinon, voyez si la liaison est arrêtée."),
    ),
)  # fmt: skip
