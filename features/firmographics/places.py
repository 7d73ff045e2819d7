"""Departments of French postal codes, and first-level regions of postal codes.

Sources: INSEE, Code officiel géographique 2025 (departments, regions since 2016); La Poste, base officielle des codes
postaux: the first digits of a postal code are its department's except in a few dozen border communes; for other
countries see regions.toml. Germany and Switzerland have the zone of their post (Deutsche Post, Schweizerische Post):
their codes cross the borders of Länder and cantons.
"""

import re
from functools import cache

from features.firmographics.countries import country as country_code
from features.firmographics.reference import groups

_OVERSEAS = ("971", "972", "973", "974", "976")
_COLLECTIVITIES = ("975", "977", "978", "984", "986", "987", "988")  # territories that belong to no region
_PARTS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF", "984": "TF",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
"""ISO gives the French territories overseas codes of their own."""
_LEFT = {"97133": "977", "97150": "978"}
"""Saint-Barthélemy and Saint-Martin left Guadeloupe in 2007 and kept their postal codes."""
_PREFIX = re.compile(r"(FR?|D|DE|B|BE|CH|E|ES|I|IT|A|AT|L|LU|NL|P|PT)[- ]?(?=\d)")
_CARS = {"F": "FR", "D": "DE", "B": "BE", "E": "ES", "I": "IT", "A": "AT", "L": "LU", "P": "PT"}
_DIGITS = {"FR": 5, "DE": 5, "BE": 4, "CH": 4, "ES": 5, "IT": 5}


def department(postal_code: str, country: str = "") -> str:
    """The department of a French postal code, or "" where it is none.

    Without a country five digits are taken as French, fewer or more as nothing; with "F-" before the code or with
    France as country, four are a code whose leading zero a spreadsheet dropped.

    >>> [department(code) for code in ("75011", "69 003 CEDEX", "20090", "20200", "97400", "F-1000")]
    ['75', '69', '2A', '2B', '974', '01']
    >>> department("1000", "France"), department("1000"), department("10115", "DE"), department("97400", "La Réunion")
    ('01', '', '', '974')
    >>> department("97150", "Saint-Martin"), department("97150", "Guadeloupe"), region("97150", "FR")
    ('978', '', '')
    >>> department("00100"), department("SW1A 1AA"), department("75011", "Freedonia")
    ('', '', '')
    """
    found = _read(postal_code, country)
    if found is None or found[0] not in ("", "FR", *_PARTS.values()):
        return ""
    nation, code = found
    if not nation and len(code) != 5:
        return ""
    number = _department(code.zfill(5)) if code.isdigit() and len(code) in (4, 5) else ""
    return number if nation in ("", "FR", _PARTS.get(number)) else ""


def region(postal_code: str, country: str = "") -> str:
    """The region of a French, Belgian, Spanish, Italian or Canadian postal code, the postal zone of a German or Swiss
    one ("DE 1xxxx"); "" where there is none. Without a country five digits are taken as French.

    >>> region("35000"), region("20200"), region("97200", "MQ"), region("98800", "FR"), region("1000", "Belgium")
    ('Bretagne', 'Corse', 'Martinique', '', 'Bruxelles')
    >>> region("10115", "Germany"), region("28013", "ES"), region("H2X 1Y4", "Canada"), region("90210", "US")
    ('DE 1xxxx', 'Madrid', 'Québec', '')
    """
    number = department(postal_code, country)
    if number:
        return _regions("FR").get(number, "")
    found = _read(postal_code, country)
    return _abroad(*found) if found else ""


def departments() -> frozenset[str]:
    """Every department and overseas territory: the words that `department` may answer."""
    return frozenset(code for code in _regions("FR")) | frozenset(_COLLECTIVITIES)


def regions() -> frozenset[str]:
    """Every word that `region` may answer."""
    zones = {f"{nation} {digit}{'x' * (_DIGITS[nation] - 1)}" for nation in ("DE", "CH") for digit in range(10)}
    return frozenset(name for nation in groups("regions.toml") for name in _regions(nation).values()) | zones


def _abroad(nation: str, code: str) -> str:
    if nation == "CA":
        return _regions("CA").get(code[:1], "") if re.fullmatch(r"[A-Z]\d[A-Z]\d[A-Z]\d", code, re.ASCII) else ""
    if not code.isdigit() or nation not in _DIGITS or nation == "FR":
        return ""
    size = _DIGITS[nation]
    padded = code.zfill(size) if size == 5 and len(code) == 4 else code
    if len(padded) != size:
        return ""
    return f"{nation} {padded[0]}{'x' * (size - 1)}" if nation in ("DE", "CH") else _regions(nation).get(padded[:2], "")


def _read(postal_code: str, country: str) -> tuple[str, str] | None:
    """The country, "" where none is given, and the code without spaces; None where the country is not understood."""
    nation = country_code(country)
    if country.strip() and not nation:
        return None
    code = postal_code.strip().upper()
    prefix = _PREFIX.match(code) if nation != "CA" else None
    if prefix:
        said = _CARS.get(prefix[1], prefix[1])
        nation = nation or said
        code = code[prefix.end() :]
    digits = re.match(r"\d[\d ]{1,5}\d(?![\dA-Z])", code, re.ASCII)
    return nation, (digits[0] if digits else code).replace(" ", "")


def _department(code: str) -> str:
    if code.startswith("20"):
        return "2A" if code[2] in "01" else "2B"
    if code.startswith(("97", "98")):
        if code in _LEFT:
            return _LEFT[code]
        return code[:3] if code.startswith((*_OVERSEAS, *_COLLECTIVITIES)) else ""
    return code[:2] if code[:2] in _regions("FR") else ""


@cache
def _regions(nation: str) -> dict[str, str]:
    """Leading digits -> region, of one country."""
    rows = groups("regions.toml")[nation].items()
    return {code: name for name, codes in rows for item in codes.split() for code in _spread(item)}


def _spread(item: str) -> list[str]:
    """A range of two digits, or one code."""
    low, dash, high = item.partition("-")
    return [f"{number:02d}" for number in range(int(low), int(high) + 1)] if dash else [item]
