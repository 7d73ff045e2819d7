"""What there is to learn from at an instant: rows of records that may teach, their features and what became of them.

Everything is in one canonical order (record id, then as-of), whatever order the store was filled in.
"""

import difflib
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.asof import features_at
from features.catalog import Feature, catalog_for
from features.columns import MICROSECONDS_A_DAY, Bools, Codes, Floats, Ints, Words
from features.crm.store import Store
from features.grouping import across
from features.history import Kind, load_history
from features.labels import outcomes_of
from features.matrix import Matrix
from features.settings import Settings
from features.snapshots import snapshots
from features.streams import load_streams
from training.clocks import clocks

SEASONS = {"month": 540.0, "day_of_quarter": 270.0, "days_to_quarter_end": 270.0}
"""Days of history from which a place in the year, in the quarter, can teach: a cycle and a half, three cycles."""


TOGETHER = 300
"""From so many closed records what they tell of one another can be learnt from."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """n rows to learn from.

    `record[i]` is a position in `ids` (sorted); `as_of` int64 microseconds; `days` from as-of to the outcome, or to
    `known_by` where the record was still open (`cause` -1); `cause` 0 the target, k >= 1 lost for `reasons[k - 1]`;
    `learnt` the instant the outcome became known (`known_by` where it has not).
    `left_out` names the features not to be learnt from; the matrix keeps them, tables by process and stage need them.
    """

    kind: str
    target: str
    known_by: int
    ids: tuple[str, ...]
    record: Ints
    as_of: Ints
    matrix: Matrix
    days: Floats
    cause: Codes
    learnt: Ints
    reasons: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    catalogue: Sequence[Feature] = ()

    def __len__(self) -> int:
        return len(self.record)

    @property
    def age(self) -> Floats:
        """Each record's age at the row, in days."""
        return self.matrix.numbers["age_days"]

    @property
    def process(self) -> Words:
        """Each record's process as known at the row."""
        return self.matrix.categories["process"]

    def features(self) -> Matrix:
        """The features to learn from: those not `left_out` and not `untaught`."""
        return leave_out(self.matrix, {*self.left_out, *self.untaught()})

    def untaught(self) -> list[str]:
        """Features these rows cannot teach: seasons that have not come round yet, and clocks (see `clocks`).

        With fewer than `TOGETHER` closed records also the calendar and whatever other records tell: what so few tell of
        one another is noise.
        """
        alone = len(np.unique(self.record[self.cause >= 0])) < TOGETHER
        of_others = [row.name for row in self.catalogue if alone and (across(row.source) or row.family == "calendar")]
        known = self.matrix.numbers.keys() | self.matrix.categories.keys()
        told = (*self.unseen_seasons(), *clocks(self.catalogue, self.matrix.numbers, self.as_of), *of_others)
        return sorted(known.intersection(told))

    def unseen_seasons(self) -> list[str]:
        """Calendar features whose cycle the rows do not span: by them January would be told from what October did."""
        span = float(np.ptp(self.as_of)) / MICROSECONDS_A_DAY if len(self) else 0.0
        return [name for name, days in SEASONS.items() if name in self.matrix.numbers and span < days]

    def take(self, rows: Ints | Bools) -> "Dataset":
        """The rows at these positions, or where this mask is true; `ids` stay."""
        return replace(
            self, record=self.record[rows], as_of=self.as_of[rows], matrix=self.matrix.take(rows),
            days=self.days[rows], cause=self.cause[rows], learnt=self.learnt[rows],
        )  # fmt: skip

    def known_at(self, instant: int) -> "Dataset":
        """The rows before `instant`, with the outcomes known strictly before it; the others were open then."""
        before = self.take(self.as_of < instant)
        open_ = (before.learnt >= instant) | (before.cause < 0)
        watched = (instant - before.as_of) / MICROSECONDS_A_DAY
        return replace(
            before, known_by=instant, days=np.where(open_, watched, before.days),
            cause=np.where(open_, np.int32(-1), before.cause), learnt=np.where(open_, instant, before.learnt),
        )  # fmt: skip

    def data_hash(self) -> str:
        """SHA-256 of the whole content; the order in which the store was filled does not matter."""
        digest = hashlib.sha256()
        for part in (self.kind, self.target, str(self.known_by), *self.ids, *self.reasons):
            digest.update(part.encode() + b"\0")
        for column in (self.record, self.as_of, self.days, self.cause, self.learnt):
            digest.update(np.ascontiguousarray(column).tobytes())
        for name in sorted(self.matrix.numbers):
            digest.update(name.encode() + b"\0" + (self.matrix.numbers[name] + 0.0).tobytes())
        for name in sorted(self.matrix.categories):
            digest.update(name.encode() + b"\0" + _canonical(self.matrix.categories[name]))
        return digest.hexdigest()


