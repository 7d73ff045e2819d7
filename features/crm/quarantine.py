"""Rows set aside, as CSV files that a person mends and imports again, each with where it stood, why, and what to do.

A mended row is known by its `quarantine_id` and counts as seen when it first was: a record seen since then stays as it
is. Cells left empty say nothing. A row that could not be parted into cells waits until its `quarantine_text` is
emptied. Texts a spreadsheet would run as a formula, names of columns too, have a quote before them, which the import
takes off again.
"""

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from features.crm.accept import take_rows
from features.crm.kept import WHOLE, Quarantined
from features.crm.names import check_source
from features.crm.reader import Chunk
from features.crm.rules import RULES
from features.crm.run import Run
from features.crm.schema import TABLES
from features.crm.store import Store

ID = "quarantine_id"
HEAD = (ID, "quarantine_reason", "quarantine_fix", "quarantine_file", "quarantine_line", "quarantine_column")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write_quarantine(store: Store, folder: Path, *, force: bool = False) -> list[Path]:
    """A file a table in `folder`, in a folder of its own for each named source; readable by their owner alone.

    ValueError, before anything is written, where a file is there already (unless `force`), `folder` is no folder, or a
    source has a name that is none.
    """
    rows = sorted(store.quarantined(), key=lambda row: (row.crm, row.table, row.file, row.line))
    files = {
        folder / check_source(crm) / f"{table}.csv": (table, list(group))
        for (crm, table), group in groupby(rows, key=lambda row: (row.crm, row.table))
    }
    _refuse(folder, [] if force else list(files))
    for path, (table, group) in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, table, group)
    return list(files)


def _refuse(folder: Path, files: Sequence[Path]) -> None:
    """ValueError where these files cannot be made without writing over something."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder with --out")
    there = ", ".join(str(path) for path in files if path.exists())
    if there:
        raise ValueError(f"{there} would be written over: name another folder, or --force to replace what is there")


def take_mended(run: Run, chunk: Chunk) -> None:
    """Bring in rows of such a file: those accepted wait no longer, those refused again wait with their new reason."""
    waiting = {row.key: row for row in run.store.quarantined(run.table.name)}
    given = [waiting.get(name or "") for name in chunk.custom[ID].to_pylist()]
    whole = chunk.custom[WHOLE].to_pylist() if WHOLE in chunk.custom else [None] * len(given)
    context, times = run.context, dict[int, list[int]]()
    for at, row in enumerate(given):
        if row is not None and whole[at]:
            run.leave(row, int(chunk.lines[at]))
        else:
            times.setdefault(context.seen_at if row is None else row.seen_at, []).append(at)
    with run.store.transaction():
        run.store.release([row for row, text in zip(given, whole, strict=True) if row is not None and not text])
        for seen_at, places in sorted(times.items()):
            run.context = replace(context, seen_at=seen_at)
            take_rows(run, [_mended(chunk.raw(at)) for at in places], [int(chunk.lines[at]) for at in places])
    run.context = context


def _mended(cells: dict[str, str]) -> dict[str, str]:
    return {live(name): live(value) for name, value in cells.items() if name not in (*HEAD, WHOLE)}


def _write(path: Path, table: str, rows: Sequence[Quarantined]) -> None:
    raws = [json.loads(row.raw) for row in rows]
    found = dict.fromkeys(name for raw in raws for name in raw)
    names = [column.name for column in TABLES[table].columns if column.name in found or column.required]
    names += [name for name in found if name not in names and name != WHOLE]
    names += [WHOLE] if WHOLE in found else []
    with open(
        os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig", newline=""
    ) as file:
        lines = csv.writer(file)
        lines.writerow([*HEAD, *map(_inert, names)])
        lines.writerows(
            [*_told(row), *(_inert(str(raw.get(name, ""))) for name in names)]
            for row, raw in zip(rows, raws, strict=True)
        )


def _told(row: Quarantined) -> Iterator[str]:
    rule = RULES[row.rule]
    then = f" Then empty its {WHOLE}." if WHOLE in json.loads(row.raw) else ""
    yield from (row.key, rule.says, rule.advice + then, row.file, str(row.line), _inert(row.column))


def _inert(text: str) -> str:
    """A text no spreadsheet runs.

    >>> _inert("=1+1"), _inert("'=1"), _inert("Ann")
    ("'=1+1", "''=1", 'Ann')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def live(text: str) -> str:
    """A text of such a file as it was given.

    >>> live("'=1+1"), live("''=1"), live("'Ann"), live("=1")
    ('=1+1', "'=1", "'Ann", '=1')
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
