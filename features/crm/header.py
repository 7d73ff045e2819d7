"""The header of a file matched with the columns of a table: exactly, else whatever the case, spaces and underscores."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from features.crm.names import COLUMNS, KEY_NAMES
from features.crm.schema import Table


class HeaderError(Exception):
    """A file lacks a required column; the message names the file, the column, those found and the nearest."""


@dataclass(frozen=True, slots=True)
class Header:
    """A name for each column of a file: canonical, or its own (then `custom`); `renamed` maps found -> canonical."""

    names: tuple[str, ...]
    custom: tuple[bool, ...]
    renamed: dict[str, str]


def fold(text: str) -> str:
    """A text without case, accents, spaces and punctuation, to compare words people write differently.

    >>> fold("Lead ID"), fold("Closed - Won"), fold("Gagnée")
    ('leadid', 'closedwon', 'gagnee')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def match_header(table: Table, found: Sequence[str], file: str) -> Header:
    """Match the names found in a file; a name that meets no canonical column is a custom field.

    >>> from features.crm.schema import TABLES
    >>> header = match_header(TABLES["owners"], ["Owner ID", "name", "Shoe size"], "owners.csv")
    >>> header.names, header.custom, header.renamed
    (('owner_id', 'name', 'Shoe size'), (False, False, True), {'Owner ID': 'owner_id'})
    >>> match_header(TABLES["owners"], ["owner", "name"], "owners.csv")
    Traceback (most recent call last):
    features.crm.header.HeaderError: owners.csv lacks the required column owner_id (found: owner, name). Rename owner? \
All columns: docs/canonical.md.
    """
    header = match_names(table, found)
    _require(table, [name.strip() for name in found], header.names, file)
    return header


def match_names(table: Table, found: Sequence[str]) -> Header:
    """`match_header` for names that need not be complete.

    >>> from features.crm.schema import TABLES
    >>> match_names(TABLES["roles"], ["Role", "since"]).names
    ('role', 'since')
    """
    stripped = [name.strip() for name in found]
    free = {fold(column.name): column.name for column in table.columns if column.name not in stripped}
    names: list[str] = []
    custom: list[bool] = []
    renamed: dict[str, str] = {}
    for place, name in enumerate(stripped, 1):
        canonical = name if table.column(name) and name not in names else free.pop(fold(name), None)
        if canonical and canonical != found[place - 1]:
            renamed[found[place - 1]] = canonical
        names.append(canonical or _own_name(name, place, names))
        custom.append(canonical is None)
    return Header(tuple(names), tuple(custom), renamed)


def suggested(table: Table, found: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The canonical columns that French headers of a file may stand for, less those it has.

    >>> from features.crm.schema import TABLES
    >>> suggested(TABLES["leads"], ["Réf.", "Date de création", "E-mail", "Société"], ["email"])
    {'Réf.': 'lead_id', 'Date de création': 'created_at', 'Société': 'company'}
    """
    told: dict[str, str] = {}
    for name in found:
        columns = COLUMNS.get(fold(name), ())
        if fold(name) in KEY_NAMES and len(table.key) == 1:
            columns = table.key
        free = (column for column in columns if table.column(column) and column not in (*names, *told.values()))
        if column := next(free, None):
            told[name] = column
    return told


def _own_name(name: str, place: int, taken: Sequence[str]) -> str:
    name = name or f"column_{place}"
    return name if name not in taken else f"{name}_{place}"


def _require(table: Table, found: Sequence[str], names: Sequence[str], file: str) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in names]
    if not missing:
        return
    shown = ", ".join(found[:40]) + (", ..." if len(found) > 40 else "")
    near = get_close_matches(missing[0], found, 1, 0.4)
    known = suggested(table, found, names)
    if known:
        advice = f"Rename {', '.join(f'{name!r} to {column}' for name, column in known.items())}."
    else:
        advice = f"Rename {near[0]}?" if near else "Add it, or rename the column that holds it."
    columns = "column" if len(missing) == 1 else "columns"
    raise HeaderError(
        f"{file} lacks the required {columns} {', '.join(missing)} (found: {shown}). {advice} "
        "All columns: docs/canonical.md."
    )
