"""One answer, language aside: what the ladder found, ready to be kept and to be told in English or French."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.columns import Words
from features.matrix import Matrix
from models.wording import Language
from serving.languages import loss_reason, note
from serving.schemas import ModelKind, ScoreAnswer


@dataclass(frozen=True, slots=True)
class Said:
    """What a rung of the ladder says: fields of `ScoreAnswer`; reasons have `sentence_en` and `sentence_fr`.

    `lacking`: the features its model was trained on that the history no longer gives.
    """

    kind: ModelKind
    version: str | None
    figures: dict[str, Any]
    reasons: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A score of one record at one instant. `notes` are (name, fields) of `serving.languages.NOTES`."""

    kind: str
    id: str
    target: str
    as_of: int
    as_of_text: str
    said: Said
    features: Matrix | None
    notes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stored: bool = True

    def told(self, language: Language) -> ScoreAnswer:
        """The answer as the API gives it."""
        return told(self.as_dict(), language)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, both languages."""
        said = self.said
        notes = [*((name, ()) for name in said.notes), *self.notes]
        if said.lacking:
            notes.append(("lacking", said.lacking))
        model = {"name": f"{self.kind}.{self.target}", "version": said.version, "kind": said.kind}
        head = {"id": self.id, "target": self.target, "as_of": self.as_of_text}
        tail = {"model": model, "degraded": said.kind != "champion", "stored": self.stored, "notes": notes}
        return head | said.figures | {"reasons": list(said.reasons)} | tail


def told(answer: dict[str, Any], language: Language) -> ScoreAnswer:
    """An answer's plain values in one language."""
    plain = {name: value for name, value in answer.items() if name not in ("notes", "reasons")}
    if plain.get("loss_risk"):
        plain["loss_risk"] = _losses(plain["loss_risk"], language)
    reasons = [_in_language(reason, language) for reason in answer["reasons"]]
    notes = [note(name, language, fields) for name, fields in answer["notes"]]
    return ScoreAnswer.model_validate(plain | {"reasons": reasons, "note": "; ".join(notes) or None})


def _losses(risk: dict[str, Any], language: Language) -> dict[str, Any]:
    """The risk of loss with its reasons: the CRM's own words, and ours where it says none."""
    return risk | {"reasons": [item | {"reason": loss_reason(item["reason"], language)} for item in risk["reasons"]]}


def _in_language(reason: dict[str, Any], language: Language) -> dict[str, Any]:
    others = {name: value for name, value in reason.items() if not name.startswith("sentence_")}
    return others | {"sentence": reason[f"sentence_{language}"]}


def matrix_json(matrix: Matrix) -> str:
    """One row's features as JSON, exactly: null where missing.

    >>> matrix_json(Matrix({"age_days": np.array([0.1])}, {"source": Words.of([None])}))
    '{"categories":{"source":null},"numbers":{"age_days":0.1}}'
    """
    numbers = {name: None if np.isnan(column[0]) else float(column[0]) for name, column in matrix.numbers.items()}
    categories = {name: _word(column) for name, column in matrix.categories.items()}
    return json.dumps({"categories": categories, "numbers": numbers}, ensure_ascii=False, separators=(",", ":"))


def matrix_of(text: str) -> Matrix:
    """The features that `matrix_json` wrote, bit for bit.

    >>> matrix_of('{"categories":{"source":"web"},"numbers":{"age_days":null}}').categories["source"].tolist()
    ['web']
    """
    rows = json.loads(text)
    numbers = {name: np.array([np.nan if x is None else x], np.float64) for name, x in rows["numbers"].items()}
    return Matrix(numbers, {name: Words.of([word]) for name, word in rows["categories"].items()})


def _word(column: Words) -> str | None:
    code = int(column.codes[0])
    return column.words[code] if code >= 0 else None


def most_likely(names: Sequence[str], chances: Sequence[float]) -> list[dict[str, Any]]:
    """Loss reasons, the likeliest first."""
    found = [{"reason": name, "probability": chance} for name, chance in zip(names, chances, strict=True)]
    return sorted(found, key=lambda item: -float(item["probability"]))
