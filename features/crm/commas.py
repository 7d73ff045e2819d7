"""Columns whose numbers have decimal commas, judged over whole files: there the point of "12.500" separates thousands.

One value cannot tell, and neither can the part of a file that is read at a time. So the files are looked through before
they are imported, and what a source was found to do is remembered for its later files and for rows given one by one.
A column that has decimal points too follows no habit, and a custom field counts only where every value is a number.
"""

import json
import mmap
import re
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from features.crm.delimited import is_utf8
from features.crm.header import HeaderError
from features.crm.reader import Chunk, FolderError, Source, open_source
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.texts import has_decimal_comma, has_decimal_point, read_number
from features.crm.values import Texts, shows

ENTITIES = {table.entity: table for table in TABLES.values() if table.entity}
_COMMA = re.compile(rb"\d,\d")
_QUOTED = re.compile(rb'"[^",\n]*\d,\d')


@dataclass(slots=True)
class _Judged:
    """What the values of columns show, by `table.column`."""

    commas: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    """Those that hold words, or numbers with decimal points."""

    def look(self, table: str, column: str, texts: Texts) -> None:
        """Look at some values of a column."""
        name, canonical = f"{table}.{column}", TABLES[table].column(column)
        if name in self.others or (canonical is not None and canonical.type not in ("money", "number")):
            return
        if shows(texts, ".", has_decimal_point) or (canonical is None and not _all_numbers(texts)):
            self.others.add(name)
        elif name not in self.commas and shows(texts, ",", has_decimal_comma):
            self.commas.add(name)


def remembered(store: Store, crm: str) -> frozenset[str]:
    """The columns (`table.column`) of a source that were found to have decimal commas, and no decimal points."""
    return frozenset(json.loads(store.notes(_name(crm)).get(_name(crm), "[]")))


def learn(store: Store, crm: str, sources: Iterable[Source]) -> frozenset[str]:
    """Look through the files, and remember the columns found beside those known and not refuted."""
    judged = _Judged()
    for source in sources:
        with suppress(HeaderError, FolderError, OSError, pa.ArrowException):  # the import itself will say so
            _look_through(source, judged)
    known = remembered(store, crm)
    found = (known | judged.commas) - judged.others
    if found != known:
        store.set_note(_name(crm), json.dumps(sorted(found)))
    return found


def plain(texts: Texts) -> Texts:
    """The numbers of a column with decimal commas, those with a lone point for thousands written without it.

    >>> plain(pa.array(["12.500", "3,5", None])).to_pylist()
    ['12500', '3,5', None]
    """
    coded = texts.dictionary_encode()
    answers = [
        text.replace(".", "") if read_number(text)[0] != read_number(text, comma=True)[0] else text
        for text in coded.dictionary.to_pylist()
    ]
    return pc.take(pa.array(answers, pa.string()), coded.indices)


def _look_through(source: Source, judged: _Judged) -> None:
    reading = open_source(source) if _may_have_commas(source.path) else None
    if reading is not None:
        with closing(reading.chunks) as chunks:
            for chunk, _ in chunks:
                for table, column, texts in _numbers_of(source.table.name, chunk):
                    judged.look(table, column, texts)


def _may_have_commas(path: Path) -> bool:
    """Whether a file can hold a decimal comma at all, from its bytes: most cannot, and need no second reading."""
    if path.suffix.casefold() == ".parquet" or not path.stat().st_size:
        return True
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        start = held[:4096]
        parted = any(mark in start.splitlines()[0] for mark in (b";", b"\t", b"|", b"="))
        if not is_utf8(start) or (parted and _COMMA.search(held)):
            return True
        return held.find(b'"') >= 0 and _QUOTED.search(held) is not None


def _numbers_of(table: str, chunk: Chunk) -> Iterable[tuple[str, str, Texts]]:
    """The columns of a chunk that may hold numbers, as (table, column, texts); those of changes field by field."""
    if table != "changes":
        yield from ((table, name, texts) for name, texts in (chunk.texts | chunk.custom).items())
        return
    pairs = [chunk.texts.get(name, pa.nulls(len(chunk.lines), pa.string())) for name in ("entity", "field")]
    for entity, held in ENTITIES.items():
        here = pc.fill_null(pc.equal(pairs[0], entity), False)
        for name in pc.unique(pairs[1].filter(here)).drop_null().to_pylist():
            rows = pc.and_(here, pc.fill_null(pc.equal(pairs[1], name), False))
            for side in ("old", "new"):
                if side in chunk.texts:
                    yield held.name, name, chunk.texts[side].filter(rows)


def _all_numbers(texts: Texts) -> bool:
    return all(
        has_decimal_comma(text) or read_number(text.strip(), comma=True)[0] is not None
        for text in pc.unique(texts).drop_null().to_pylist()
    )


def _name(crm: str) -> str:
    return f"commas {crm}"
