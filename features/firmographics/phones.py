"""Telephone numbers: whose country, mobile or fixed, valid or not.

Sources: ITU-T E.164 and the national numbering plans (in France that of Arcep), as kept by the `phonenumbers` package.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType

from features.firmographics.countries import country as country_code

PHONE_KINDS = ("mobile", "fixed")
"""What `phone_kind` answers."""

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.VOIP: "fixed",
}
_FRENCH = {"FR": 33, "GP": 590, "BL": 590, "MF": 590, "GF": 594, "MQ": 596, "RE": 262, "YT": 262}
"""Territories that dial one another without a country code, in one plan, and the code each has abroad."""
_OVERSEAS = re.compile(r"26|59|6[39]|70")
"""How the plan's numbers of the territories overseas begin, mainland ones too."""
_BETWEEN = re.compile(r"[/;,|]|\b(?:ou|or|et|and)\b", re.IGNORECASE)
_SIMPLE = re.compile(r"\d{5,15}", re.ASCII)
_EXTENSION = re.compile(r"\bposte\b", re.IGNORECASE)  # the French word; the package knows the English ones
_MARKS = str.maketrans("", "", " .-/\u00a0\u202f")


@dataclass(frozen=True, slots=True)
class _Phone:
    country: str
    kind: str
    valid: str


_UNKNOWN = _Phone("", "", "")


def phone_country(phone: str, country: str = "") -> str:
    """The country of a number, ISO 3166-1; "" where it is not told.

    `country`, the record's own, reads national numbers; those of the French territories overseas are dialled alike from
    all of France. Of several numbers the first valid one counts. A number with its country code need not be complete.
    Of a shared code, the country whose plan has the number, else the largest (+1 is US, +7 is RU).

    >>> numbers = ("+33 6 12 34 56 78", "0032 2 555 12 12", "+1 (514) 555-0100", "+1 212 555 0100", "+33(0)6 12")
    >>> [phone_country(number) for number in numbers]
    ['FR', 'BE', 'CA', 'US', 'FR']
    >>> phone_country("0262 20 20 20", "FR"), phone_country("06 12 34 56 78", "RE")
    ('RE', 'FR')
    >>> phone_country("01 23 45 67 89"), phone_country("01 23 45 67 89", "France"), phone_country("+999 1")
    ('', 'FR', '')
    """
    return _phone(phone, country).country


def phone_kind(phone: str, country: str = "") -> str:
    """`mobile` or `fixed` (also a fixed line over the Internet, 09 in France); "" where the plan does not tell.

    >>> phone_kind("+33 6 12 34 56 78"), phone_kind("04 72 00 00 00", "FR"), phone_kind("+33 9 70 00 00 00")
    ('mobile', 'fixed', 'fixed')
    >>> phone_kind("+1 212 555 0100"), phone_kind("0800 00 00 00", "FR"), phone_kind("06 12 34 56 78")
    ('', '', '')
    """
    return _phone(phone, country).kind


def phone_valid(phone: str, country: str = "") -> str:
    """`yes` for a number of its country's plan, `no` for another; "" for none, and for a national number of no country.

    >>> phone_valid("+33 6 12 34 56 78"), phone_valid("+33 6 12"), phone_valid("0612345678", "FR")
    ('yes', 'no', 'yes')
    >>> phone_valid("06 12 34 56 78"), phone_valid(""), phone_valid("see above", "FR")
    ('', '', 'no')
    """
    return _phone(phone, country).valid


@lru_cache(maxsize=16_384)
def _phone(phone: str, country: str) -> _Phone:
    if len(phone) > 100:
        return _UNKNOWN
    own = country_code(country)
    whole = _read(phone.strip(), own)
    if whole.valid != "no":
        return whole
    parts = (_read(part.strip(), own) for part in _BETWEEN.split(phone))
    return next((part for part in parts if part.valid == "yes"), whole)


def _read(text: str, own: str) -> _Phone:
    """What one number tells."""
    text = f"+{text[2:]}" if text.startswith("00") else text
    if not text or (not own and not text.startswith("+")):
        return _UNKNOWN
    number = _simple(text, own) or _parsed(text, own)
    if number is None:
        return _Phone("", "", "no")
    if number.country_code == _FRENCH.get(own) and not text.startswith("+"):
        number = _french(number)
    kind = phonenumbers.number_type(number)
    return _Phone(_country(number), _KINDS.get(kind, ""), "no" if kind == PhoneNumberType.UNKNOWN else "yes")


def _simple(text: str, own: str) -> PhoneNumber | None:
    """A number in plain digits: +33612345678, or 0612345678 where a 0 is all that the country puts before. None for any
    other: the parser of the package, which reads them all, takes several times as long.
    """
    digits = text.translate(_MARKS)
    code = _code_of(digits[1:4]) if digits.startswith("+") else _trunk_code(own) if digits.startswith("0") else 0
    national = digits[1 + len(str(code)) :] if digits.startswith("+") else digits[1:]
    if not code or national.startswith("0") or not _SIMPLE.fullmatch(national):
        return None
    return PhoneNumber(country_code=code, national_number=int(national))


def _parsed(text: str, own: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(_EXTENSION.sub(" ext ", text), own or None)
    except phonenumbers.NumberParseException:
        return None


def _french(number: PhoneNumber) -> PhoneNumber:
    """A number dialled inside France, under the code of the territory that has it; as it is where none has."""
    own, national = number.country_code, number.national_number
    overseas = _OVERSEAS.match(str(national)) is not None
    if own == _FRENCH["FR"] and not overseas:
        return number
    codes = (*(sorted(set(_FRENCH.values()) - {33}) if overseas else ()), own, 33)
    known = (PhoneNumber(country_code=code, national_number=national) for code in codes)
    return next((one for one in known if phonenumbers.is_valid_number(one)), number)


def _country(number: PhoneNumber) -> str:
    code = number.country_code or 0
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(code)
    return region if region.isalpha() and region != "ZZ" else ""


@cache
def _code_of(digits: str) -> int:
    """The country code that up to three digits begin with; 0 for none, or one whose countries need the parser."""
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    sizes = (
        int(digits[:size]) for size in range(1, len(digits) + 1) if digits[:size].isascii() and digits[:size].isdigit()
    )
    code = next((number for number in sizes if number in codes), 0)
    return code if code and _trunk_code(codes[code][0]) else 0


@cache
def _trunk_code(own: str) -> int:
    """The country code of a country where 0, and nothing else, comes before a national number; else 0."""
    plan = PhoneMetadata.metadata_for_region(own, None) if own else None
    simple = plan is not None and plan.national_prefix_for_parsing == plan.national_prefix == "0"
    return int(plan.country_code or 0) if plan is not None and simple and own != "IT" else 0
