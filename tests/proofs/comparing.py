"""Asking the engine on both sides, and counting what differs, exactly."""

from collections.abc import Sequence
from random import Random

import numpy as np

from features.asof import features_at
from features.columns import Bools, Column, Floats, Words
from features.crm.store import Store
from features.history import History, Kind, load_history
from features.labels import outcomes_of
from features.matrix import Matrix
from features.snapshots import snapshots
from features.streams import Streams, load_streams
from features.view import Rows
from tests.asking import SETTINGS, Asked, as_ints, unsaid
from tests.proofs.proof import SHOWN, Verdict

TARGETS: dict[Kind, tuple[str, ...]] = {"leads": ("converted", "won"), "opportunities": ("won",)}


def matrix(history: History, streams: Streams, asked: Sequence[Asked]) -> Matrix:
    """Every feature of each (record id, as-of)."""
    record = history.rows_of([name for name, _ in asked])
    return features_at(history, streams, Rows(record, as_ints([at for _, at in asked])))


class Side:
    """One store, read once: what its engine answers, and what it would teach."""

    def __init__(self, store: Store) -> None:
        self.streams = load_streams(store, SETTINGS)
        self.histories: dict[Kind, History] = {
            kind: load_history(store, SETTINGS, kind, starts=self.streams.starts) for kind in TARGETS
        }

    def matrix(self, kind: Kind, asked: Sequence[Asked]) -> Matrix:
        """Every feature of each (record id, as-of)."""
        return matrix(self.histories[kind], self.streams, asked)

    def lessons(self, kind: Kind, target: str, at: int) -> list[tuple[object, ...]]:
        """What there is to learn from at an instant: each row with what had become of its record."""
        history = self.histories[kind]
        rows = snapshots(history, target, at)
        labels = outcomes_of(history, rows, target, at)
        cause = [labels.reasons[code - 1] if code > 0 else int(code) for code in labels.cause.tolist()]
        ids = [history.ids[record] for record in rows.record.tolist()]
        return list(zip(ids, rows.as_of.tolist(), labels.days.tolist(), cause, labels.teaches.tolist(), strict=True))


def until(side: Side, kind: Kind, at: int, random: Random, earlier: int) -> list[Asked]:
    """Each record created before an instant, at it; at its creation and between, as often as `earlier` says."""
    history = side.histories[kind]
    there = [(name, born) for name, born in zip(history.ids, history.created.tolist(), strict=True) if born < at]
    asked = [(name, at) for name, _ in there]
    for _ in range(earlier):
        asked += [(name, random.choice((born, random.randint(born, at)))) for name, born in there]
    return asked


def compare(left: Matrix, right: Matrix, asked: Sequence[Asked]) -> Verdict:
    """Value by value with `==`; missing equals missing only.

    >>> one, other = (Matrix({"n": np.array([1.0, value])}, {}) for value in (np.nan, 2.0))
    >>> compare(one, other, [("a", 0), ("b", 5)])
    Verdict(compared=2, differing=1, examples=('n of b at 5: nan is not 2.0',), said='')
    """
    verdict = Verdict(0, 0)
    sides = [matrix.numbers | matrix.categories for matrix in (left, right)]
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        if not name.startswith("activity:") and (name not in sides[0] or name not in sides[1]):
            verdict += Verdict(1, 1, (f"{name} is on one side only",))
            continue
        one, other = (side[name] if name in side else _unsaid(name, len(asked)) for side in sides)
        wrong = np.flatnonzero(~_equal(one, other))
        examples = tuple(
            f"{name} of {asked[row][0]} at {asked[row][1]}: {_at(one, row)!r} is not {_at(other, row)!r}"
            for row in wrong[:SHOWN].tolist()
        )
        verdict += Verdict(len(one), len(wrong), examples)
    return verdict


def _unsaid(name: str, rows: int) -> Floats:
    """What a side that does not know the feature's word yet would say of it."""
    said = unsaid(name)
    return np.full(rows, np.nan if said is None else said)


def _equal(one: Column, other: Column) -> Bools:
    if isinstance(one, Words) and isinstance(other, Words):
        code = {word: code for code, word in enumerate(one.words)}
        same = (other.recode(code) == one.codes) & ((other.codes < 0) == (one.codes < 0))
        return np.asarray(same, bool)
    assert not isinstance(one, Words)
    assert not isinstance(other, Words)
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)), bool)


def _at(column: Column, row: int) -> object:
    return column.tolist()[row] if isinstance(column, Words) else float(column[row])


def lessons_equal(left: list[tuple[object, ...]], right: list[tuple[object, ...]], what: str) -> Verdict:
    """Row by row, those of one side only too."""
    differing = sorted(set(left) ^ set(right), key=repr)
    return Verdict(max(len(left), len(right), 1), len(differing), tuple(f"{what}: {row}" for row in differing[:SHOWN]))
