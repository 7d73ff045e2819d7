"""Fields filled together, on the same records: they come from one source, so that what is said of one bears on all."""

from collections.abc import Mapping

from features.columns import Bools
from training.leaks.judge import Finding, Verdict
from training.leaks.sample import FieldName

ALIKE = 0.98
"""Share of the records having either value that have both."""
NEARLY_ALL = 0.95
"""A field filled on more records than this is filled with every other."""


def kin(filled: Mapping[FieldName, Bools], verdicts: Mapping[FieldName, Verdict]) -> dict[FieldName, Finding]:
    """For each passing field filled together with one that does not pass: that it wants a word, and because of which.

    >>> import numpy as np
    >>> a, b, c = (FieldName("lead", name, "number") for name in "abc")
    >>> masks = {a: np.arange(9) < 4, b: np.arange(9) < 4, c: np.arange(9) > 4}
    >>> {field.name: found.figures for field, found in kin(masks, {a: "suspect", b: "passes", c: "passes"}).items()}
    {'b': {'word': 'a'}}
    """
    found: dict[FieldName, Finding] = {}
    doubted = [field for field, verdict in verdicts.items() if verdict != "passes" and field in filled]
    for field, mask in filled.items():
        if verdicts[field] == "passes" and 0 < mask.mean() < NEARLY_ALL:
            beside = [other for other in doubted if other.entity == field.entity and _alike(mask, filled[other])]
            if beside:
                found[field] = Finding("kin", "suspect", {"word": beside[0].name})
    return found


def _alike(left: Bools, right: Bools) -> bool:
    either = int((left | right).sum())
    return either > 0 and int((left & right).sum()) >= ALIKE * either
