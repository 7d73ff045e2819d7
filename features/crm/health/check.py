"""What a check is and what it finds: one `Check` a class of bad data, with its words in English and French."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from features.crm.health.snapshot import Snapshot

Severity: TypeAlias = Literal["wrong", "suspect", "worth knowing"]
Language: TypeAlias = Literal["en", "fr"]
Figure: TypeAlias = str | int | float
"""A value in a sentence: a word as it is, a count, or (float) a share of 1, told in percent."""

SEVERITIES: tuple[Severity, ...] = ("wrong", "suspect", "worth knowing")
"""Wrong: it cannot be so. Suspect: it can, but rarely is. Worth knowing: it limits what a model can learn."""

LANGUAGES: tuple[Language, ...] = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Example:
    """One row found: its id, its page in the CRM where it has one, and the row it clashes with, if any."""

    id: str
    url: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """`count` rows of `of` (0: of no known number) of a table; `figures` fill the sentence's places."""

    table: str
    count: int
    of: int
    examples: tuple[Example, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One class of bad data. `says` and `advice` are (English, French); `says` follows "12 of 2,000 opportunities: ".

    `tables`: those it reads; it is asked only where each of them has rows. `test`: what a statistical check supposes
    of healthy data, and how often it is wrong of them; "" for one that only counts. `above`: how many it takes to
    speak; "" for one.
    """

    name: str
    severity: Severity
    tables: tuple[str, ...]
    finds: Callable[["Snapshot"], Iterable[Found]]
    says: tuple[str, str]
    advice: tuple[str, str]
    test: str = ""
    above: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found by a check."""

    check: Check
    found: Found

    @property
    def share(self) -> float | None:
        """How much of its table it concerns; None where that means nothing."""
        return self.found.count / self.found.of if self.found.of else None
