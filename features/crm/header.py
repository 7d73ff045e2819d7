"""The header of a file matched with the columns of a table: exactly, else whatever the case, spaces and underscores."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from features.crm.names import COLUMNS, KEY_NAMES
from features.crm.schema import Table
from features.crm.shapes import shape

_CLOSE = 0.8
"""How like a column's name a header must be to be taken for a misspelling of it."""


class HeaderError(Exception):
    """A file lacks a required column; the message names the file, the column, those found and the nearest."""


@dataclass(frozen=True, slots=True)
class Header:
    """A name for each column of a file: canonical, or its own (then `custom`); `renamed` maps found -> canonical.

    `twice` maps the name of a custom column to the column before it that has its name; `near` to the canonical column
    it may be, where the file has none.
    """

    names: tuple[str, ...]
    custom: tuple[bool, ...]
    renamed: dict[str, str]
    twice: dict[str, str]
    near: dict[str, str]


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
    features.crm.header.HeaderError: owners.csv, line 1, lacks the required column owner_id (found: owner, name). \
Rename 'owner' to owner_id. All columns: docs/canonical.md.
    """
    header = match_names(table, found)
    _require(table, [name.strip() for name in found], header.names, file)
    return header


def match_names(table: Table, found: Sequence[str]) -> Header:
    """`match_header` for names that need not be complete.

    >>> from features.crm.schema import TABLES
    >>> match_names(TABLES["roles"], ["Role", "since"]).names
    ('role', 'since')
    >>> header = match_names(TABLES["leads"], ["emial", "source", "Source"])
    >>> header.near, header.twice
    ({'emial': 'email'}, {'Source': 'source'})
    """
    stripped = [name.strip() for name in found]
    free = {fold(column.name): column.name for column in table.columns if column.name not in stripped}
    names: list[str] = []
    custom: list[bool] = []
    renamed: dict[str, str] = {}
    twice: dict[str, str] = {}
    for place, name in enumerate(stripped, 1):
        canonical = name if table.column(name) and name not in names else free.pop(fold(name), None)
        if canonical and canonical != found[place - 1]:
            renamed[found[place - 1]] = canonical
        own = canonical or _own_name(name, place, names)
        if not canonical and name and (first := next((had for had in names if fold(had) == fold(name)), None)):
            twice[own] = first
        names.append(own)
        custom.append(canonical is None)
    own_names = [name for name, is_custom in zip(names, custom, strict=True) if is_custom and name not in twice]
    return Header(tuple(names), tuple(custom), renamed, twice, suggested(table, own_names, names))


def suggested(table: Table, found: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The canonical columns that French or misspelt headers of a file may stand for, less those it has (`names`).

    >>> from features.crm.schema import TABLES
    >>> suggested(TABLES["leads"], ["Réf.", "Date de création", "E-mail", "Société", "Sorce"], ["email"])
    {'Réf.': 'lead_id', 'Date de création': 'created_at', 'Société': 'company', 'Sorce': 'source'}
    """
    told: dict[str, str] = {}
    for name in found:
        folded = {fold(c.name): c.name for c in table.columns if c.name not in (*names, *told.values())}
        columns = table.key if fold(name) in KEY_NAMES and len(table.key) == 1 else COLUMNS.get(fold(name), ())
        near = (folded[close] for close in get_close_matches(fold(name), folded, 1, _CLOSE))
        likely = [*(column for column in columns if column in folded.values()), *near]
        if likely:
            told[name] = likely[0]
    return told


def _own_name(name: str, place: int, taken: Sequence[str]) -> str:
    name = name or f"column_{place}"
    return name if name not in taken else f"{name}_{place}"


def _require(table: Table, found: Sequence[str], names: Sequence[str], file: str) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in names]
    if not missing:
        return
    columns = "column" if len(missing) == 1 else "columns"
    raise HeaderError(
        f"{file}, line 1, lacks the required {columns} {', '.join(missing)} (found: {_shown(found)}). "
        f"{_advice(table, found, names, missing[0])} All columns: docs/canonical.md."
    )


def _advice(table: Table, found: Sequence[str], names: Sequence[str], missing: str) -> str:
    """What to do about a missing column, as far as the names found tell."""
    known = suggested(table, found, names)
    if len(found) == 1 and sum(column.name in found[0].casefold() for column in table.columns) > 1:
        return "Export it with its cells parted by commas, semicolons, tabs or bars."
    if known:
        return f"Rename {', '.join(f'{name!r} to {column}' for name, column in known.items())}."
    if not any(table.column(name) for name in names) and (len(found) == 1 or any(_is_value(name) for name in found)):
        return "The first line must hold the names of the columns: put them there, and take off any title above them."
    near = get_close_matches(missing, found, 1, 0.6)
    return f"Rename {near[0]}?" if near else "Add it, or rename the column that holds it."


def _shown(found: Sequence[str]) -> str:
    """The names found; of what is rather a value only the shape, for it may be a person's."""
    values = any(_is_value(name) for name in found)
    told = [shape(name) if values and (_is_value(name) or " " in name) else name for name in found[:40]]
    return ", ".join(told) + (", ..." if len(found) > 40 else "")


def _is_value(name: str) -> bool:
    return "@" in name or len(name) > 60 or sum(letter.isdigit() for letter in name) > 2
