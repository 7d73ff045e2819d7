"""What every head is: a fitted function from encoded rows to log-odds, kept as files that hold no code."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import TypeAdapter

from features.columns import Floats
from models.canonical import from_bytes, to_bytes


class Head(ABC):
    """A fitted function x -> log-odds. A row's answer never depends on the other rows, down to the last bit."""

    kind: ClassVar[str]

    @abstractmethod
    def log_odds(self, x: Floats) -> Floats:
        """float64[n] for encoded rows float64[n, p]."""

    def check(self, names: tuple[str, ...]) -> None:  # noqa: B027 (most heads have nothing to compare)
        """Raise ValueError unless the head was fitted on the encoder's columns, in its order."""

    def to_files(self, prefix: str) -> dict[str, bytes]:
        """The head as files named after `prefix`; the same head always gives the same bytes."""
        return {f"{prefix}.json": to_bytes(self._content() | {"kind": self.kind})}

    @classmethod
    def from_files(cls, prefix: str, files: Mapping[str, bytes]) -> Self:
        """The head that `to_files(prefix)` wrote."""
        content = from_bytes(files[f"{prefix}.json"])
        del content["kind"]
        return TypeAdapter(cls).validate_python(content)

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = TypeAdapter(type(self)).dump_python(self, mode="json")
        return content
