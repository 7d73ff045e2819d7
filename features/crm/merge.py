"""What a row seen again alters: the values to write, and the changes the history should remember."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from features.crm.rows import Value
from features.crm.schema import Table
from features.crm.texts import canonical, exponent_of


@dataclass(frozen=True, slots=True)
class Altered:
    """One field of one record that now reads otherwise, both values as canonical text ("" = empty)."""

    field: str
    old: str
    new: str


def merged_custom(held: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """The custom fields after `given` is laid over those `held`; an emptied field goes.

    >>> merged_custom('{"a": "1", "b": "2"}', {"b": "", "c": "3"})
    {'a': '1', 'c': '3'}
    """
    fields: dict[str, str] = json.loads(held) if held else {}
    return {name: value for name, value in (fields | dict(given)).items() if value}


def custom_json(fields: Mapping[str, str]) -> str | None:
    """Custom fields as they are kept: sorted JSON text, None when there are none.

    >>> custom_json({"b": "é", "a": ""}), custom_json({})
    ('{"b": "é"}', None)
    """
    kept = {name: value for name, value in fields.items() if value}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None


def altered_columns(table: Table, before: Mapping[str, Value], after: Mapping[str, Value]) -> list[Altered]:
    """The canonical columns whose value differs.

    >>> from features.crm.schema import TABLES
    >>> before = {"amount": 120000, "currency": "EUR"}
    >>> altered_columns(TABLES["opportunities"], before, before | {"amount": 99050})
    [Altered(field='amount', old='1200', new='990.5')]
    """
    old, new = (exponent_of(str(row.get("currency") or "")) for row in (before, after))
    return [
        Altered(
            column.name,
            canonical(before[column.name], column.type, old),
            canonical(after[column.name], column.type, new),
        )
        for column in table.columns
        if column.name in before and before[column.name] != after[column.name]
    ]


def altered_custom(held: str | None, given: Mapping[str, str]) -> list[Altered]:
    """The custom fields whose text differs.

    >>> altered_custom('{"a": "1"}', {"a": "2", "b": ""})
    [Altered(field='a', old='1', new='2')]
    """
    before: dict[str, str] = json.loads(held) if held else {}
    return [
        Altered(name, before.get(name, ""), value)
        for name, value in sorted(given.items())
        if value != before.get(name, "")
    ]
