"""Which (record, as-of) rows a batch scores: the open records, every record, or those a file lists."""

import csv
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from features.columns import MISSING, Bools, Ints
from features.crm.values import read_instant
from features.history import History
from features.labels import gone
from features.settings import Settings
from features.snapshots import open_at
from serving.instants import iso


class SelectionError(Exception):
    """The file of ids cannot be used; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Selection:
    """n rows to answer, in order. `ids` and `texts` (the as-of) as they are given back; `record` is -1 and `as_of`
    MISSING where unknown; `notes` names why a row has no probability ("" where it has one).
    """

    ids: list[str]
    texts: list[str]
    record: Ints
    as_of: Ints
    notes: list[str]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, stop: int) -> "Selection":
        """The rows from `start` up to `stop`."""
        rows = slice(start, stop)
        return Selection(self.ids[rows], self.texts[rows], self.record[rows], self.as_of[rows], self.notes[rows])


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a file of ids, verbatim; `texts` are empty where the file names no instant."""

    ids: list[str]
    texts: list[str]


def read_ids(path: Path) -> Listed:
    """A CSV file with a column `id` and optionally `as_of`. Raises SelectionError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            rows = list(csv.DictReader(file, delimiter=";" if ";" in header and "," not in header else ","))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SelectionError(f"{path} cannot be read: {error}") from error
    if rows and "id" not in rows[0]:
        raise SelectionError(
            f"{path} needs a column `id` (and may have `as_of`); found: {', '.join(map(str, rows[0]))}"
        )
    return Listed([row["id"] or "" for row in rows], [row.get("as_of") or "" for row in rows])


def select(history: History, target: str, as_of: int, settings: Settings, *, every: bool) -> Selection:
    """The records open at `as_of` (or every record created by then), in order of id."""
    record = np.flatnonzero(history.created <= as_of) if every else open_at(history, target, as_of).record
    ids = [history.ids[row] for row in record.tolist()]
    text = iso(as_of, ZoneInfo(settings.timezone))
    return _judged(history, target, Selection(ids, [text] * len(ids), record, np.full(len(ids), as_of), []))


def select_listed(history: History, target: str, as_of: int, settings: Settings, listed: Listed) -> Selection:
    """The rows of a file, in its order, each at its own instant; `as_of` where it names none."""
    zone = ZoneInfo(settings.timezone)
    instants = {text: read_instant(text.strip(), zone, start=True)[0] for text in set(listed.texts) - {""}}
    instants[""] = as_of
    read = [instants[text] for text in listed.texts]
    at = np.array([MISSING if instant is None else instant for instant in read], np.int64)
    texts = [text or iso(as_of, zone) for text in listed.texts]
    return _judged(history, target, Selection(listed.ids, texts, history.rows_of(listed.ids), at, []))


def _judged(history: History, target: str, chosen: Selection) -> Selection:
    """The same rows, with the note of each that cannot have a probability."""
    reasons = {"unknown": chosen.record < 0, "no instant": chosen.as_of == MISSING}
    free = ~np.any(list(reasons.values()), axis=0)
    record, as_of = chosen.record[free], chosen.as_of[free]
    created = as_of >= history.created[record]
    closed = history.outcomes[target].last(record, as_of) >= 0
    reasons |= {
        "not created": _spread(free, ~created),
        "closed": _spread(free, created & closed),
        "gone": _spread(free, created & _gone(history, record, as_of)),
    }
    notes = [""] * len(chosen)
    for name, rows in reasons.items():
        for row in np.flatnonzero(rows).tolist():
            notes[row] = notes[row] or name
    return Selection(chosen.ids, chosen.texts, chosen.record, chosen.as_of, notes)


def _spread(free: Bools, found: Bools) -> Bools:
    whole = np.zeros(len(free), np.bool_)
    whole[free] = found
    return whole


def _gone(history: History, record: Ints, as_of: Ints) -> Bools:
    """Whether each row's record was deleted or merged before its as-of; most records never are."""
    found = gone(history, np.iinfo(np.int64).max)[record]
    for row in np.flatnonzero(found).tolist():
        found[row] = gone(history, int(as_of[row]))[record[row]]
    return found
