"""One sector tree, two levels: the 21 sections of NACE Rev. 2 (letters A to U) and its 88 divisions (01 to 99).

Every classification leads to it: codes through `features.firmographics.codes`, words (what people write, and the
standard lists of the large CRMs) through industries.toml. Sources: Regulation (EC) 1893/2006; INSEE, NAF rév. 2; see
there.
"""

import re
from functools import cache, lru_cache

from features.firmographics.codes import place_of_code, scheme_of, tree
from features.firmographics.reference import groups, plain, table

SECTIONS: dict[str, tuple[str, str]] = {
    "A": ("Agriculture, forestry and fishing", "Agriculture, sylviculture et pêche"),
    "B": ("Mining and quarrying", "Industries extractives"),
    "C": ("Manufacturing", "Industrie manufacturière"),
    "D": ("Electricity and gas", "Électricité et gaz"),
    "E": ("Water and waste", "Eau et déchets"),
    "F": ("Construction", "Construction"),
    "G": ("Trade and vehicle repair", "Commerce et réparation automobile"),
    "H": ("Transport and storage", "Transports et entreposage"),
    "I": ("Accommodation and food", "Hébergement et restauration"),
    "J": ("Information and communication", "Information et communication"),
    "K": ("Finance and insurance", "Finance et assurance"),
    "L": ("Real estate", "Immobilier"),
    "M": ("Professional, scientific and technical", "Activités spécialisées, scientifiques et techniques"),
    "N": ("Administrative and support services", "Services administratifs et de soutien"),
    "O": ("Public administration", "Administration publique"),
    "P": ("Education", "Enseignement"),
    "Q": ("Health and social work", "Santé et action sociale"),
    "R": ("Arts and leisure", "Arts et loisirs"),
    "S": ("Other services", "Autres services"),
    "T": ("Households as employers", "Ménages employeurs"),
    "U": ("International organisations", "Organisations internationales"),
}
"""Section letter -> its short name in English and in French."""

_FLAGS = re.ASCII | re.IGNORECASE
_CODE_FIRST = re.compile(r"(?P<code>[A-V]?\d[\d.]*[A-Z]?)(?:\s+[-–—:|/]?\s*|\s*[-–—:|/]\s*)(?P<name>\D{3,})", _FLAGS)
_SCHEME = r"(?:naf|ape|nace|naics|scian|isic|citi|(?:uk\W*)?sic|wz|ateco|cnae|noga)\b"
_CODE_LAST = re.compile(
    rf"(?P<name>\D{{3,}}?)\s*\((?:code\s+)?(?:{_SCHEME}\W*)?(?P<code>[A-V]?\d[\d.]*[A-Z]|\d+\.[\d.]+)\)", _FLAGS
)
_SCHEME_FIRST = re.compile(
    rf"(?:code\s+)?({_SCHEME}(?:\W*{_SCHEME})?(?:\W*(?:r[eé]v\w*\W*)?(?:2\.[01]|\d\b|(?:19|20)\d\d\b))?)[\s:=-]+"
    r"([A-V]?\d.*)",
    re.IGNORECASE,
)
"""A code after the name of its classification: "APE 6201Z", "code NAF rév. 2 : 62.01Z"."""
_LONGEST = 200
"""No industry is written in more characters."""


def sector(industry: str, scheme: str = "") -> str:
    """The section letter of an industry code or word; "" where it is none, or one of several sections.

    `scheme` names the classification (NAF, NACE, NAICS, SIC, UK SIC ...; any case, with or without a year). Without
    one, a code is answered as far as every classification that has it agrees.

    >>> [sector(code) for code in ("43.22A", "4322A", "43.22", "1.11Z", "F", "Construction", "BTP", "Enseignement")]
    ['F', 'F', 'F', 'A', 'F', 'F', 'F', 'P']
    >>> sector("541511"), sector("23", "NAICS"), sector("44-45", "naics 2022"), sector("7372", "SIC"), sector("62")
    ('J', 'F', 'G', 'J', '')
    >>> sector("APE 6201Z"), sector("Programmation informatique (6201Z)"), sector("NAF rév. 2 : 43.22A")
    ('J', 'J', 'F')
    >>> sector("62012", "UK SIC 2007"), sector("34.00"), sector("453A"), sector("something else"), sector("")
    ('J', '', '', '', '')
    """
    return _place(industry, scheme)[:1]


def division(industry: str, scheme: str = "") -> str:
    """The NACE Rev. 2 division, two digits, read as `sector` reads; "" also where only the section is known.

    >>> division("62.01Z"), division("62.10Y"), division("Software"), division("Industrie agroalimentaire")
    ('62', '62', '62', '10')
    >>> division("Manufacturing"), division("51", "NAICS"), division("46.71"), division("46.71", "NACE 2.1")
    ('', '', '', '45')
    """
    return _place(industry, scheme)[1:]


def sector_name(section: str, language: str = "en") -> str:
    """What a section is called; "" for an unknown letter.

    >>> sector_name("F"), sector_name("Q", "fr"), sector_name("")
    ('Construction', 'Santé et action sociale', '')
    """
    names = SECTIONS.get(section)
    return names[language == "fr"] if names else ""


def division_name(number: str, language: str = "en") -> str:
    """What a division is called; "" for an unknown number.

    >>> division_name("62"), division_name("62", "fr"), division_name("04")
    ('Software and IT services', 'Programmation et conseil informatique', '')
    """
    names = division_names().get(number)
    return names[language == "fr"] if names else ""


@cache
def division_names() -> dict[str, tuple[str, str]]:
    """Division -> its short name in English and in French."""
    return {number: (english, french) for number, _, english, french in table("divisions.csv")}


@lru_cache(maxsize=16_384)
def _place(industry: str, scheme: str) -> str:
    """Section and division in one word: "J62", "J" or ""."""
    if len(industry) > _LONGEST:
        return ""
    text, named = industry.strip(), scheme_of(scheme)
    labelled = _SCHEME_FIRST.fullmatch(text)
    if labelled:
        return _place(labelled[2], scheme or labelled[1])
    found = place_of_code(industry, named) or _words().get(_key(industry), "")
    both = None if found else _CODE_FIRST.fullmatch(text) or _CODE_LAST.fullmatch(text)
    return found if both is None else place_of_code(both["code"], named) or _words().get(_key(both["name"]), "")


@cache
def _words() -> dict[str, str]:
    """Every industry word -> its place; the words of the file go before the names of the tree."""
    named = {_key(name): letter for letter, names in SECTIONS.items() for name in names}
    named |= {_key(name): tree()[number] + number for number, names in division_names().items() for name in names}
    listed = {_key(word): place for place, words in groups("industries.toml").items() for word in words}
    return {key: "" if place == "unplaced" else place for key, place in (named | listed).items()}


def _key(text: str) -> str:
    """A text without its "and": "Oil & Gas" is "OIL_AND_GAS"."""
    return " ".join(word for word in plain(text).split() if word not in ("and", "et"))
