"""Small pieces of SQL that every statement uses."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from features.columns import MICROSECONDS_A_DAY
from features.feature import Feature
from features.filters import Where

Tables: TypeAlias = Mapping[str, Collection[str]]
"""The columns of each table there is."""

_KEYS = {"owner": "owner_id", "load": "owner_id", "account": "account_id", "open": "account_id", "person": "contact_id"}


def key_of(by: str) -> str:
    """The field whose words a stream across records is looked up by.

    >>> key_of("owner"), key_of("source"), key_of("word:Segment")
    ('owner_id', 'source', 'Segment')
    """
    name = _KEYS.get(by, by.removeprefix("word:"))
    assert "." not in name, f"no SQL for a stream by a field of another record: {name}"
    return name


def kind_of(source: str) -> tuple[str, str]:
    """The kind of records a stream across records speaks of ("": the rows' own), and by what.

    >>> kind_of("opportunities.account"), kind_of("owner")
    (('opportunities', 'account'), ('', 'owner'))
    """
    kind, _, by = source.partition(".")
    return (kind, by) if kind in ("leads", "opportunities") else ("", source)


def quoted(name: str) -> str:
    """A name as SQL takes any.

    >>> quoted('the "best" one')
    '"the ""best"" one"'
    """
    return '"' + name.replace('"', '""') + '"'


def condition(where: Where) -> str:
    """A filter; true for none.

    >>> condition((("kind", ("call", "visit")),))
    '"kind" IN (\\'call\\', \\'visit\\')'
    """
    said = (f"{quoted(name)} IN ({', '.join(repr(word) for word in words)})" for name, words in where)
    return " AND ".join(said) or "true"


def passing(where: Where) -> str:
    """An aggregate's filter; none for none, which DuckDB runs four times faster than one that is always true."""
    return f" FILTER ({condition(where)})" if where else ""


def days(span: str) -> str:
    """Microseconds as days."""
    return f"({span}) / {float(MICROSECONDS_A_DAY)}"


def divided(part: str, whole: str) -> str:
    """A division; null by 0."""
    return f"CAST({part} AS DOUBLE) / nullif({whole}, 0)"


def scaled(total: str, row: Feature, minor: int) -> str:
    """A sum in the row's unit."""
    return f"{total} / {float(minor if row.unit == 'money' else row.scale)}"
