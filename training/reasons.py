"""Why records are lost: the common reasons told apart by all features, beside the shares of the tables.

This is the lower of two levels: whether a record is lost at all is another head's answer, so that many reasons or few
never touch the chance of reaching the target.
"""

from dataclasses import replace

import numpy as np

from models.heads import Head
from training.boosting import FULL, fit_boosted
from training.dataset import Dataset
from training.gaps import fields, with_gaps
from training.lesson import Lesson

ENOUGH = 300
"""A reason is told apart from so many records lost for it up, and as many lost for others."""

MOST = 3
"""At most so many reasons, the most common ones: each costs a head in every answer."""


def reason_heads(data: Dataset, lesson: Lesson) -> dict[int, Head]:
    """For the common reasons (by position in `data.reasons`) the log-odds of each among the lost.

    At least one reason is left to the tables.
    """
    lost = data.cause > 0
    first = np.unique(data.record[lost], return_index=True)[1]
    counts = np.bincount(data.cause[lost][first] - 1, minlength=len(data.reasons))
    common = [place for place, count in enumerate(counts.tolist()) if ENOUGH <= count <= len(first) - ENOUGH]
    chosen = sorted(common, key=lambda place: -counts[place])[: min(MOST, len(data.reasons) - 1)]
    cause, names = data.cause[lost] - 1, fields(data.catalogue)
    parts = {place: replace(lesson.take(lost), y=(cause == place).astype(np.float64)) for place in sorted(chosen)}
    return {place: fit_boosted(with_gaps(part, names), FULL) for place, part in parts.items()}
