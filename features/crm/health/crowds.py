"""People whom too many records name: a placeholder where nobody was known."""

from collections.abc import Iterator

import numpy as np

from features.columns import one_vocabulary
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import Snapshot

MANY = 50


def _placeholder(snapshot: Snapshot) -> Iterator[Found]:
    """Leads and deals whose contact more than MANY of them name, both tables together."""
    tables = ("leads", "opportunities")
    named = [snapshot.words(table, "contact_id") for table in tables]
    sizes = grouped(np.concatenate([column.codes for column in one_vocabulary(*named)])).sizes
    for table, contact, size in zip(tables, named, np.split(sizes, [len(named[0])]), strict=True):
        most = int(size.max(initial=0))
        yield snapshot.found(table, size > MANY, contact.codes >= 0, other=contact, many=MANY, most=most)


CHECKS = (
    Check(
        "contact_of_many", "suspect", ("leads", "opportunities"), _placeholder,
        ("name a contact whom more than {many} records name (up to {most}): a placeholder, not a person",
         "nomment un contact que plus de {many} enregistrements nomment (jusqu'à {most}) : un contact factice"),
        ("Leave contact_id empty where nobody is known: a call to that contact tells nothing of any one record.",
         "Laissez contact_id vide faute de contact connu : un appel à celui-là n'apprend rien d'un enregistrement."),
        above="over 50 records of one contact",
    ),
)  # fmt: skip
