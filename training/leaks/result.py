"""The last scan of a store, kept with it, so that a list of fields is there at once and bulk acceptance is judged."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from features.crm.fields import custom_fields
from features.crm.store import Store
from features.entity import load_starts
from features.history import Kind
from features.settings import Settings
from training.leaks.gain import Gain
from training.leaks.judge import Verdict
from training.leaks.scan import Judged, Progress, scan, scan_kind
from training.leaks.words import says

NOTE = "leak scan 2"
"""The note that holds it; the number changes with the shape of `Row`, or what it stands for."""
READ = ("leads", "opportunities", "accounts", "contacts", "changes")
ORDER: tuple[Verdict, ...] = ("leaks", "suspect", "passes")


@dataclass(frozen=True, slots=True)
class Row:
    """One field as last judged on one kind of record. `known_at`: what to accept it as, if at all.

    `says` holds the evidence by language, what weighs most first; `figures` the numbers; `gain` the log loss saved per
    record, its standard error and its share of what the standard features leave uncertain, None where not measured.
    """

    entity: str
    name: str
    sort: str
    canonical: bool
    kind: Kind
    verdict: Verdict
    known_at: str
    says: dict[str, list[str]]
    figures: dict[str, float]
    gain: dict[str, float] | None


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, as of when (int64 microseconds), on which state of the data."""

    as_of: int
    version: str
    rows: tuple[Row, ...]

    def worst(self) -> dict[tuple[str, str], Row]:
        """For each field the row of the kind of record that judges it most severely; among equals, of the most gain."""
        found: dict[tuple[str, str], Row] = {}
        for row in sorted(self.rows, key=lambda row: (-ORDER.index(row.verdict), saved(row))):
            found[row.entity, row.name] = row
        return found


def saved(row: Row) -> float:
    """The gain of a row, 0 where there is none."""
    return row.gain["log_loss"] if row.gain else 0.0


def made(
    store: Store, settings: Settings, as_of: int, progress: Progress = lambda *_: None, *, keep: bool = True
) -> Scan:
    """Scan, and keep what was found in the store; a scan as of an instant other than now is not to be kept, for what
    is accepted rests on the one that is.
    """
    version = store.version(*READ)
    found = Scan(as_of, version, tuple(map(_row, scan(store, settings, as_of, progress=progress))))
    if keep:
        store.set_note(NOTE, json.dumps(asdict(found), ensure_ascii=False))
    return found


def last(store: Store) -> Scan | None:
    """The scan kept, if the data has not changed since."""
    text = store.notes(NOTE).get(NOTE)
    held: dict[str, Any] = json.loads(text) if text else {}
    if held.get("version") != store.version(*READ):
        return None
    return Scan(held["as_of"], held["version"], tuple(_rows(held["rows"])))


def _rows(held: Iterable[dict[str, Any]]) -> Iterable[Row]:
    return (Row(**row) for row in held)


def _row(one: Judged) -> Row:
    seen = one.evidence
    numbers = {
        "records": seen.auc.n, "reached": seen.reached, "missed": seen.missed, "open": seen.open,
        "filled": seen.filled, "auc": seen.auc.value, "auc_error": seen.auc.error, "auc_filled": seen.missing.value,
        "filled_reached": seen.filled_reached, "filled_missed": seen.filled_missed,
    }  # fmt: skip
    if seen.of_fill:
        numbers |= {"filled_open": seen.of_fill.open.value, "filled_expected": seen.of_fill.expected.value}
    return Row(
        one.field.entity, one.field.name, one.field.sort, one.field.canonical, one.kind, one.verdict,
        "changes" if seen.kept else "creation", {"en": list(says(one, "en")), "fr": list(says(one, "fr"))},
        {name: round(float(value), 4) for name, value in numbers.items()},
        _gain(one.gain),
    )  # fmt: skip


def _gain(gain: Gain | None) -> dict[str, float] | None:
    if gain is None:
        return None
    return {"log_loss": round(gain.loss, 5) + 0.0, "error": round(gain.error, 5), "share": round(gain.share, 5)}


def accepted_leaks(store: Store, settings: Settings, kind: Kind, as_of: int) -> list[str]:
    """A sentence on each accepted field that the scan now refuses for a kind of record; quick, for it asks no gain."""
    accepted = [field for field in custom_fields(store) if field.known_at in ("creation", "changes")]
    if not accepted:
        return []
    found = scan_kind(store, settings, kind, as_of, load_starts(store), accepted, gains=False)
    return [
        f"{one.field.name} leaks ({says(one, 'en')[0]}); accepted all the same; `plumbline fields set "
        f"{one.field.entity} '{one.field.name}' --known-at never` leaves it out"
        for one in found
        if one.verdict == "leaks" and not one.field.canonical
    ]
