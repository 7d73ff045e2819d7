"""What a proof is, and what it finds: a comparison made part by part, and a fault that must turn it red."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

SHOWN = 5
"""Examples kept of what differs."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many values were compared, how many differed, some of these in words, and what the figures were of.

    >>> Verdict(2, 0, said="2 answers") + Verdict(3, 1, ("a is not b",), "3 answers")
    Verdict(compared=5, differing=1, examples=('a is not b',), said='2 answers; 3 answers')
    """

    compared: int
    differing: int
    examples: tuple[str, ...] = ()
    said: str = ""

    def __add__(self, other: "Verdict") -> "Verdict":
        said = "; ".join(dict.fromkeys(part for part in (self.said, other.said) if part))
        examples = (self.examples + other.examples)[:SHOWN]
        return Verdict(self.compared + other.compared, self.differing + other.differing, examples, said)

    @property
    def holds(self) -> bool:
        """Whether something was compared and nothing differed."""
        return self.compared > 0 and self.differing == 0


def same(left: object, right: object, what: str) -> Verdict:
    """One comparison of two wholes.

    >>> same(1, 2, "the version").examples
    ('the version: 1 is not 2',)
    """
    if left == right:
        return Verdict(1, 0)
    return Verdict(1, 1, (f"{what}: {str(left)[:200]} is not {str(right)[:200]}",))


@dataclass(frozen=True, slots=True)
class Proof:
    """One promise. `parts` compares, a part at a time, for a size (counted in `unit`) and a seed.

    `fault` plants the fault the proof must see; `plants` says which. `small` and `full` are the sizes of the ordinary
    tests and of `make proofs`. `lacks` says what is missing to run it here, "" for nothing.
    """

    name: str
    says: str
    parts: Callable[[int, int], Iterator[Verdict]]
    fault: Callable[[], AbstractContextManager[object]]
    plants: str
    unit: str
    small: int
    full: int
    lacks: Callable[[], str] = lambda: ""

    def run(
        self, size: int, seed: int, fault: bool = False, told: Callable[[Verdict], None] = lambda _: None
    ) -> Verdict:
        """All parts together; with the fault planted, until it is seen. `told` hears the verdict as it grows."""
        verdict = Verdict(0, 0)
        with self.fault() if fault else nullcontext():
            for part in self.parts(size, seed):
                verdict += part
                told(verdict)
                if fault and verdict.differing:
                    break
        return verdict
