"""Industry codes of six classifications -> one place in our tree: a section letter and a NACE Rev. 2 division ("J62").

A code that names its classification is read in it. One that does not is read in each classification in which it is a
code, and answered only as far as they agree: "62" is software in NACE, health care in NAICS and brokers in SIC, hence
nothing; "6201Z" can only be NAF. A place is "J62", "J" (the section alone), or "" (unknown).

Sources: Regulation (EC) 1893/2006 (NACE Rev. 2: the same classes as NAF rév. 2 of INSEE, UK SIC 2007 and their
sisters); Delegated Regulation (EU) 2023/137 (NACE Rev. 2.1, from 2025: NAF 2025 and its sisters), the classes of both
as kept by python-stdnum; INSEE, NAF 2025 (its last letter is G or later, that of NAF rév. 2 is A to F, or Z); United
Nations, ISIC Rev. 4 (the same divisions as NACE Rev. 2); for NAICS and SIC the tables beside the code.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from stdnum.eu import nace

from features.firmographics.reference import groups, plain, table

_SHAPE = re.compile(r"([A-V])?[.-]?(\d{1,2}(?:\.\d{1,3}){1,2}|\d{1,8})([A-Z])?", re.ASCII)
_MOVED = {"467": "45", "478": "45", "953": "45", "6812": "41", "733": "70", "6031": "63"}
"""Groups and classes of NACE Rev. 2.1 whose Rev. 2 division is not their first two digits."""
_RANGES = {"31-33": "C", "44-45": "G", "48-49": "H"}
_REVISIONS = {"nace20": "2.0", "nace21": "2.1"}
_NACE_NAMES = (
    "naf", "ape", "nace", "wz", "ateco", "cnae", "sbi", "noga", "db0", "db2", "sni", "onace", "emtak", "caen", "pkd",
    "teaor",
)  # fmt: skip


@lru_cache(maxsize=4096)
def scheme_of(name: str) -> str:
    """The classification that a text names: `nace20`, `nace21`, `nace` (either), `isic`, `naics`, `sic`, `uksic`; ""
    where the text is empty, `other` where it names none of these. NAF, WZ, ATECO, NOGA and their like are NACE.

    >>> [scheme_of(name) for name in ("NAF rév. 2", "NAF 2025", "APE", "NACE Rev. 2.1", "UK SIC 2007", "SIC", "SCIAN")]
    ['nace20', 'nace21', 'nace', 'nace21', 'uksic', 'sic', 'naics']
    >>> scheme_of(""), scheme_of("NAF rév. 1"), scheme_of("our own list")
    ('', 'other', 'other')
    """
    text = plain(name).replace(" ", "").replace("revision", "rev")
    if not text:
        return "other" if name.strip() else ""
    if "naics" in text or "scian" in text:
        return "naics"
    if "isic" in text or "citi" in text:
        return "isic"
    if "sic" in text:
        return _sic(text)
    return _revision(text) if any(word in text for word in _NACE_NAMES) else "other"


def _sic(text: str) -> str:
    """The British classification, where its country or its year says so; the American one."""
    if "2003" in text or "1992" in text:
        return "other"
    return "uksic" if "uk" in text or "2007" in text or "gb" in text else "sic"


def _revision(text: str) -> str:
    if re.search(r"2025|2[56]$|r?e?v?21$|rev21", text):
        return "nace21"
    if re.search(r"rev1|199\d|200[0-6]|700$", text):
        return "other"  # withdrawn in 2008
    return "nace20" if re.search(r"rev2|2007|2008|2009|08$|07$|20$|732$", text) else "nace"


def place_of_code(code: str, scheme: str) -> str:
    """Where a code stands; `scheme` is an answer of `scheme_of`.

    >>> [place_of_code(code, "") for code in ("62.01Z", "6201Z", "62.10Y", "6201", "541511", "62", "4671", "46.71Z")]
    ['J62', 'J62', 'J62', 'J62', 'J62', '', 'G', 'G46']
    >>> place_of_code("62", "nace"), place_of_code("62", "naics"), place_of_code("7372", "sic")
    ('J62', 'Q', 'J58')
    """
    code = "".join(code.upper().split())
    if len(code) == 1 and code.isalpha():
        return _of_section(code, scheme)
    match = _SHAPE.fullmatch(re.sub(r"^(\d{4,})\.0$", r"\1", code))
    if match is None:
        return _RANGES.get(code, "") if scheme in ("", "naics") else ""
    section, number, letter = match.groups()
    digits = _padded(number)
    if scheme == "other" or (letter and len(digits) < 4):
        return ""  # a classification we do not know, or NAF rév. 1 (withdrawn in 2008)
    revision = _of_letter(letter) if letter else _of_sections(section, digits[:2]) if section else ""
    if scheme:
        return _declared(digits, scheme, revision)
    if revision or "." in number:
        return _agreed([_nace(digits, _revisions(revision), exact=True)])
    return _agreed(_anywhere(digits))


def _declared(digits: str, scheme: str, revision: str) -> str:
    if scheme == "naics":
        return _longest(digits, "naics.toml", 6)
    if scheme == "sic":
        return _declared(digits, "uksic", "") if len(digits) == 5 else _longest(digits, "sic.toml", 4)
    if scheme == "isic":
        return _in_tree(digits[:2])
    if scheme == "uksic":
        return _nace(digits, ("2.0",), exact=False)
    return _nace(digits, _revisions(revision if scheme == "nace" and revision else scheme), exact=False)


def _anywhere(digits: str) -> Iterator[str]:
    """Where bare digits stand in each classification, "?" where they are no code of it."""
    yield _nace(digits, ("2.0", "2.1"), exact=True)
    yield _longest(digits, "naics.toml", 6) if _is_listed(digits, "naics.toml", 4) else "?"
    yield _longest(digits, "sic.toml", 4) if _is_listed(digits, "sic.toml", 3) and len(digits) <= 4 else "?"


def _agreed(places: Iterable[str]) -> str:
    """What all readings have in common; "?" is no reading, "" one that does not place the code."""
    read = {place for place in places if place != "?"}
    if len(read) == 1:
        return read.pop()
    sections = {place[:1] for place in read}
    return sections.pop() if len(sections) == 1 else ""


def _nace(digits: str, revisions: tuple[str, ...], *, exact: bool) -> str:
    """Where a class, group or division stands in these revisions; national digits past the fourth say no more.

    `exact`: only a code of the classification is one ("?" otherwise); else its division is enough.
    """
    if not 2 <= len(digits) <= 6:
        return "?" if exact else ""
    if not exact:
        return _agreed(_translated(digits, revision) for revision in revisions)
    known = [revision for revision in revisions if _is_known(digits[:4], revision)]
    return _agreed(_translated(digits, revision) for revision in known) if known else "?"


def _translated(digits: str, revision: str) -> str:
    """The Rev. 2 place of a code."""
    if revision == "2.1":
        moved = next((_MOVED[digits[:size]] for size in (4, 3) if digits[:size] in _MOVED), "")
        return _in_tree(moved or digits[:2])
    return _in_tree(digits[:2])


def _revisions(scheme: str) -> tuple[str, ...]:
    if scheme in _REVISIONS:
        return (_REVISIONS[scheme],)
    return () if scheme == "none" else tuple(_REVISIONS.values())


def _of_letter(letter: str) -> str:
    """The revision that NAF's last letter tells."""
    return "nace20" if letter == "Z" or letter <= "F" else "nace21"


