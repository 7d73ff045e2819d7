"""Company numbers: SIREN, SIRET, value-added tax numbers of Europe, and the national numbers that are these.

Sources: the check digits of each country's rule as kept by python-stdnum: INSEE (SIREN, SIRET with the exception of La
Poste), the member states' VAT numbers as the European Commission lists them (VIES), HMRC (United Kingdom), Federal
Statistical Office (Swiss UID), Brønnøysund register (Norway). A number may be well formed and belong to no company.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from stdnum.ch import uid
from stdnum.fr import siren, siret
from stdnum.no import orgnr
from stdnum.util import get_cc_module

from features.firmographics.countries import country as country_code

COMPANY_NUMBER_KINDS = ("siret", "siren", "vat", "national")
"""What `company_number_kind` answers; `national`: a Swiss UID, or a number of another country without its letters."""

_COUNTRIES = """
    AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI
"""
_VAT = frozenset(_COUNTRIES.split())
_ALSO = {"EL": "GR", "XI": "GB", "MC": "FR"}
_NATIONAL = frozenset({"BE", "CH", "DK", "ES", "FI", "IT", "NO", "PT"})
"""Countries whose company number is their VAT number without its letters."""
_LABELS = re.compile(
    r"(?<!\w)(?:N°|(?:SIRET|SIREN|R\.?C\.?S|TVA|VAT|NUM[EÉ]RO|INTRA(?:COM(?:MUNAUTAIRE)?)?)(?!\w))"
    r"(?:\W*DE\b(?=\W+(?:TVA|SIRE[NT])))?(?=\W*\w)\W*"
)
_NUMBER_SIGNS = str.maketrans({"º": "°", "№": "N°"})
_FRENCH = re.compile(r"(\d{14}|\d{9})(?:RCS)?[A-Z]*")
_REGISTER = re.compile(r"R\.?C\.?S")
_TOWN_FIRST = re.compile(r"(?:[A-Z]|[A-Z]{3,})(\d{9}|\d{14})")


def company_number_kind(number: str, country: str = "") -> str:
    """Which valid number this is, one of `COMPANY_NUMBER_KINDS`; "" where it is none.

    `country` reads numbers without their letters, and French ones whose leading zeros a spreadsheet dropped.

    >>> numbers = ("552 008 443", "552 008 443 01135", "FR19 552008443", "BE0403019261", "RCS Paris 552 008 443")
    >>> [company_number_kind(number) for number in numbers]
    ['siren', 'siret', 'vat', 'vat', 'siren']
    >>> company_number_kind("0403019261", "Belgium"), company_number_kind("CHE-100.155.212", "CH")
    ('national', 'national')
    >>> company_number_kind("5520176", "FR"), company_number_kind("552 008 444"), company_number_kind("pending")
    ('siren', '', '')
    """
    return _kind(number, country_code(country))


def company_number_valid(number: str, country: str = "") -> str:
    """`yes` for a valid company number, `no` for one whose check digits are wrong, "" where no rule can tell.

    >>> company_number_valid("552 008 443"), company_number_valid("552 008 444", "FR"), company_number_valid("FR1234")
    ('yes', 'no', 'no')
    >>> company_number_valid("552 008 444"), company_number_valid("HRB 12345", "DE"), company_number_valid("pending")
    ('', '', '')
    """
    own = country_code(country)
    if _kind(number, own):
        return "yes"
    compact = _compact(number)
    letters = compact[:2] if re.fullmatch(r"[A-Z]{2,4}\d[0-9A-Z]*", compact) else ""
    checked = letters in _VAT and (not own or _ALSO.get(letters, letters) == own)
    return "no" if checked or (compact.isdigit() and own in {"FR", *_NATIONAL}) else ""


def siren_of(number: str) -> str:
    """The SIREN inside a valid SIREN, SIRET or French VAT number, else "".

    >>> {siren_of(text) for text in ("552 008 443", "55200844301135", "FR19552008443")}
    {'552008443'}
    >>> siren_of("BE0403019261")
    ''
    """
    kind, compact = _kind(number, ""), _compact(number)
    if kind == "vat":
        inner = compact[4:]
        return inner if compact.startswith("FR") and siren.is_valid(inner) else ""
    found = _FRENCH.fullmatch(compact)
    return found[1][:9] if kind and found else ""


@lru_cache(maxsize=16_384)
def _kind(number: str, own: str) -> str:
    compact = _compact(number)
    if not compact or len(compact) > 40:
        return ""
    if own in ("FR", "MC") and re.fullmatch(r"\d{7,8}|\d{12,13}", compact):
        compact = compact.zfill(9 if len(compact) < 9 else 14)
    french = _FRENCH.fullmatch(compact) if own in ("", "FR", "MC") else None
    if french:
        size, digits = len(french[1]), french[1]
        rule, name = (siret, "siret") if size == 14 else (siren, "siren")
        return name if digits.strip("0") and rule.is_valid(digits) else ""
    if uid.is_valid(compact):
        return "national"
    if compact[:2] in _VAT and _is_vat(compact[:2], compact):
        return "vat"
    if own == "NO":
        return "national" if orgnr.is_valid(compact) else ""
    return "national" if own in _NATIONAL and _is_vat(own, compact) else ""


def _is_vat(letters: str, compact: str) -> bool:
    """Whether the check digits are right; zeros throughout pass those of many countries, and are nobody's."""
    return bool(re.search(r"[1-9]", compact)) and bool(_rule(_ALSO.get(letters, letters)).is_valid(compact))


@cache
def _rule(nation: str) -> Any:
    """The module of python-stdnum for a country's VAT number."""
    return get_cc_module(nation.lower(), "vat")


def _compact(number: str) -> str:
    """Capital letters and digits, without the labels that people write before them."""
    plain = number if number.isascii() else unicodedata.normalize("NFKC", number.translate(_NUMBER_SIGNS))
    text = plain[:200].upper()
    bare = re.sub(r"[^0-9A-Z]", "", _LABELS.sub("", text))
    moved = _TOWN_FIRST.fullmatch(bare) if _REGISTER.search(text) else None
    return moved[1] if moved else bare
