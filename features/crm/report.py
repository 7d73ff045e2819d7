"""What an import did, as figures and as lines a person can read."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from features.crm.findings import Problem
from features.crm.shapes import visible

MANY_LOST = 0.2
"""Share of a column's values that could not be read from which the report says so loudly."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows given = accepted + repaired + quarantined; those written = new + changed + unchanged."""

    given: int = 0
    accepted: int = 0
    repaired: int = 0
    quarantined: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0

    @property
    def taken(self) -> int:
        """The rows that are in, as they were or repaired."""
        return self.accepted + self.repaired

    def __add__(self, other: "Counts") -> "Counts":
        mine, theirs = asdict(self), asdict(other)
        return Counts(**{name: mine[name] + theirs[name] for name in mine})


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: how it is written, its counts, its problems, the custom fields it has; `error` when it was refused.

    `mended`: it holds rows set aside before, mended by hand. `lost`: by column, values read as unknown since they could
    not be read, and all those the column has.
    """

    file: str
    table: str
    written: str = ""
    counts: Counts = Counts()
    problems: tuple[Problem, ...] = ()
    custom: tuple[str, ...] = ()
    error: str = ""
    mended: bool = False
    lost: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The same, as JSON has it."""
        lost = {name: {"count": count, "of": of} for name, (count, of) in self.lost.items()}
        problems = [
            asdict(problem) | {"lines": list(problem.lines), "says": problem.says, "advice": problem.advice}
            for problem in self.problems
        ]
        head = {"file": self.file, "table": self.table, "written": self.written, "error": self.error}
        return (
            head
            | {"mended": self.mended, "lost": lost}
            | asdict(self.counts)
            | {"custom": list(self.custom), "problems": problems}
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """A whole import, file by file; `others` are the files left alone, `hints` what to do with some of them.

    `error`: why there was nothing to import. `resumed`: it went on with an import that was cut short.
    """

    path: str
    crm: str
    seen_at: int
    dry_run: bool
    files: tuple[FileReport, ...]
    others: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    resumed: bool = False

    @property
    def counts(self) -> Counts:
        """The counts of all files together."""
        return sum((file.counts for file in self.files), Counts())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all files."""
        return tuple(problem for file in self.files for problem in file.problems)

    def as_dict(self) -> dict[str, object]:
        """The same, as JSON has it."""
        head = {"path": self.path, "crm": self.crm, "seen_at": self.seen_at, "dry_run": self.dry_run}
        head |= {"error": self.error} if self.error else {}
        return head | {
            "files": [file.as_dict() for file in self.files],
            "others": list(self.others),
            "hints": dict(self.hints),
        }


def render(report: ImportReport) -> str:
    """The report as lines for a person: a table of files, then every repair and refusal with its remedy.

    >>> file = FileReport("leads.csv", "leads", counts=Counts(2, 2, new=2))
    >>> print(render(ImportReport("crm", "", 0, False, (file,))))
    crm: 2 rows given, 2 accepted, of which 0 repaired, 0 quarantined
      file       given  accepted  of which repaired  quarantined  new  changed  unchanged
      leads.csv      2         2                  0            0    2        0          0
    """
    if report.error:
        return report.error
    total = report.counts
    tried = " (dry run: nothing was kept)" if report.dry_run else ""
    lines = [
        f"{report.path}: {total.given:,} rows given, {total.taken:,} accepted, of which {total.repaired:,} repaired, "
        f"{total.quarantined:,} quarantined{tried}"
    ]
    if report.resumed:
        lines.append("  went on with an import of the same files that was cut short; it counts as one")
    lines += [f"  {line}" for line in _table(report)]
    lines += [f"  ERROR {visible(file.error)}" for file in report.files if file.error]
    lines += [f"  {line}" for file in report.files for line in _lost(file)]
    lines += [f"  {line}" for problem in report.problems for line in _told(problem)]
    hints = {name: f"; {report.hints[name]}" if name in report.hints else "" for name in report.others}
    lines += [f"  left alone: {visible(name)} (not one of our tables{told})" for name, told in hints.items()]
    if total.quarantined:
        lines.append(
            "  Quarantined rows are kept whole: correct them in the CRM and import again, or mend them yourself "
            "(plumbline quarantine --out FOLDER)."
        )
    return "\n".join(lines)


def _table(report: ImportReport) -> Iterator[str]:
    names = ("given", "taken", "repaired", "quarantined", "new", "changed", "unchanged")
    heads = {"taken": "accepted", "repaired": "of which repaired"}
    rows: list[tuple[str, ...]] = [("file", *(heads.get(name, name) for name in names))]
    rows += [(file.file, *(f"{getattr(file.counts, name):,}" for name in names)) for file in report.files]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        yield row[0].ljust(widths[0]) + "".join(
            "  " + cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        )


def _lost(file: FileReport) -> Iterator[str]:
    """The columns of which so much could not be read that something must be wrong with all of it."""
    for column, (count, of) in file.lost.items():
        if count > MANY_LOST * of:
            yield (
                f"LOST {file.file}, {visible(column)}: {count:,} of its {of:,} values ({count / of:.0%}) could not be "
                "read and count as unknown. See why below, correct the export, and import again."
            )


def _told(problem: Problem) -> Iterator[str]:
    where = visible(f"{problem.file}, {problem.column}" if problem.column else problem.file)
    named = ", ".join(str(line) for line in problem.lines) + ("..." if problem.count > len(problem.lines) else "")
    unit = "row" if problem.file.casefold().endswith(".parquet") else "line"
    lines = f" ({unit}{'s' if problem.count > 1 else ''} {named})" if problem.lines else ""
    looks = f", like {problem.shape!r}" if problem.shape else ""
    yield f"{problem.outcome}: {where}: {visible(problem.says)}: {problem.count:,}{lines}{looks}"
    yield f"    {problem.advice}"
