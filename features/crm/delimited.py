"""Delimited text as people's programs write it, read row by row: nothing in it stops the reading.

A row that cannot be read (wrong number of cells, quotes that never close) is set aside with its text; the lines a stray
quote would have swallowed are read again as rows. Lines count as text editors count them.
"""

import csv
import io
from collections import deque
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias

from features.crm.header import HeaderError, fold

MAX_ROWS = 50_000
MAX_TEXT = 32 * 2**20
"""Characters of one chunk, one row and one line: more than any real cell, little enough to hold."""
MAX_LINES = 10_000
"""Lines one row may span before its quote counts as never closed."""
SAMPLE = 200
"""Rows looked at where a column's name alone does not tell what it holds."""
_SHOWN = 1_000
"""Characters kept of a line that is too long to be a row."""

SEPARATORS = ",;\t|"
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}
"""A byte that is not UTF-8 (as Python marks it while decoding) -> the Windows-1252 character it stands for."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read: its line, the rule it broke, its text, its cells so far, how it looks."""

    line: int
    rule: str
    text: str
    cells: Sequence[str] = ()
    shape: str = ""


Record: TypeAlias = tuple[int, list[str], set[str]] | Broken
"""A row: its first line, its cells, the repairs made; or one that could not be read."""


@dataclass(slots=True)
class Rows:
    """Some rows: their cells by column, first lines, repairs by rule, those that could not be read, bytes reached."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    marks: dict[str, list[int]] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    reached: int = 0

    @property
    def columns(self) -> list[tuple[str, ...]]:
        """The cells, column by column."""
        return list(zip(*self.cells, strict=True))

    @property
    def count(self) -> int:
        """Rows of either kind."""
        return len(self.cells) + len(self.broken)

    def add(self, record: Record) -> None:
        """Keep one row."""
        if isinstance(record, Broken):
            self.broken.append(record)
            return
        line, cells, marks = record
        for rule in marks:
            self.marks.setdefault(rule, []).append(len(self.cells))
        self.cells.append(cells)
        self.lines.append(line)


class _EndlessRowError(Exception):
    """A row goes on for too long: its quote is never closed."""


class _Lines:
    """The lines of a text for `csv.reader`, remembering those of the row being read, which can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.encodings: set[str] = set()
        self.number = 0
        self.start()

    def start(self) -> None:
        """A new row starts here."""
        self._taken: list[str] = []
        self.marks: set[str] = set()
        self.size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._raw_line()
        if not line:
            raise StopIteration
        self.size += len(line)
        self._taken.append(line)
        if len(self._taken) > 1 or len(line) >= MAX_TEXT:
            self._check_size()
        return line if line.isascii() and "\0" not in line else self._cleaned(line)

    def _check_size(self) -> None:
        if self.endless or self.size > MAX_TEXT or len(self._taken) > MAX_LINES:
            raise _EndlessRowError

    @property
    def endless(self) -> bool:
        """Whether the last line read was too long to be one of a row."""
        return _is_endless(self._taken[-1])

    def _raw_line(self) -> str:
        if self._back:
            line = self._back.popleft()
        else:
            line = self._file.readline(MAX_TEXT)
            if len(line) >= MAX_TEXT:
                self._skip_rest(line)
        self.number += bool(line)
        return line

    def _skip_rest(self, line: str) -> None:
        """Of a line that is too long only the beginning is read."""
        while _is_endless(line):
            line = self._file.readline(MAX_TEXT)

    def _cleaned(self, line: str) -> str:
        if "\0" in line:
            self.marks.add("null character")
            line = line.replace("\0", "")
        if not line.isascii():
            try:
                line.encode()
                self.encodings.add("UTF-8")
            except UnicodeEncodeError:
                self.encodings.add("Windows-1252")
                self.marks.add("encoding")
                line = line.translate(_WINDOWS)
        return line or "\n"

    def text(self) -> str:
        """The lines of the row."""
        return "".join(self._cleaned(line) for line in self._taken)

    def give_back(self) -> str:
        """The row's first line; its other lines will be read again."""
        first, *rest = self._taken
        self._back.extendleft(reversed(rest))
        self.number -= len(rest)
        self._taken, self.marks = [first], {"stray quote"}
        return self._cleaned(first)

    def more(self) -> bool:
        """Whether a line that is not blank follows."""
        while line := self._raw_line():
            if line.strip("\0\r\n \ufeff"):
                self._back.append(line)
                self.number -= 1
                return True
        return False


def _never_closed() -> str:
    raise _EndlessRowError


def _is_endless(line: str) -> bool:
    return len(line) >= MAX_TEXT and line[-1] not in "\r\n"