def _of_sections(section: str, division: str) -> str:
    """The revision in which this section holds this division: either ("nace"), one, or "none"."""
    own = [name for name, revision in _REVISIONS.items() if _letter(division, revision) == section]
    return "nace" if len(own) == 2 else own[0] if own else "none"


@cache
def _is_known(digits: str, revision: str) -> bool:
    """Whether two to four digits are a division, group or class of a revision."""
    return bool(nace.is_valid(digits, revision=revision))


def _letter(division: str, revision: str) -> str:
    """The section letter that a revision gives a division; "" where it has none such."""
    if not _is_known(division, revision):
        return ""
    return str(nace.info(division, revision=revision).get("section", ""))


def _of_section(letter: str, scheme: str) -> str:
    """A section letter alone: A to J mean the same in both revisions, the others need theirs."""
    if scheme in ("nace20", "isic", "uksic"):
        return letter if letter <= "U" else ""
    if scheme == "nace21":
        return letter if letter <= "J" else "J" if letter == "K" else chr(ord(letter) - 1) if letter <= "V" else ""
    return letter if letter <= "J" and scheme in ("", "nace") else ""


def _padded(number: str) -> str:
    """The digits, with the leading zero that a spreadsheet drops from 1.11."""
    head, _, tail = number.partition(".")
    return (head.zfill(2) if tail else head) + tail.replace(".", "")


def _in_tree(division: str) -> str:
    section = tree().get(division, "")
    return section + division if section else ""


@cache
def tree() -> dict[str, str]:
    """Division -> its section."""
    return {division: section for division, section, *_ in table("divisions.csv")}


@cache
def _prefixes(name: str) -> dict[str, str]:
    rows = groups(name).items()
    return {code: "" if place == "unplaced" else place for place, codes in rows for code in codes.split()}


def _is_listed(digits: str, name: str, size: int) -> bool:
    return digits[:size] in _prefixes(name)


def _longest(digits: str, name: str, longest: int) -> str:
    """The place of the longest listed beginning."""
    if len(digits) > longest:
        return ""
    prefixes = _prefixes(name)
    return next((prefixes[digits[:size]] for size in range(longest, 1, -1) if digits[:size] in prefixes), "")
