"""Why a record scored as it did: groups of features whose contributions add up to its final log-odds.

A contribution is what the model's own final answer gains when a group's values go from usual (the encoder's reference
row) to actual, averaged over switching the groups first to last and last to first. So it is exact for any head and any
calibration: base_log_odds + the sum of contributions = final log-odds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from features.columns import Bools, Floats, Ints
from features.matrix import Matrix
from models.encoder import Encoder
from models.model import Model
from models.wording import say, spell

_CHUNK = 64
"""Records explained at a time: each needs up to a hundred switched rows or so."""


class Says(Protocol):
    """What reasons need of a catalogue row: `says_*` are sentences for `models.wording.say`."""

    @property
    def family(self) -> str:
        """What the feature speaks of."""

    @property
    def group(self) -> str:
        """What it speaks together with, where that is not its family; "" otherwise."""

    @property
    def unit(self) -> str:
        """How a value is spelled (`models.wording`)."""

    @property
    def missing(self) -> str:
        """What is said of a missing value."""

    @property
    def missing_fr(self) -> str:
        """The same in French."""

    @property
    def says_en(self) -> str:
        """The sentence in English."""

    @property
    def says_fr(self) -> str:
        """The sentence in French."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One group's contribution, told by its feature that weighs most (`value`: a number, a word, None missing)."""

    group: str
    feature: str
    value: float | str | None
    log_odds: float
    sentence_en: str
    sentence_fr: str


class Group(NamedTuple):
    """Columns that are switched together, by position."""

    name: str
    columns: list[int]


def groups_of(encoder: Encoder, features: Mapping[str, Says]) -> list[Group]:
    """A category speaks for itself, and so does a column the catalogue has no row for; numbers of one family (calls in
    7, 30 and 90 days ...) speak once, and so does all that is made of one custom field.
    """
    found: dict[str, list[int]] = {}
    for position, column in enumerate(encoder.inputs):
        row = features.get(column.name)
        alone = column.name if row is None or column.words is not None else row.family
        name = (row.group if row else "") or alone
        found.setdefault(name, []).append(position)
    return [Group(name, columns) for name, columns in found.items()]


def reasons(
    model: Model, matrix: Matrix, row: int, features: Mapping[str, Says], *, currency: str = "EUR"
) -> tuple[float, list[Reason]]:
    """(base_log_odds, reasons of one row, the weightiest first); groups that add nothing are left out."""
    return next(explain(model, matrix.take(np.array([row])), features, currency=currency))


def explain(
    model: Model, matrix: Matrix, features: Mapping[str, Says], *, top: int | None = None, currency: str = "EUR"
) -> Iterator[tuple[float, list[Reason]]]:
    """`reasons` of every row, in order, at most `top` of each (then they need not add up)."""
    groups = groups_of(model.encoder, features)
    for start in range(0, len(matrix), _CHUNK):
        part = matrix.take(np.arange(start, min(start + _CHUNK, len(matrix))))
        x = model.encoder.encode(part)
        tell = partial(_reason, model.encoder.names, part, features, currency)
        base, added, speaker = contributions(model, x, [group.columns for group in groups])
        for row in range(len(x)):
            order = sorted(np.flatnonzero(added[row]), key=lambda group: -abs(added[row, group]))
            yield base, [tell(groups[g].name, speaker[row, g], float(added[row, g]), row) for g in order[:top]]


def contributions(model: Model, x: Floats, groups: Sequence[list[int]]) -> tuple[float, Floats, Ints]:
    """(base_log_odds, contributions float64[n, groups], speakers int64[n, groups]).

    The contributions of a row add up to its final log-odds less the base. A group's speaker is its column that weighs
    most: the one whose return to usual would move the answer most.
    """
    reference, count = model.encoder.reference, len(groups)
    member = np.zeros((count, x.shape[1]), np.int64)
    for group, columns in enumerate(groups):
        member[group, columns] = 1
    owner, differs = member.argmax(axis=0), ~((x == reference) | (np.isnan(x) & np.isnan(reference))).T
    moved = member @ differs  # int64[groups, n]: how many of its columns differ from usual
    rivals = differs & (moved > 1)[owner]  # columns that are not alone in speaking for their group
    asked = np.flatnonzero(rivals.any(axis=1))

    steps = np.arange(1, count + 1)[:, None]
    actual = np.concatenate([owner < steps, owner >= count - steps, np.arange(x.shape[1]) != asked[:, None]])
    wanted = np.concatenate([moved > 0, moved[::-1] > 0, rivals[asked]])
    base, answers = _answers(model, x, actual, wanted)
    forward = _path(base, answers[:count], wanted[:count])
    backward = _path(base, answers[count : 2 * count], wanted[count : 2 * count])
    added = (np.diff(forward, axis=0) + np.diff(backward, axis=0)[::-1]) / 2

    weights = np.where(differs, 0.0, -1.0)
    weights[asked] = np.where(rivals[asked], np.abs(forward[-1] - answers[2 * count :]), weights[asked])
    speakers = [np.array(columns)[weights[columns].argmax(axis=0)] for columns in groups]
    return base, added.T, np.array(speakers, np.int64).reshape(count, len(x)).T


def _answers(model: Model, x: Floats, actual: Bools, wanted: Bools) -> tuple[float, Floats]:
    """The answer to the reference row, and float64[switches, n] those to each row with only the columns of
    `actual[switch]` at their actual values; anything where it is not `wanted`. One call of the model.
    """
    switch, row = wanted.nonzero()
    reference = model.encoder.reference
    said = model.log_odds(np.concatenate([reference[None, :], np.where(actual[switch], x[row], reference)]))
    answers = np.zeros(wanted.shape)
    answers[switch, row] = said[1:]
    return float(said[0]), answers


def _path(base: float, answers: Floats, wanted: Bools) -> Floats:
    """float64[steps + 1, n]: the answers on the way from the base; a step that changes nothing keeps the last one."""
    whole = np.concatenate([np.full((1, answers.shape[1]), base), answers])
    last = np.maximum.accumulate(np.where(wanted, np.arange(1, len(whole))[:, None], 0), axis=0)
    return np.take_along_axis(whole, np.concatenate([np.zeros_like(last[:1]), last]), axis=0)


def _reason(
    names: tuple[str, ...],
    matrix: Matrix,
    features: Mapping[str, Says],
    currency: str,
    group: str,
    speaker: int,
    log_odds: float,
    row: int,
) -> Reason:
    name = names[speaker]
    value = _value(matrix, name, row)
    feature = features.get(name)
    if feature is None:
        label = name.replace("_", " ")
        english, french = f"{label}: {spell(value, '', 'en')}", f"{label} : {spell(value, '', 'fr')}"
    elif value is None:
        english, french = feature.missing, feature.missing_fr
    else:
        english = say(feature.says_en, value, feature.unit, "en", currency)
        french = say(feature.says_fr, value, feature.unit, "fr", currency)
    return Reason(group, name, value, log_odds, english, french)


def _value(matrix: Matrix, name: str, row: int) -> float | str | None:
    if name in matrix.numbers:
        number = float(matrix.numbers[name][row])
        return None if np.isnan(number) else number
    column = matrix.categories[name]
    return column.words[column.codes[row]] if column.codes[row] >= 0 else None
