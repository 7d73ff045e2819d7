"""The rules of rows: each is accepted, repaired or quarantined, and every repair and refusal has a reason.

A value that cannot be read costs its row only where the column is required (or decides an outcome); elsewhere it
becomes unknown and the row is repaired. Nothing is guessed from other rows.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Columns, Ints, Words
from features.crm.convert import Context, Conversion, mask
from features.crm.findings import Findings
from features.crm.reader import Chunk
from features.crm.schema import Table
from features.crm.values import Texts


@dataclass(frozen=True, slots=True)
class Checked:
    """A chunk after its checks: typed columns of every row (also the quarantined), custom texts, and the findings."""

    columns: Columns
    custom: dict[str, Texts]
    findings: Findings


def check(table: Table, chunk: Chunk, context: Context, known: bool = False) -> Checked:
    """Hold a chunk's rows against the rules. Rows of `known` records may be partial."""
    rows = Conversion(table, chunk, context)
    rows.run()
    _required(rows, known)
    _dates(rows)
    if table.name == "opportunities":
        _outcomes(rows, known)
    return Checked(rows.columns, rows.custom, rows.findings)


def without_blank(chunk: Chunk) -> tuple[Chunk, Ints]:
    """The chunk without the rows whose every cell is empty, and the lines of those."""
    given = [mask(pc.is_valid(texts)) for texts in (chunk.texts | chunk.custom).values()]
    blank = ~np.any(given, axis=0) if given else np.ones(len(chunk.lines), np.bool_)
    return (chunk.without(blank), chunk.lines[blank]) if blank.any() else (chunk, chunk.lines[:0])


def _required(rows: Conversion, known: bool) -> None:
    """A required value that is missing costs the row; a known record may leave out the column."""
    for column in rows.table.columns:
        if column.required and column.name in rows.given:
            rows.note(column.name, "missing", ~mask(pc.is_valid(rows.given[column.name])), "quarantined")
        elif column.required and not known:
            rows.note(column.name, "missing", np.arange(len(rows.chunk.lines)), "quarantined")


def _dates(rows: Conversion) -> None:
    """Closed before created, merged nobody knows when, and what lies after this import."""
    created = rows.times("created_at")
    for name in ("closed_at", "converted_at", "disqualified_at"):
        at = rows.times(name)
        rows.note(name, "closed before created", (at != MISSING) & (created != MISSING) & (at < created))
    undated = (rows.words_of("merged_into").codes >= 0) & (rows.times("deleted_at") == MISSING)
    rows.note("merged_into", "merged without date", undated, "warning")
    tomorrow = rows.context.seen_at + MICROSECONDS_A_DAY
    for name in ("created_at", "closed_at", "converted_at", "disqualified_at", "recorded_at", "done_at"):
        rows.note(name, "in the future", rows.times(name) > tomorrow, "warning")


def _outcomes(rows: Conversion, known: bool) -> None:
    """A closed opportunity has an outcome: its own, or the one its stage speaks of."""
    if known and "outcome" not in rows.columns:
        return
    outcome, closed = rows.words_of("outcome"), rows.times("closed_at") != MISSING
    told = _told_by_stage(rows, np.flatnonzero(outcome.codes < 0), closed)
    rows.note("outcome", "outcome from stage", np.array(sorted(told), np.int64))
    final = Words.of(told.get(row, word) for row, word in enumerate(outcome.tolist()))
    rows.note("outcome", "closed without outcome", closed & (final.codes < 0))
    if not known or "closed_at" in rows.columns:
        rows.note("closed_at", "outcome without close", ~closed & (final.codes >= 0))
    rows.columns["outcome"] = final


def _told_by_stage(rows: Conversion, places: Ints, closed: Bools) -> dict[int, str]:
    """The outcome that the stage of these rows speaks of: by its kind in `stages`, else by its name."""
    stages, processes = (rows.words_of(name).take(places).tolist() for name in ("stage", "process"))
    told: dict[int, str] = {}
    for row, stage, process in zip(places.tolist(), stages, processes, strict=True):
        kind = rows.context.kind_of(process or "", stage or "", closed=bool(closed[row]))
        if kind in ("won", "lost"):
            told[row] = str(kind)
    return told
