"""Rows on their way into one table: checked, written, set aside and counted, chunk by chunk."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pyarrow as pa

from features.columns import Columns, Ints, Words
from features.crm.checks import Checked, check, without_blank
from features.crm.commas import remembered
from features.crm.convert import Context
from features.crm.delimited import Broken
from features.crm.duplicates import Seen
from features.crm.findings import Problem, Tally
from features.crm.journal import Journal
from features.crm.kept import WHOLE, Quarantined, Written
from features.crm.reader import Chunk
from features.crm.report import Counts, FileReport
from features.crm.rows import Given
from features.crm.rules import RULES
from features.crm.schema import Table
from features.crm.store import Store
from features.crm.tables import row_key
from features.crm.waiting import Waiting
from features.settings import Settings


@dataclass(slots=True)
class Run:
    """One file (or one batch of rows) on its way into one table."""

    store: Store
    table: Table
    file: str
    context: Context
    tally: Tally
    counts: Counts = field(default_factory=Counts)
    seen: Seen = field(default_factory=Seen)
    arrives: bool = False
    """Whether rows come as they happen: a change or activity without `recorded_at` is then recorded at its arrival."""
    journal: Journal | None = None
    waiting: Waiting = field(default_factory=Waiting)
    chunks: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    def add(self, chunk: Chunk, known: bool = False) -> None:
        """Check and write one chunk, whole or not at all."""
        full, blanks = without_blank(chunk)
        checked = check(self.table, full, self.context, known)
        self._refuse_taken(checked)
        given = self._unique(checked)
        refused = list(self._set_aside(full, checked))
        self.waiting.see(given.keys, refused)
        with self.store.transaction():
            crm, seen_at = self.context.crm, self.context.seen_at
            parts = self._recorded(given) if self.arrives and self.table.column("recorded_at") else [given]
            written = sum(
                (self.store.write(self.table.name, part, crm=crm, seen_at=seen_at) for part in parts), Written()
            )
            self.store.quarantine(refused)
            if self.journal is not None:
                written = self.journal.settle(self.file, self.chunks, written)
        self.chunks += 1
        self._count(full, checked, len(blanks), written)
        self.filled.update({name: len(texts) - texts.null_count for name, texts in full.texts.items()})
        self.tally.add(checked.findings, full.lines)
        self.tally.count("", "blank row", "repaired", len(blanks), tuple(blanks[:3].tolist()))
        for broken in full.broken:
            self.tally.count(_end(full, broken), broken.rule, "quarantined", 1, (broken.line,), broken.shape)
        self.tally.count("", "older", "warning", written.stale)

    def leave(self, row: Quarantined, line: int) -> None:
        """A row set aside before comes again as it was: it stays aside."""
        self.counts += Counts(given=1, quarantined=1)
        self.tally.count(row.column, row.rule, "quarantined", 1, (line,))

    def _refuse_taken(self, checked: Checked) -> None:
        """Set aside rows whose id a record of another source has: `A:1` given as such, and `1` of the source A."""
        key, crm = row_key(self.table), self.context.crm
        ids = checked.columns.get(key)
        if not isinstance(ids, Words):
            return
        if crm:
            taken = self.store.known(self.table.name, ids.words, "")
        else:
            named = [word for word in ids.words if ":" in word]
            sources = tuple(f"{name}:" for name in self.store.sources(self.table.name)) if named else ()
            taken = {word for word in named if word.startswith(sources)}
        taken -= self.store.known(self.table.name, sorted(taken), crm)  # held already: the id is this record's
        if taken:
            rows = np.append([word in taken for word in ids.words], False)[ids.codes]
            checked.findings.note(key, "id of another source", rows, "quarantined")

    def _unique(self, checked: Checked) -> Given:
        """The rows to write: those not refused, each key once."""
        rows = np.flatnonzero(~checked.findings.refused)
        given = Given.of(self.table, _take(checked.columns, rows), _custom(checked, rows))
        repeats, conflicts = self.seen.add(given.keys, given.digests)
        if not repeats.any():
            return given
        key = self.table.key[0]
        checked.findings.note(key, "duplicate row", rows[repeats & ~conflicts], "repaired")
        checked.findings.note(key, "conflicting row", rows[conflicts], "quarantined")
        return given.take(np.flatnonzero(~repeats).tolist())

    def _recorded(self, given: Given) -> list[Given]:
        """The rows with the arrival as `recorded_at` where they are new and name none; a known row keeps its own.

        Digests stay those of the rows as given, so that the same row sent again is recognised.
        """
        held = self.store.known(self.table.name, given.keys, self.context.crm)
        told = given.places_with("recorded_at")
        places = range(len(given.keys))
        new = [at for at in places if at not in told and given.keys[at] not in held]
        old = [at for at in places if at not in told and given.keys[at] in held]
        return [
            given.take(sorted(told)),
            given.take(new).without("recorded_at").filled("recorded_at", self.context.seen_at),
            given.take(old).without("recorded_at"),
        ]

    def _set_aside(self, chunk: Chunk, checked: Checked) -> Iterable[Quarantined]:
        crm, name, seen_at = self.context.crm, self.table.name, self.context.seen_at
        for row, (rule, column) in checked.findings.reasons.items():
            raw = json.dumps(chunk.raw(row), ensure_ascii=False)
            yield Quarantined(crm, name, self.file, int(chunk.lines[row]), rule, column, raw, seen_at)
        for broken in chunk.broken:
            cells = {column: cell for column, cell in zip(chunk.names, broken.cells, strict=False) if cell}
            raw = json.dumps(cells | {WHOLE: broken.text}, ensure_ascii=False)
            yield Quarantined(crm, name, self.file, broken.line, broken.rule, _end(chunk, broken), raw, seen_at)

    def _count(self, chunk: Chunk, checked: Checked, blanks: int, written: Written) -> None:
        found = checked.findings
        refused, repaired = int(found.refused.sum()), int((found.repaired & ~found.refused).sum())
        rows, broken = len(chunk.lines), len(chunk.broken)
        self.counts += Counts(
            given=rows + blanks + broken,
            accepted=rows - refused - repaired,
            repaired=repaired + blanks,
            quarantined=refused + broken,
            new=written.new,
            changed=written.changed,
            unchanged=written.unchanged,
            stale=written.stale,
        )

    def report(self, written: str = "", custom: Iterable[str] = (), problems: Sequence[Problem] = ()) -> FileReport:
        """What became of the rows so far."""
        found = (*problems, *self.problems())
        lost = dict(self._lost(found))
        return FileReport(self.file, self.table.name, written, self.counts, found, tuple(custom), lost=lost)

    def problems(self) -> list[Problem]:
        """The problems so far; where a word is none of a list, the list is told."""
        lists = {column.name: ", ".join(column.words) for column in self.table.columns if column.words}
        rule = "unknown word"
        return self.tally.problems({(name, rule): f"{RULES[rule].says} ({words})" for name, words in lists.items()})

    def _lost(self, problems: Sequence[Problem]) -> Iterator[tuple[str, tuple[int, int]]]:
        """How many values of each column were read as unknown, of how many."""
        lost: Counter[str] = Counter()
        for problem in problems:
            if problem.loses:
                lost[problem.column] += problem.count
        yield from ((name, (count, self.filled[name])) for name, count in sorted(lost.items()))


def _end(chunk: Chunk, broken: Broken) -> str:
    """The column at which a row that could not be read ends, or goes on too long."""
    lacks = broken.rule == "wrong number of cells"
    place = len(broken.cells) if lacks else len(broken.cells) - 1
    return chunk.names[max(0, min(place, len(chunk.names) - 1))] if chunk.names else ""


def context_of(store: Store, settings: Settings, crm: str, seen_at: int, judged: bool = False) -> Context:
    """What rows of a source are understood with: the stages and decimal commas it has so far included. `judged`: its
    files were looked through for those commas.
    """
    stages = store.read("stages", ["process", "stage", "kind"], {"crm": [crm]})
    processes, names, kinds = (cast(Words, stages[name]).tolist() for name in ("process", "stage", "kind"))
    known = {
        (process or "", name or ""): kind
        for process, name, kind in zip(processes, names, kinds, strict=True)
        if kind is not None
    }
    return Context(settings.timezone, settings.currency, crm, seen_at, known, remembered(store, crm), judged)


def _take(columns: Columns, rows: Ints) -> Columns:
    return {name: column.take(rows) if isinstance(column, Words) else column[rows] for name, column in columns.items()}


def _custom(checked: Checked, rows: Ints) -> list[dict[str, str]] | None:
    """The custom fields of these rows, "" where empty; None when there are none."""
    if not checked.custom:
        return None
    taken = [texts.take(pa.array(rows)).to_pylist() for texts in checked.custom.values()]
    return [
        dict(zip(checked.custom, (value or "" for value in values), strict=True)) for values in zip(*taken, strict=True)
    ]
