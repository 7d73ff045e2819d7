"""What the store answers about its own keeping: rows written, promotions, rows set aside."""

from dataclasses import dataclass

from features.crm.rows import key_digest

WHOLE = "quarantine_text"
"""Where `Quarantined.raw` holds the text of a row that could not be parted into cells."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many of the given rows were new, altered a known row, or altered nothing; `stale` of the last were older."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.stale + other.stale,
        )


@dataclass(frozen=True, slots=True)
class Champion:
    """One promotion: from `at` on, `version` answers for (kind, target)."""

    kind: str
    target: str
    version: str
    at: int
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row kept aside, whole: where it stood, the rule it broke, and its text as JSON."""

    crm: str
    table: str
    file: str
    line: int
    rule: str
    column: str
    raw: str
    seen_at: int

    @property
    def key(self) -> str:
        """What identifies the row: its source, table and text."""
        return key_digest((self.crm, self.table, self.raw))
