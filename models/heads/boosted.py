"""Gradient-boosted trees, kept as LightGBM's own text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from features.columns import Floats
from models.canonical import from_bytes
from models.heads.base import Head

if TYPE_CHECKING:
    from lightgbm import Booster

_SMALL = 2_000
"""Up to so many rows one thread is faster than waking the others."""


@dataclass(frozen=True)
class Boosted(Head):
    """A binary LightGBM model of the encoder's columns; categories are their codes. `text` is trusted: only a verified
    file may come here, for a damaged one ends the process.
    """

    kind: ClassVar[str] = "boosted"
    columns: tuple[str, ...]
    text: str = field(repr=False)

    @classmethod
    def of(cls, booster: "Booster", columns: tuple[str, ...]) -> Self:
        """The head of a fitted booster. Its training parameters (threads among them) are left out of the text, so that
        equal trees are equal bytes.
        """
        trees, _, _ = booster.model_to_string().partition("\nfeature_importances:")
        return cls(tuple(columns), trees.partition("\nparameters:")[0] + "\n")

    def log_odds(self, x: Floats) -> Floats:
        """The sum of the trees, row by row."""
        threads = 1 if len(x) <= _SMALL else 0
        answer = self._booster.predict(x, raw_score=True, num_threads=threads)
        return np.asarray(answer, np.float64)

    def check(self, names: tuple[str, ...]) -> None:
        """Raise ValueError unless the trees were grown on exactly these columns."""
        if self.columns != names:
            raise ValueError("the trees were grown on other columns than the encoder gives, or in another order")
        if self._booster.num_feature() != len(names):
            raise ValueError(f"the trees know {self._booster.num_feature()} columns, the encoder gives {len(names)}")

    def to_files(self, prefix: str) -> dict[str, bytes]:
        """The JSON, and the trees in `<prefix>.lgb.txt`."""
        return super().to_files(prefix) | {f"{prefix}.lgb.txt": self.text.encode()}

    @classmethod
    def from_files(cls, prefix: str, files: Mapping[str, bytes]) -> Self:
        """The head that `to_files(prefix)` wrote."""
        return cls(tuple(from_bytes(files[f"{prefix}.json"])["columns"]), files[f"{prefix}.lgb.txt"].decode())

    def _content(self) -> dict[str, Any]:
        return {"columns": self.columns}

    @cached_property
    def _booster(self) -> "Booster":
        from lightgbm import Booster  # a second to import: only models with trees pay it

        return Booster(model_str=self.text)
