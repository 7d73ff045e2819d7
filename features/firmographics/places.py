"""Departments and regions of French postal codes.

Sources: INSEE, Code officiel géographique 2025 (departments and regions since 2016); La Poste, base officielle des
codes postaux. The first digits of a postal code are its department's except in a few dozen border communes.
"""

import re

_FRANCE = frozenset({"", "fr", "fra", "france", "french republic", "république française"})
_OVERSEAS = {
    "971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion", "976": "Mayotte",
}  # fmt: skip
_COLLECTIVITIES = ("975", "977", "978", "984", "986", "987", "988")  # territories that belong to no region
_REGIONS = {
    "Auvergne-Rhône-Alpes": "01 03 07 15 26 38 42 43 63 69 73 74",
    "Bourgogne-Franche-Comté": "21 25 39 58 70 71 89 90",
    "Bretagne": "22 29 35 56",
    "Centre-Val de Loire": "18 28 36 37 41 45",
    "Corse": "2A 2B",
    "Grand Est": "08 10 51 52 54 55 57 67 68 88",
    "Hauts-de-France": "02 59 60 62 80",
    "Île-de-France": "75 77 78 91 92 93 94 95",
    "Normandie": "14 27 50 61 76",
    "Nouvelle-Aquitaine": "16 17 19 23 24 33 40 47 64 79 86 87",
    "Occitanie": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "Pays de la Loire": "44 49 53 72 85",
    "Provence-Alpes-Côte d'Azur": "04 05 06 13 83 84",
}
_REGION_OF = {code: name for name, codes in _REGIONS.items() for code in codes.split()} | _OVERSEAS


def department(postal_code: str, country: str = "") -> str:
    """The department of a French postal code, or "" where it is none. An unknown country is taken as France.

    Four digits are a code whose leading zero a spreadsheet dropped.

    >>> [department(code) for code in ("75011", "69 003 CEDEX", "1000", "20090", "20200", "97400", "F-38000")]
    ['75', '69', '01', '2A', '2B', '974', '38']
    >>> department("10115", "DE"), department("98000"), department("00100"), department("SW1A 1AA")
    ('', '', '', '')
    """
    match = re.match(r"(?:FR?[- ]?)?(\d[\d ]{2,5}\d)(?!\d)", postal_code.strip().upper(), re.ASCII)
    if match is None or country.strip().casefold() not in _FRANCE:
        return ""
    code = match[1].replace(" ", "")
    if len(code) not in (4, 5):
        return ""
    return _department(code.zfill(5))


def region(postal_code: str, country: str = "") -> str:
    """The region of a French postal code, "" where there is none.

    >>> region("35000"), region("20200"), region("97200"), region("98800"), region("1000", "Belgium")
    ('Bretagne', 'Corse', 'Martinique', '', '')
    """
    return _REGION_OF.get(department(postal_code, country), "")


def _department(code: str) -> str:
    if code.startswith("20"):
        return "2A" if code[2] in "01" else "2B"
    if code.startswith(("97", "98")):
        return code[:3] if code.startswith((*_OVERSEAS, *_COLLECTIVITIES)) else ""
    return code[:2] if code[:2] in _REGION_OF else ""
