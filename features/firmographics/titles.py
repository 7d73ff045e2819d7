"""Seniority and function from a job title, in English and in French.

A title is a row of words; the phrases of titles.toml are looked up in it, from the left, the longest first. Seniority:
those who assist are not what they assist ("assistante du directeur" is staff), else the highest level found counts.
Function: the departments by name go before the kinds of work (operations, engineering), these before office work, and
that before general management; among equals the one named first. Sources: see titles.toml.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product

from features.firmographics.reference import groups, plain

SENIORITIES = ("owner", "c_level", "director", "manager", "senior", "staff", "intern")
"""What `seniority` answers, highest first."""

FUNCTIONS = (
    "general_management", "sales", "marketing", "finance", "it", "operations", "engineering", "hr", "legal",
    "purchasing", "support", "administration", "other",
)  # fmt: skip
"""What `function` answers."""

_TIERS = ("strong", "weak", "desk", "top")
"""The parts of the function table, the telling ones first."""
_LONGEST = 5
"""Words of the longest phrase."""
_MOST_WORDS = 40
_SMALL_WORDS = """
    a an and au aux d de des du en et f for h in l la le les of on par pour the un une with
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_ENDINGS = re.compile(
    r"(?<=\w)(?:\((?:e|ne|se|fe|rice|trice|euse|ere|es|s)\)|[·•.](?:e|ne|se|fe|rice|trice|euse|ere)s?\b)"
)
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?", re.IGNORECASE)
_AMPERSAND = re.compile(r"\b([a-z]{1,2}) ?& ?([a-z])\b", re.IGNORECASE)
_EMPLOYER = re.compile(r"\s(?:chez|at)\s|\s*@", re.IGNORECASE)
_SLASHED = re.compile(r"(?<=\w)/(?:e|ne|se|fe|rice|trice|euse|ere)\b", re.IGNORECASE)


def seniority(title: str) -> str:
    """The level of a title, one of `SENIORITIES`; `staff` for a title that tells none, "" for an empty one.

    >>> [seniority(title) for title in ("PDG", "Gérante", "Chief Financial Officer", "Founder & CEO", "Vice President")]
    ['c_level', 'c_level', 'c_level', 'owner', 'director']
    >>> [seniority(title) for title in ("Directeur des achats", "VP Sales", "DSI", "Head of IT", "Chef d'atelier")]
    ['director', 'director', 'director', 'manager', 'manager']
    >>> [seniority(title) for title in ("Assistante du directeur", "Chargé(e) d'affaires", "Senior Consultant", "")]
    ['staff', 'staff', 'senior', '']
    """
    words = _words(title)
    found = set(_found(words, "seniority"))
    if "intern" in found:
        return "intern"
    if "aide" in found:
        return "senior" if "senior" in found else "staff"
    return next((level for level in SENIORITIES if level in found), "staff" if words else "")


def function(title: str) -> str:
    """The department a title works in, one of `FUNCTIONS`; `other` for a title that tells none, "" for an empty one.

    >>> [function(title) for title in ("Directeur commercial", "DAF", "Directeur des systèmes d'information", "DRH")]
    ['sales', 'finance', 'it', 'hr']
    >>> [function(title) for title in ("Acheteuse", "Juriste", "Responsable communication", "Chef de chantier", "CTO")]
    ['purchasing', 'legal', 'marketing', 'operations', 'engineering']
    >>> [function(title) for title in ("Gérant", "Directrice générale", "Assistante de direction", "Jardinier", "")]
    ['general_management', 'general_management', 'administration', 'other', '']
    """
    words = _words(title)
    tiers = [label.partition(".")[::2] for label in _found(words, "function")]
    return min(tiers, key=lambda found: _TIERS.index(found[0]))[1] if tiers else "other" if words else ""


def _found(words: tuple[str, ...], name: str) -> Iterator[str]:
    """The labels of the phrases of a table, from the left; a phrase takes its words."""
    phrases, at = _phrases(name), 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            label = phrases.get(words[at : at + size], "")
            if label:
                yield label
                at += size - 1
                break
        at += 1


@cache
def _phrases(name: str) -> dict[tuple[str, ...], str]:
    """Every phrase of a table of titles.toml, spelled out -> its label ("manager", "strong.sales")."""
    table = groups("titles.toml")[name]
    if name == "function":
        table = {f"{tier}.{label}": rows for tier, labels in table.items() for label, rows in labels.items()}
    return {tuple(text.split()): label for label, rows in table.items() for row in rows for text in _spelled(row)}


def _spelled(row: str) -> Iterator[str]:
    """The alternatives of a phrase: (a|b) is a or b; attached to a word, or in nothing.

    >>> list(_spelled("chef(fe) (projet|produit)"))
    ['chef projet', 'chef produit', 'cheffe projet', 'cheffe produit']
    """
    parts = re.split(r"(\([^)]*\))", row)
    choices = [_choices(part, parts[at - 1] if at else "") for at, part in enumerate(parts)]
    yield from ("".join(chosen) for chosen in product(*choices))


def _choices(part: str, before: str) -> list[str]:
    if not part.startswith("("):
        return [part]
    ends = part[1:-1].split("|")
    return ["", *ends] if before and not before.endswith(" ") else ends


@lru_cache(maxsize=16_384)
def _words(title: str) -> tuple[str, ...]:
    """The words of a title that tell: without inclusive endings ("(e)", ".rice"), small words, the signs in R&D, and
    what follows "chez" or "at".
    """
    own = _EMPLOYER.split(title, maxsplit=1)[0]
    text = own if own.isalpha() else _SLASHED.sub("", _ENDINGS.sub("", own))
    text = _AMPERSAND.sub(r"\1\2", text) if "&" in text else text
    joined = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", text) if "." in text else text
    return tuple(word for word in plain(joined).split() if word not in _SMALL)[:_MOST_WORDS]
