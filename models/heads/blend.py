"""Several heads as one, and the table of all kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from features.columns import Floats
from models.canonical import from_bytes
from models.heads.base import Head
from models.heads.boosted import Boosted
from models.heads.linear import Linear
from models.heads.tables import Constant, Table


@dataclass(frozen=True)
class Blend(Head):
    """The weighted sum of other heads' log-odds: weights that add up to 1 make a mean, weights of 1 put one head on top
    of another.

    >>> Blend((Constant(1.0), Constant(3.0)), (0.5, 0.5)).log_odds(np.zeros((1, 0))).tolist()
    [2.0]
    """

    kind: ClassVar[str] = "blend"
    heads: tuple[Head, ...]
    weights: tuple[float, ...]

    def log_odds(self, x: Floats) -> Floats:
        """The weighted sum, added in the heads' order."""
        total = np.zeros(len(x))
        for head, weight in zip(self.heads, self.weights, strict=True):
            total = total + weight * head.log_odds(x)
        return total

    def check(self, names: tuple[str, ...]) -> None:
        """Raise ValueError unless every head was fitted on the encoder's columns."""
        for head in self.heads:
            head.check(names)

    def to_files(self, prefix: str) -> dict[str, bytes]:
        """The weights, and each head under `<prefix>.<position>`."""
        files = super().to_files(prefix)
        for position, head in enumerate(self.heads):
            files |= head.to_files(f"{prefix}.{position}")
        return files

    @classmethod
    def from_files(cls, prefix: str, files: Mapping[str, bytes]) -> Self:
        """The head that `to_files(prefix)` wrote."""
        weights = tuple(float(weight) for weight in from_bytes(files[f"{prefix}.json"])["weights"])
        return cls(tuple(read_head(f"{prefix}.{position}", files) for position in range(len(weights))), weights)

    def _content(self) -> dict[str, Any]:
        return {"weights": self.weights}


KINDS: dict[str, type[Head]] = {kind.kind: kind for kind in (Constant, Table, Linear, Boosted, Blend)}
"""Every head a bundle may hold, by the name its file gives."""


def read_head(prefix: str, files: Mapping[str, bytes]) -> Head:
    """The head whose files begin with `prefix`; the file names its kind, only kinds of the table are made.

    >>> read_head("target", Constant(2.0).to_files("target"))
    Constant(value=2.0)
    """
    kind = from_bytes(files[f"{prefix}.json"])["kind"]
    if kind not in KINDS:
        raise ValueError(f"{prefix}.json: no head of kind {kind!r} (known: {', '.join(KINDS)})")
    return KINDS[kind].from_files(prefix, files)
