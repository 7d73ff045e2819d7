"""What was found in rows: each finding repairs a row, costs it (quarantine) or only warns; tallied for the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from features.columns import Bools, Ints
from features.crm.rules import RULES
from features.crm.shapes import shape, word
from features.crm.values import Texts

Outcome: TypeAlias = Literal["repaired", "quarantined", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule met by rows of one column of one file: how many, the first three lines, and what to do."""

    file: str
    column: str
    rule: str
    outcome: Outcome
    count: int
    lines: tuple[int, ...] = ()
    shape: str = ""
    detail: str = ""

    @property
    def says(self) -> str:
        """What was found, in words."""
        return (self.detail or RULES[self.rule].says) + ("; read as unknown" if self.loses else "")

    @property
    def loses(self) -> bool:
        """Whether the values count as unknown, while their rows are kept."""
        return RULES[self.rule].loses and self.outcome == "repaired"

    @property
    def advice(self) -> str:
        """What to do about it."""
        return RULES[self.rule].advice


class Findings:
    """The findings of one batch of rows. A row is quarantined if any costs it, else repaired if any repairs it."""

    def __init__(self, count: int) -> None:
        self.repaired: Bools = np.zeros(count, np.bool_)
        self.refused: Bools = np.zeros(count, np.bool_)
        self.reasons: dict[int, tuple[str, str]] = {}
        self.notes: list[tuple[str, str, Outcome, Ints, str]] = []

    def note(
        self, column: str, rule: str, rows: Ints | Bools, outcome: Outcome, texts: Texts = None, listed: bool = False
    ) -> None:
        """Rows (positions, or a mask) that meet a rule; `texts` are the column's, of which only the shape is shown
        unless they are words of a closed list (`listed`).
        """
        found: Ints = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        if outcome != "quarantined":
            found = found[~self.refused[found]]  # a row already set aside needs no further repair
        if not len(found):
            return
        if outcome == "repaired":
            self.repaired[found] = True
        elif outcome == "quarantined":
            self.refused[found] = True
            for row in found.tolist():
                self.reasons.setdefault(row, (rule, column))
        first = texts[int(found[0])].as_py() if texts is not None else None
        self.notes.append((column, rule, outcome, found, (word if listed else shape)(first) if first else ""))


@dataclass(slots=True)
class Tally:
    """The findings of a whole file, by column, rule and outcome."""

    file: str
    _held: dict[tuple[str, str, Outcome], tuple[int, tuple[int, ...], str]] = field(default_factory=dict)

    def add(self, findings: Findings, lines: Ints) -> None:
        """Add those of one batch whose rows stand on these lines."""
        for column, rule, outcome, rows, seen in findings.notes:
            self.count(column, rule, outcome, len(rows), tuple(lines[rows[:3]].tolist()), seen)

    def count(
        self, column: str, rule: str, outcome: Outcome, count: int, lines: tuple[int, ...] = (), seen: str = ""
    ) -> None:
        """Add some rows to one problem."""
        if count:
            before, first, looks = self._held.get((column, rule, outcome), (0, (), seen))
            self._held[column, rule, outcome] = (before + count, (*first, *lines)[:3], looks)

    def problems(self, details: Mapping[tuple[str, str], str]) -> list[Problem]:
        """The problems, what costs rows first, then the most frequent; `details` by (column, rule)."""
        rank = {"quarantined": 0, "repaired": 1, "warning": 2}
        found = [
            Problem(self.file, column, rule, outcome, count, lines, looks, details.get((column, rule), ""))
            for (column, rule, outcome), (count, lines, looks) in self._held.items()
        ]
        return sorted(found, key=lambda problem: (rank[problem.outcome], -problem.count, problem.column, problem.rule))
