"""Whether two contenders gave the same answers: words and numbers equal with ==, missing only where both are."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.columns import Bools, Words


def differing(ours: Path, theirs: Path) -> dict[str, str]:
    """The features that are not equal throughout, each with how many rows differ and the first that does."""
    told = {}
    for path in sorted(theirs.glob("*.npy")):
        left, right = np.load(ours / path.name), np.load(path)
        words = path.with_suffix(".json")
        unequal = _words(ours / words.name, left, words, right) if words.exists() else _numbers(left, right)
        if unequal.any():
            row = int(np.flatnonzero(unequal)[0])
            told[path.stem] = f"{int(unequal.sum())} of {len(left)} rows, first row {row}: {left[row]} and {right[row]}"
    return told


def _numbers(left: npt.NDArray[Any], right: npt.NDArray[Any]) -> Bools:
    unequal: Bools = (left != right) & ~(np.isnan(left) & np.isnan(right))
    return unequal


def _words(left: Path, codes: npt.NDArray[Any], right: Path, other: npt.NDArray[Any]) -> Bools:
    words = [tuple(json.loads(path.read_text(encoding="utf-8"))) for path in (left, right)]
    place = {word: code for code, word in enumerate(words[0])}
    unequal: Bools = Words(other.astype(np.int32), words[1]).recode(place) != codes
    return unequal
