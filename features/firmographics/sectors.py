"""One sector tree for the industry codes in use: the sections A to U of NACE Rev. 2.

Sources: Regulation (EC) 1893/2006 (NACE Rev. 2, the same divisions as NAF rév. 2 of INSEE and UK SIC 2007) and
Delegated Regulation (EU) 2023/137 (NACE Rev. 2.1, NAF 2025: the same divisions, 45 merged into 46-47, other section
letters); U.S. Census Bureau, NAICS 2022 with its concordance to ISIC Rev. 4; OSHA, SIC manual 1987 (major groups).
"""

import re
import unicodedata

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

_NACE = (
    (1, 3, "A"), (5, 9, "B"), (10, 33, "C"), (35, 35, "D"), (36, 39, "E"), (41, 43, "F"), (45, 47, "G"),
    (49, 53, "H"), (55, 56, "I"), (58, 63, "J"), (64, 66, "K"), (68, 68, "L"), (69, 75, "M"), (77, 82, "N"),
    (84, 84, "O"), (85, 85, "P"), (86, 88, "Q"), (90, 93, "R"), (94, 96, "S"), (97, 98, "T"), (99, 99, "U"),
)  # fmt: skip
_SIC = (
    (1, 9, "A"), (10, 14, "B"), (15, 17, "F"), (20, 39, "C"), (40, 47, "H"), (48, 48, "J"), (49, 49, "D"),
    (50, 57, "G"), (58, 58, "I"), (59, 59, "G"), (60, 64, "K"), (65, 65, "L"), (67, 67, "K"), (70, 70, "I"),
    (72, 72, "S"), (73, 73, "N"), (75, 75, "G"), (76, 76, "S"), (78, 78, "J"), (79, 79, "R"), (80, 80, "Q"),
    (81, 81, "M"), (82, 82, "P"), (83, 83, "Q"), (84, 84, "R"), (86, 86, "S"), (87, 87, "M"), (88, 88, "T"),
    (89, 89, "M"), (91, 97, "O"),
)  # fmt: skip
_SIC_GROUPS = {"494": "E", "495": "E", "496": "D", "497": "E", "731": "M", "733": "M", "737": "J"}
_NAICS = {
    "11": "A", "21": "B", "22": "D", "23": "F", "31": "C", "32": "C", "33": "C", "42": "G", "44": "G",
    "45": "G", "48": "H", "49": "H", "51": "J", "52": "K", "53": "L", "54": "M", "55": "M", "56": "N",
    "61": "P", "62": "Q", "71": "R", "72": "I", "81": "S", "92": "O", "2213": "E", "532": "N", "5415": "J",
    "562": "E", "811": "S", "8111": "G", "814": "T",
}  # fmt: skip
_NACE_SCHEMES = ("naf", "nace", "ape", "isic", "wz", "ateco", "cnae", "sbi")


def sector(industry: str, scheme: str = "") -> str:
    """The section letter of an industry code, or "" where it is none.

    `scheme` names the classification (NAF, NACE, NAICS, SIC ...; any case, with or without a year). Without one, six
    digits are NAICS and everything else that looks like a code is NAF / NACE. A section's own letter or name is itself.

    >>> [sector(code) for code in ("43.22A", "4322A", "43.22", "62", "1.11Z", "F", "Construction", "Enseignement")]
    ['F', 'F', 'F', 'J', 'A', 'F', 'F', 'P']
    >>> sector("541511"), sector("23", "NAICS"), sector("44-45", "naics 2022"), sector("7372", "SIC")
    ('J', 'F', 'G', 'J')
    >>> sector("62012", "UK SIC 2007"), sector("34.00"), sector("453A"), sector("plumber"), sector("")
    ('J', '', '', '', '')
    """
    code, kind = industry.strip().upper(), re.sub(r"[^a-z]", "", scheme.lower())
    if code in SECTIONS:
        return code
    digits = re.fullmatch(r"(\d[\d. \-]*)[A-Z]?", code, re.ASCII)
    if digits is None:
        return _NAMES.get(_plain(code), "")
    number = re.sub(r"[. ]", "", digits[1])
    british = kind == "uksic" or (kind == "sic" and ("2007" in scheme or len(number) == 5))
    if "naics" in kind or (not kind and re.fullmatch(r"\d{6}", number)):
        return _from_naics(number)
    if kind == "sic" and not british:
        return _from_sic(number)
    if (kind and not british and not kind.startswith(_NACE_SCHEMES)) or re.fullmatch(r"\d{3}[A-Z]", code, re.ASCII):
        return ""  # another classification, or NAF rév. 1 (withdrawn in 2008)
    return _in_ranges(_division(code), _NACE)


def sector_name(section: str, language: str = "en") -> str:
    """What a section is called; "" for an unknown letter.

    >>> sector_name("F"), sector_name("Q", "fr"), sector_name("")
    ('Construction', 'Santé et action sociale', '')
    """
    names = SECTIONS.get(section)
    return names[language == "fr"] if names else ""


def _division(code: str) -> str:
    """The first two digits; a spreadsheet that dropped the leading zero left one digit before the point."""
    return code[:1] if re.match(r"\d\.", code) else code[:2]


def _from_naics(code: str) -> str:
    first = code.split("-", maxsplit=1)[0]
    return next((_NAICS[first[:size]] for size in (4, 3, 2) if first[:size] in _NAICS), "")


def _from_sic(code: str) -> str:
    return _SIC_GROUPS.get(code[:3]) or _in_ranges(code[:2], _SIC)


def _in_ranges(digits: str, ranges: tuple[tuple[int, int, str], ...]) -> str:
    division = int(digits) if digits.isdigit() else 0
    return next((letter for low, high, letter in ranges if low <= division <= high), "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()


_NAMES = {_plain(name): letter for letter, names in SECTIONS.items() for name in names}