class Delimited:
    """An open delimited file: how it is written, the names of its columns, its rows."""

    def __init__(self, raw: IO[bytes], encoding: str, known: Collection[str]) -> None:
        self._raw = raw
        self._lines = _Lines(io.TextIOWrapper(raw, encoding, errors=_errors(encoding), newline=""))
        head = next(self._lines, "")
        told = head.strip()[4:] if head.casefold().startswith("sep=") else ""  # a spreadsheet's own hint
        head = next(self._lines, "") if told else head
        while head.count('"') % 2:
            head += next(self._lines, "") or _never_closed()
        self.separator = told if len(told) == 1 else _separator(head, known)
        self.names = _split(head, self.separator)
        self._encoding = encoding.removesuffix("-sig").upper()

    @property
    def written(self) -> str:
        """The encodings of the lines read so far, and the separator."""
        mixed = "Windows-1252" in self._lines.encodings
        encodings = " and ".join(sorted(self._lines.encodings)) if mixed else self._encoding
        return f"{encodings}, {_NAMES.get(self.separator, self.separator)}"

    @classmethod
    def open(cls, path: Path, known: Collection[str]) -> "Delimited | None":
        """Open a file whose columns may be `known`; None when it holds no row beyond its header. HeaderError where the
        header never ends.
        """
        raw = path.open("rb")
        start = raw.read(4096)
        raw.seek(0)
        try:
            file = cls(raw, _encoding(start), known) if start.strip() else None
        except _EndlessRowError:
            raw.close()
            raise HeaderError(
                f"{path.name}, line 1: a quote among the column names is never closed, or the line is too long to be "
                "one of a table. Close the quote, or export the file as CSV."
            ) from None
        if file is None or not file._lines.more():
            raw.close()
            return None
        return file

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def sample(self) -> dict[str, list[str]]:
        """The values of the first rows by column, those that are empty left out; closes the file."""
        with self._raw:
            rows = [record[1] for record in islice(self._records(), SAMPLE) if not isinstance(record, Broken)]
        return {
            name.strip(): [cells[place] for cells in rows if cells[place].strip()]
            for place, name in enumerate(self.names)
        }

    def rows(self) -> Generator[Rows, None, None]:
        """The rows, at most MAX_ROWS or about MAX_TEXT characters at a time; closes the file at the end."""
        rows, size = Rows(), 0
        with self._raw:
            for record in self._records():
                rows.add(record)
                size += self._lines.size
                if rows.count >= MAX_ROWS or size > MAX_TEXT:
                    rows.reached = self._raw.tell()
                    yield rows
                    rows, size = Rows(), 0
            rows.reached = self._raw.tell()
            if rows.count:
                yield rows

    def _records(self) -> Iterator[Record]:
        csv.field_size_limit(MAX_TEXT)
        lines, width = self._lines, len(self.names)
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        while True:
            lines.start()
            line = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _EndlessRowError):
                head = lines.give_back()
                if lines.endless:
                    yield Broken(line, "line too long", head[:_SHOWN], (), f"text of over {MAX_TEXT:,} characters")
                    continue
                cells = _split(head, self.separator)
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                del cells[width:]
                lines.marks.add("extra empty cells")
            if len(cells) == width:
                yield line, cells, lines.marks
            elif len(cells) > 1 or "".join(cells).strip():
                yield self._broken(line, cells)

    def _broken(self, line: int, cells: list[str]) -> Broken:
        """A row whose cells are not those of the header: its quote stays open, or it has too few or too many."""
        text, width = self._lines.text(), len(self.names)
        if "stray quote" in self._lines.marks and text.count('"') % 2:
            return Broken(line, "open quote", text, cells, f"{len(cells)} cells, the last not closed")
        other = next((name for mark, name in _NAMES.items() if len(_split(text, mark)) == width), "")
        parted = f", parted by another mark: {other}" if other else ""
        return Broken(line, "wrong number of cells", text, cells, f"{len(cells)} cells, not {width}{parted}")


def _encoding(start: bytes) -> str:
    """The encoding a file begins in: UTF-32 by its mark, UTF-16 by its mark or its many zeros, else UTF-8."""
    if start[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) // 4 and abs(even - odd) > len(start) // 8:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8-sig"


def is_utf8(start: bytes) -> bool:
    """Whether a file that begins so is in UTF-8, or in Windows-1252, which is read as it."""
    return _encoding(start).startswith("utf-8")


def _errors(encoding: str) -> str:
    return "surrogateescape" if encoding.startswith("utf-8") else "replace"


def _split(line: str, separator: str) -> list[str]:
    """One line's cells, read leniently."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.rstrip("\r\n").split(separator)


def _separator(head: str, known: Collection[str]) -> str:
    """The separator under which the header shows most known names, then most names."""
    folded = {fold(name) for name in known}

    def score(separator: str) -> tuple[int, int]:
        names = _split(head, separator)
        return sum(fold(name) in folded for name in names), len(names)

    return max(SEPARATORS, key=score)
