"""Rows with gaps: what a record looks like when the CRM that asks sends less of it than it later records.

A history has nearly every field filled; the call that scores a lead as it is made may not. A model that has never seen
a field missing says something arbitrary when it is, so each creation row is also learnt from, at little weight, with
fields left out at random.
"""

from collections.abc import Collection

import numpy as np

from features.feature import Feature
from training.lesson import Lesson

SHARE = 0.5
"""The chance that a field is left out of a copy."""

WEIGHT = 0.15
"""What a copy counts for beside its row."""

_FIELDS = (
    "value", "money", "number", "terms", "days_to", "place", "days_in", "days_in_over_usual", "value_over_usual",
    "growth",
)  # fmt: skip


def fields(catalogue: Collection[Feature]) -> frozenset[str]:
    """The features that read a field of the record, and so may be missing when it is not sent."""
    return frozenset(row.name for row in catalogue if row.aggregation in _FIELDS)


def with_gaps(lesson: Lesson, names: Collection[str]) -> Lesson:
    """The lesson, with a copy of every creation row from which the columns in `names` are left out at random.

    >>> from models.encoder import Encoder, Input
    >>> encoder = Encoder((Input("age_days"), Input("amount")))
    >>> rows = np.array([[0.0, 5.0], [3.0, 5.0]]), np.zeros(2), np.ones(2), np.array([0, 0]), np.array([0, 1])
    >>> with_gaps(Lesson(encoder, *rows), ["amount"]).weight.tolist()
    [1.0, 1.0, 0.15]
    """
    age = lesson.place("age_days")
    columns = np.array([place for place, name in enumerate(lesson.encoder.names) if name in names], np.int64)
    if age is None or not len(columns):
        return lesson
    rows = np.flatnonzero(lesson.x[:, age] == 0.0)
    copy = lesson.x[rows]
    gone = np.random.default_rng(lesson.seed).random((len(rows), len(columns))) < SHARE
    part = copy[:, columns]
    part[gone] = np.nan
    copy[:, columns] = part
    return Lesson(
        lesson.encoder, np.concatenate([lesson.x, copy]), np.append(lesson.y, lesson.y[rows]),
        np.append(lesson.weight, WEIGHT * lesson.weight[rows]), np.append(lesson.record, lesson.record[rows]),
        np.append(lesson.as_of, lesson.as_of[rows]), lesson.seed,
    )  # fmt: skip
