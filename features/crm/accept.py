"""Rows given one by one, as JSON objects: over HTTP, or quarantined rows mended. The same rules as files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import Words
from features.crm.convert import as_words, prefixed
from features.crm.findings import Problem, Tally
from features.crm.header import match_names
from features.crm.names import check_source
from features.crm.reader import Chunk
from features.crm.report import Counts, FileReport
from features.crm.rows import values_of
from features.crm.run import Run, context_of
from features.crm.schema import TABLES, Table
from features.crm.store import Store
from features.crm.tables import row_key
from features.settings import Settings


@dataclass(frozen=True, slots=True)
class AcceptReport:
    """What became of rows given one by one; `unknown` are the fields kept as custom ones."""

    counts: Counts
    problems: tuple[Problem, ...]
    unknown: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The same, as JSON has it."""
        report = FileReport("", "", "", self.counts, self.problems, self.unknown).as_dict()
        of_files = ("file", "table", "written", "error", "mended", "lost")
        return {name: report[name] for name in report if name not in of_files}


def accept_rows(
    store: Store, table: str, rows: Sequence[Mapping[str, object]], *, settings: Settings, crm: str = "", arrival: int
) -> AcceptReport:
    """Write rows given as JSON objects, by the same rules as files; lines count from 1.

    A row may name only some columns of a record already held: the others stay. Changes and activities without
    `recorded_at` get the arrival. ValueError when `crm` is no name for a source.
    """
    context = context_of(store, settings, check_source(crm), arrival)
    run = Run(store, TABLES[table], table, context, Tally(table), arrives=True)
    return take_rows(run, rows, range(1, len(rows) + 1))


def tidied(value: object) -> str:
    """An id as the store keeps it (less its source), so that what was written can be found again; "" when empty.

    >>> tidied(" L1 "), tidied(7), tidied("  "), tidied(None)
    ('L1', '7', '', '')
    """
    text = pc.utf8_trim_whitespace(pa.scalar(_text(value, 0, set()), pa.string()))
    return text.as_py() or ""


def take_rows(run: Run, rows: Sequence[Mapping[str, object]], lines: Sequence[int]) -> AcceptReport:
    """Give rows as JSON objects to a run; what a row does not name stays as it is."""
    unknown: dict[str, None] = {}
    order = sorted(range(len(rows)), key=lambda at: (sorted(rows[at]), at))
    with run.store.transaction():
        for _, group in groupby(order, key=lambda at: sorted(rows[at])):
            at = list(group)
            chunk = _json_chunk(run.table, [rows[place] for place in at], [lines[place] for place in at])
            unknown |= dict.fromkeys(chunk.custom)
            for part, known in _by_known(run, chunk):
                run.add(part, known)
    return AcceptReport(run.counts, tuple(run.problems()), tuple(unknown))


def _json_chunk(table: Table, rows: Sequence[Mapping[str, object]], lines: Sequence[int]) -> Chunk:
    """Objects of the same fields as a chunk."""
    found = sorted(rows[0])
    header = match_names(table, found)
    marked: set[int] = set()
    arrays = [pa.array([_text(row[name], at, marked) for at, row in enumerate(rows)], pa.string()) for name in found]
    columns = list(zip(header.names, arrays, header.custom, strict=True))
    return Chunk(
        np.asarray(lines, np.int64),
        {name: array for name, array, custom in columns if not custom},
        {name: array for name, array, custom in columns if custom},
        {"character": np.array(sorted(marked), np.int64)} if marked else {},
    )


def _text(value: object, row: int, marked: set[int]) -> str | None:
    """A JSON value as a cell; characters no database keeps are replaced and their row marked."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    clean = text.replace("\0", "").encode("utf-8", "replace").decode()
    if clean != text:
        marked.add(row)
    return clean or None


def _by_known(run: Run, chunk: Chunk) -> Iterator[tuple[Chunk, bool]]:
    """The chunk in two: rows of records already held, which may be partial, and the others."""
    key = row_key(run.table)
    if key not in chunk.texts:
        yield chunk, False
        return
    ids = prefixed(as_words(pc.utf8_trim_whitespace(chunk.texts[key])), run.context.crm)
    held = run.store.known(run.table.name, [word for word in ids.words if word], run.context.crm)
    known = np.array([value in held for value in values_of(ids)], np.bool_)
    if (~known).any():
        yield chunk.without(known), False
    if known.any():
        yield _with_currency(run, chunk.without(~known), ids.take(known)), True


def _with_currency(run: Run, chunk: Chunk, ids: Words) -> Chunk:
    """Amounts given without their currency are in that of the record held."""
    money = [column.name for column in run.table.columns if column.type == "money" and column.name in chunk.texts]
    if not money or "currency" in chunk.texts:
        return chunk
    key = row_key(run.table)
    held = run.store.read(run.table.name, [key, "currency"], {key: list(ids.words), "crm": [run.context.crm]})
    currency = dict(zip(values_of(held[key]), values_of(held["currency"]), strict=True))
    texts = pa.array([currency.get(value) for value in values_of(ids)], pa.string())
    return Chunk(chunk.lines, chunk.texts | {"currency": texts}, chunk.custom, chunk.marks)
