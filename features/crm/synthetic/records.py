"""The leads and opportunities of a world, as columns: what is known of each at creation, what is not, and its path."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from features.columns import Bools, Floats, Ints
from features.crm.synthetic.chain import Paths
from features.crm.synthetic.people import Companies, Owners, Persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Leads or opportunities, by creation; `company` is -1 for private persons, `quality` is latent.

    `effect` is the sum of `visible` (what the tables show) and of the latent quality, affinity, skill and drift.
    """

    kind: str
    created: Ints
    process: Ints
    source: Ints
    owner: Ints
    company: Ints
    person: Ints
    known: Bools
    quality: Floats
    visible: Floats
    effect: Floats
    tilt: Floats
    paths: Paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads(Records):
    """Leads, with what their form said."""

    campaign: Ints
    need: Ints
    declared: Ints
    newsletter: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunities(Records):
    """Opportunities; `lead` is -1 for those made directly; money is in cents, `amount` the true one at creation."""

    lead: Ints
    amount: Ints
    recurring: Ints
    product: Ints
    budget: Bools
    competitors: Ints


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone and everything in a world."""

    owners: Owners
    companies: Companies
    persons: Persons
    leads: Leads
    opportunities: Opportunities


Either = TypeVar("Either", Leads, Opportunities)


def part(records: Either, low: int, high: int) -> Either:
    """The records `low` to `high` (exclusive), numbered from 0."""
    values: dict[str, Any] = {field.name: getattr(records, field.name) for field in fields(records)}
    cut: dict[str, Any] = {name: value[low:high] for name, value in values.items() if isinstance(value, np.ndarray)}
    return replace(records, **cut, paths=records.paths.take(low, high))
