"""Parquet as columns of text, in memory bounded by what its rows hold, however little a file is packed into.

A text that comes a thousand times stands in a file once, and a few bytes may unpack to gigabytes. So texts are read as
the file keeps them, each once; what rows would hold is measured; and they are written out some rows at a time.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.columns import Ints
from features.crm.delimited import MAX_ROWS, MAX_TEXT, SAMPLE, Broken
from features.crm.values import Texts

MAX_UNPACKED = 256 * 2**20
"""Bytes that a group of rows may unpack to, whatever the size of its file."""
MAX_PACKED = 100
"""How many times its file's size a group of rows may unpack to beyond that: real text packs to about a tenth."""
_CELL = 8
"""Bytes of a cell that is no text."""
_SHOWN = 1_000
"""Characters of the longest cell kept of a row that is too long."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows: their numbers from 1, columns of text, places of those whose bytes are not UTF-8, those too long to be
    rows, and how many rows were read so far.
    """

    lines: Sequence[int]
    columns: Sequence[Texts]
    marked: Sequence[int]
    broken: Sequence[Broken]
    reached: int


def too_packed(metadata: pq.FileMetaData, size: int) -> str:
    """Why a file of so many bytes is not unpacked: which rows are too much, and which column most of all; else ""."""
    first = 1
    for group in _groups(metadata):
        unpacked = _unpacked(metadata, group)
        total, last = sum(size for _, size in unpacked), first + group.num_rows - 1
        if total > max(MAX_UNPACKED, MAX_PACKED * size):
            return (
                f"its rows {first:,} to {last:,} unpack to {total / 2**20:,.0f} MB from a file of {size / 2**20:,.2f} "
                f"MB, most of it in the column {max(unpacked, key=lambda pair: pair[1])[0]}"
            )
        first = last + 1
    return ""


def first_values(path: Path) -> Mapping[str, Sequence[str]]:
    """The values of the first rows by column, those that are empty left out."""
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
    part = next(parts(path, SAMPLE))
    return {name.strip(): texts.drop_null().to_pylist() for name, texts in zip(names, part.columns, strict=True)}


def parts(path: Path, most: int = MAX_ROWS) -> Generator[Part, None, None]:
    """The rows, at most so many or about MAX_TEXT characters at a time. A row of more than MAX_TEXT is broken."""
    with pq.ParquetFile(path) as file:
        metadata = file.metadata
    done = 0
    texts = _paths(metadata, lambda column: column.physical_type == "BYTE_ARRAY" and _logical(column) != "DECIMAL")
    uuids = _paths(metadata, lambda column: _logical(column) == "UUID")
    with pq.ParquetFile(
        path,
        metadata=metadata,
        read_dictionary=texts,
        arrow_extensions_enabled=False,  # JSON too is read as texts
    ) as file:
        for batch in file.iter_batches(min(most, _rows_at_once(metadata))):
            yield from _split(_with_uuids(batch, uuids), done)
            done += len(batch)


def _groups(metadata: pq.FileMetaData) -> Iterator[Any]:
    return (metadata.row_group(at) for at in range(metadata.num_row_groups))


def _unpacked(metadata: pq.FileMetaData, group: Any) -> list[tuple[str, int]]:
    """Bytes each column of a group unpacks to, its repeated texts counted once; of lists every value counts."""
    columns = [(group.column(at), metadata.schema.column(at)) for at in range(group.num_columns)]
    return [
        (
            held.path_in_schema,
            int(held.total_uncompressed_size + _CELL * max(0, held.num_values - group.num_rows))
            + (held.num_values * told.length if told.physical_type == "FIXED_LEN_BYTE_ARRAY" else 0),
        )
        for held, told in columns
    ]


