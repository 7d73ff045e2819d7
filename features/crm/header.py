"""The header of a file matched with the columns of a table: exactly, else whatever the case, spaces and underscores."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from features.crm.names import COLUMNS, FLAG_WORDS, KEY_NAMES
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


def is_flag(values: Iterable[str]) -> bool:
    """Whether values only say yes or no.

    >>> is_flag(["0", "1", "1"]), is_flag(["Oui", "non"]), is_flag(["Nord", "Sud"]), is_flag([])
    (True, True, False, False)
    """
    words = {value.strip().casefold() for value in values}
    return bool(words) and words <= FLAG_WORDS


def match_header(
    table: Table, found: Sequence[str], file: str, sample: Callable[[], Mapping[str, Sequence[str]]] = dict
) -> Header:
    """Match the names found in a file; a name that meets no canonical column is a custom field.

    `sample` gives the first values of each column; it is asked where one may be taken for a time by its name alone.

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
    flags: list[str] = []
    if any(_is_time(table, name) for name in header.near.values()):
        flags = [name for name, values in sample().items() if is_flag(values)]
        header = match_names(table, found, flags)
    _require(table, [name.strip() for name in found], header.names, file, flags)
    return header


def match_names(table: Table, found: Sequence[str], flags: Collection[str] = ()) -> Header:
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
    return Header(tuple(names), tuple(custom), renamed, twice, suggested(table, own_names, names, flags))


def suggested(table: Table, found: Sequence[str], names: Sequence[str], flags: Collection[str] = ()) -> dict[str, str]:
    """The canonical columns that French or misspelt headers of a file may stand for, less those it has (`names`).

    Those that only say yes or no (`flags`) stand for no time.

    >>> from features.crm.schema import TABLES
    >>> suggested(TABLES["leads"], ["Réf.", "Date de création", "E-mail", "Société", "Sorce"], ["email"])
    {'Réf.': 'lead_id', 'Date de création': 'created_at', 'Société': 'company', 'Sorce': 'source'}
    >>> suggested(TABLES["leads"], ["Converted"], []), suggested(TABLES["leads"], ["Converted"], [], ["Converted"])
    ({'Converted': 'converted_at'}, {})
    """
    told: dict[str, str] = {}
    for name in found:
        taken = (*names, *told.values())
        free = [column.name for column in table.columns if column.name not in taken]
        folded = {fold(column): column for column in free if not (name in flags and _is_time(table, column))}
        columns = table.key if fold(name) in KEY_NAMES and len(table.key) == 1 else COLUMNS.get(fold(name), ())
        near = (folded[close] for close in get_close_matches(fold(name), folded, 1, _CLOSE))
        likely = [*(column for column in columns if column in folded.values()), *near]
        if likely:
            told[name] = likely[0]
    return told


def _is_time(table: Table, name: str) -> bool:
    column = table.column(name)
    return column is not None and column.type == "time"


def _own_name(name: str, place: int, taken: Sequence[str]) -> str:
    name = name or f"column_{place}"
    return name if name not in taken else f"{name}_{place}"


def _require(table: Table, found: Sequence[str], names: Sequence[str], file: str, flags: Collection[str]) -> None:
    missing = [column.name for column in table.columns if column.required and column.name not in names]
    if not missing:
        return
    columns = "column" if len(missing) == 1 else "columns"
    raise HeaderError(
        f"{file}, line 1, lacks the required {columns} {', '.join(missing)} (found: {_shown(table, found)}). "
        f"{_advice(table, found, names, missing[0], flags)} All columns: docs/canonical.md."
    )


def _advice(table: Table, found: Sequence[str], names: Sequence[str], missing: str, flags: Collection[str]) -> str:
    """What to do about a missing column, as far as the names found tell."""
    known = suggested(table, found, names, flags)
    if len(found) == 1 and sum(column.name in found[0].casefold() for column in table.columns) > 1:
        return "Export it with its cells parted by commas, semicolons, tabs or bars."
    if known:
        return f"Rename {', '.join(f'{name!r} to {column}' for name, column in known.items())}."
    if not any(table.column(name) for name in names) and (len(found) == 1 or not _is_header(table, found)):
        return "The first line must hold the names of the columns: put them there, and take off any title above them."
    near = get_close_matches(missing, [name for name in found if _is_name(table, name)], 1, 0.6)
    return f"Rename {near[0]}?" if near else "Add it, or rename the column that holds it."


def _shown(table: Table, found: Sequence[str]) -> str:
    """The names found; of what may be a value only the shape, for it may be a person's."""
    header = _is_header(table, found)
    told = [name if _is_name(table, name) or (header and not _is_value(name)) else shape(name) for name in found[:40]]
    return ", ".join(told) + (", ..." if len(found) > 40 else "")


def _is_header(table: Table, found: Sequence[str]) -> bool:
    """Whether a first line is one of names: half of its words at least can be nothing else."""
    return 2 * sum(_is_name(table, name) for name in found) >= len(found)


def _is_name(table: Table, text: str) -> bool:
    """Whether a text is the name of a column: one of ours or like it, or words joined by underscores.

    >>> from features.crm.schema import TABLES
    >>> [_is_name(TABLES["leads"], text) for text in ("E-mail", "Pays", "deal_size", "Jean Dupont", "dupont", "12")]
    [True, True, True, False, False, False]
    """
    joined = "_" in text and text.isidentifier() and text.islower()
    return not _is_value(text) and (joined or bool(table.column(text) or suggested(table, [text], ())))


def _is_value(name: str) -> bool:
    return "@" in name or len(name) > 60 or sum(letter.isdigit() for letter in name) > 2
