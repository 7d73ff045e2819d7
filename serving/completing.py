"""A model is asked with the features it was trained on: one that the history no longer gives counts as missing.

A custom field may be refused (`attributes`: never) or given another type at any time; a model trained before goes on
answering, without it, and says so. Its own encoder stays strict.
"""

from collections.abc import Iterable

import numpy as np

from features.catalog import Catalog, Feature, catalog_for
from features.columns import Words
from features.crm.store import Store
from features.entity import Starts
from features.history import Kind, load_history
from features.matrix import Matrix
from features.settings import Settings
from models.encoder import Input
from models.model import Model


def lacking(model: Model, features: Iterable[Feature]) -> tuple[str, ...]:
    """The features a model was trained on that are not among these, or are a word where they were a number."""
    given = {feature.name: feature.category for feature in features}
    return tuple(name for name, category in _trained(model).items() if given.get(name) != category)


def completed(model: Model, matrix: Matrix) -> Matrix:
    """The matrix with every feature a model was trained on: all missing where it lacks one or has another type."""
    n = len(matrix)
    numbers, categories = dict(matrix.numbers), dict(matrix.categories)
    for name, category in _trained(model).items():
        if category:
            numbers.pop(name, None)
            categories.setdefault(name, Words(np.full(n, -1, np.int32), ()))
        else:
            categories.pop(name, None)
            numbers.setdefault(name, np.full(n, np.nan))
    return Matrix(numbers, categories)


def features_now(store: Store, settings: Settings, kind: Kind, starts: Starts | None) -> Catalog:
    """What the history gives now of a kind of record."""
    return catalog_for(load_history(store, settings, kind, [], starts=starts))


def _trained(model: Model) -> dict[str, bool]:
    """The features of a model: name -> whether it is a word."""
    inputs: tuple[Input, ...] = model.encoder.inputs
    return {column.name: column.words is not None for column in inputs}