def _canonical(column: Words) -> bytes:
    used = sorted(column.words[code] for code in np.unique(column.codes[column.codes >= 0]))
    codes = column.recode({word: number for number, word in enumerate(used)})
    return "\0".join(used).encode() + b"\0" + codes.tobytes()


def dataset(
    store: Store, settings: Settings, kind: Kind, target: str, as_of: int, without: Collection[str] = ()
) -> Dataset:
    """Everything known before `as_of` (int64 microseconds) that may teach `target`, less the features `without`."""
    history = load_history(store, settings, kind)
    if target not in history.outcomes:
        raise ValueError(f"{kind} have no target {target!r}: choose {' or '.join(sorted(history.outcomes))}")
    rows = snapshots(history, target, as_of)
    labels = outcomes_of(history, rows, target, as_of)
    rows, labels = rows.take(labels.teaches), labels.take(labels.teaches)
    outcomes = history.outcomes[target]
    last = outcomes.last(rows.record, np.full(len(rows), as_of))
    learnt = np.where(last >= 0, np.append(outcomes.events.time, 0)[last], as_of)
    catalog = catalog_for(history, as_of)
    matrix = features_at(history, load_streams(store, settings), rows, catalog)
    leave_out(matrix, without)
    data = Dataset(
        kind, target, as_of, history.ids, rows.record, rows.as_of, matrix, labels.days, labels.cause, learnt,
        labels.reasons, tuple(sorted(without)), catalog,
    )  # fmt: skip
    return canonical(data)


def canonical(data: Dataset) -> Dataset:
    """The same rows by record id, then as-of, with only the records and reasons they have, numbered by name.

    >>> matrix = Matrix({"age_days": np.zeros(2)}, {"process": Words.of(["loan"] * 2)})
    >>> data = canonical(Dataset("leads", "won", 9, ("c", "b", "a"), np.array([1, 2]), np.zeros(2, np.int64), matrix,
    ...                          np.ones(2), np.array([2, 1], np.int32), np.array([5, 6]), ("price", "late")))
    >>> data.ids, data.record.tolist(), data.reasons, data.cause.tolist(), data.learnt.tolist()
    (('a', 'b'), [0, 1], ('late', 'price'), [2, 1], [6, 5])
    """
    order = sorted(np.unique(data.record).tolist(), key=data.ids.__getitem__)
    place = np.full(len(data.ids) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    used = sorted({data.reasons[code - 1] for code in np.unique(data.cause[data.cause > 0]).tolist()})
    cause = {reason: number for number, reason in enumerate(used, 1)}
    recode = np.array([0, *(cause.get(reason, 0) for reason in data.reasons), -1], np.int32)
    rows = data.take(np.lexsort((data.as_of, place[data.record])))
    return replace(
        rows, ids=tuple(data.ids[number] for number in order), record=place[rows.record], cause=recode[rows.cause],
        reasons=tuple(used),
    )  # fmt: skip


def leave_out(matrix: Matrix, without: Collection[str]) -> Matrix:
    """The matrix less these features; a name that is not a feature is an error that offers the nearest ones.

    >>> leave_out(Matrix({"age_days": np.zeros(1)}, {}), ["age_day"])
    Traceback (most recent call last):
    ValueError: not a feature: 'age_day' (did you mean age_days?)
    """
    known = [*matrix.numbers, *matrix.categories]
    unknown = [_unknown(name, known) for name in sorted(set(without) - set(known))]
    if unknown:
        raise ValueError("not a feature: " + ", ".join(unknown))
    return Matrix(
        {name: column for name, column in matrix.numbers.items() if name not in without},
        {name: column for name, column in matrix.categories.items() if name not in without},
    )


def _unknown(name: str, known: list[str]) -> str:
    near = ", ".join(difflib.get_close_matches(name, known, 3))
    return f"{name!r}" + (f" (did you mean {near}?)" if near else "")