def _rows_at_once(metadata: pq.FileMetaData) -> int:
    """How many rows hold about MAX_TEXT where they are heaviest, as far as the file tells."""
    weights = (
        sum(size for _, size in _unpacked(metadata, group)) / max(1, group.num_rows) for group in _groups(metadata)
    )
    return max(1, min(MAX_ROWS, int(MAX_TEXT // max(1.0, *weights))))


def _paths(metadata: pq.FileMetaData, chosen: Callable[[Any], bool]) -> list[str]:
    """The columns chosen, those inside others too."""
    columns = (metadata.schema.column(at) for at in range(metadata.num_columns))
    return [column.path for column in columns if chosen(column)]


def _logical(column: Any) -> str:
    return str(column.logical_type.type)


def _with_uuids(batch: pa.RecordBatch, uuids: Collection[str]) -> pa.RecordBatch:
    """A batch whose UUIDs, kept in sixteen bytes, are written out."""
    columns = [
        _uuids(column) if name in uuids else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _uuids(column: Any) -> Texts:
    held = getattr(column, "storage", column).to_pylist()
    return pa.array([None if value is None else str(UUID(bytes=value)) for value in held], pa.string())


def _split(batch: pa.RecordBatch, done: int) -> Iterator[Part]:
    """A batch in parts that hold about MAX_TEXT each, its rows that hold more apart."""
    sizes = np.stack([_sizes(column) for column in batch.columns])
    rows = sizes.sum(0)
    long = rows > MAX_TEXT
    broken = [_too_long(batch, int(row), sizes[:, row], done) for row in np.flatnonzero(long)]
    kept, lines = batch.filter(pa.array(~long)), done + 1 + np.flatnonzero(~long)
    ends = np.cumsum(rows[~long])
    start, reached = 0, 0
    while start < len(lines):
        stop = max(start + 1, int(np.searchsorted(ends, reached + MAX_TEXT, "right")))
        marked: set[int] = set()
        columns = [as_text(column, marked) for column in kept.slice(start, stop - start).columns]
        yield Part(lines[start:stop].tolist(), columns, sorted(marked), (), int(lines[stop - 1]))
        start, reached = stop, int(ends[stop - 1])
    if broken:
        empty = [pa.array([], pa.string()) for _ in batch.columns]
        yield Part([], empty, [], broken, done + len(batch))


def _sizes(column: Any) -> Ints:
    """Bytes of each cell of a column once it is written out."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        sizes = np.append(_sizes(column.dictionary), 0)
        return np.asarray(sizes[pc.fill_null(column.indices, len(sizes) - 1).to_numpy(zero_copy_only=False)])
    if pa.types.is_struct(kind):
        return np.asarray(np.sum([_sizes(part) for part in column.flatten()], axis=0), np.int64)
    if pa.types.is_map(kind):
        column = column.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))
    if pa.types.is_nested(kind):
        inner, parents = _sizes(pc.list_flatten(column)), pc.list_parent_indices(column).to_numpy()
        return np.bincount(parents, inner, len(column)).astype(np.int64)
    if not _is_text(kind):
        return np.full(len(column), kind.byte_width if pa.types.is_fixed_size_binary(kind) else _CELL, np.int64)
    return np.asarray(pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False), np.int64)


def _is_text(kind: pa.DataType) -> bool:
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in tests)


def _too_long(batch: pa.RecordBatch, row: int, sizes: Ints, done: int) -> Broken:
    """A row that holds too much: its cells up to the longest, but none that is long itself."""
    longest = int(sizes.argmax())
    cells = [as_text(column.slice(row, 1), set())[0].as_py() or "" if size <= _SHOWN else ""
             for column, size in zip(batch.columns[:longest], sizes, strict=False)]  # fmt: skip
    shape = f"text of {sizes[longest]:,} bytes"
    return Broken(done + row + 1, "row too long", f"{batch.schema.names[longest]}: {shape}", [*cells, ""], shape)


def as_text(column: Any, marked: set[int]) -> Texts:
    """A typed column as text: instants as ISO 8601 in UTC, numbers in their shortest exact form, no number as empty.

    Rows whose bytes are not UTF-8 are `marked`.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode(), marked)
    if pa.types.is_timestamp(kind):
        zone = "Z" if kind.tz else ""
        return pc.strftime(
            pc.cast(column, pa.timestamp("us", tz="UTC" if zone else None), safe=False), f"%Y-%m-%dT%H:%M:%S{zone}"
        )
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
    try:
        return pc.cast(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        values = column.to_pylist()
        return pa.array([_plain(value, at, marked) for at, value in enumerate(values)], pa.string())


def _plain(value: object, row: int, marked: set[int]) -> str | None:
    """A value no cast turns into text; bytes as in a text file, UTF-8 or else Windows-1252."""
    if not isinstance(value, bytes):
        return None if value is None else str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        marked.add(row)
        return value.decode("cp1252", "replace")
