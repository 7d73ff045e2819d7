"""Company numbers (SIREN, SIRET, VAT) and the country of a phone number.

Sources: python-stdnum (check digits of each country's rule); ITU-T E.164 list of country codes.
"""

import re

from stdnum.eu import vat
from stdnum.fr import siren, siret

_CODES = {
    "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU", "39": "IT",
    "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL", "49": "DE",
    "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO", "60": "MY", "61": "AU", "62": "ID", "63": "PH",
    "64": "NZ", "65": "SG", "66": "TH", "7": "RU", "81": "JP", "82": "KR", "84": "VN", "86": "CN", "90": "TR",
    "91": "IN", "92": "PK", "98": "IR", "1": "US", "212": "MA", "213": "DZ", "216": "TN", "221": "SN",
    "225": "CI", "228": "TG", "229": "BJ", "237": "CM", "241": "GA", "230": "MU", "261": "MG", "262": "RE",
    "351": "PT", "352": "LU", "353": "IE", "354": "IS", "356": "MT", "357": "CY", "358": "FI", "359": "BG",
    "370": "LT", "371": "LV", "372": "EE", "377": "MC", "380": "UA", "381": "RS", "385": "HR", "386": "SI",
    "420": "CZ", "421": "SK", "590": "GP", "594": "GF", "596": "MQ", "687": "NC", "689": "PF", "852": "HK",
    "886": "TW", "961": "LB", "966": "SA", "971": "AE", "972": "IL", "974": "QA",
}  # fmt: skip
_CANADIAN_AREAS = """
    204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 514
    519 548 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905
    942
"""
_CANADA = frozenset(_CANADIAN_AREAS.split())


def company_number_kind(number: str) -> str:
    """Which valid number this is: `siret`, `siren`, `vat` (of an EU country) or "".

    >>> numbers = ("552 008 443", "552 008 443 01135", "FR19 552008443", "BE0403019261")
    >>> [company_number_kind(number) for number in numbers]
    ['siren', 'siret', 'vat', 'vat']
    >>> company_number_kind("552 008 444"), company_number_kind("pending")
    ('', '')
    """
    kinds = (("siret", siret), ("siren", siren), ("vat", vat))
    return next((kind for kind, rule in kinds if rule.is_valid(number)), "")


def siren_of(number: str) -> str:
    """The SIREN inside a valid SIREN, SIRET or French VAT number, else "".

    >>> {siren_of(text) for text in ("552 008 443", "55200844301135", "FR19552008443")}
    {'552008443'}
    >>> siren_of("BE0403019261")
    ''
    """
    kind, compact = company_number_kind(number), re.sub(r"[^0-9A-Z]", "", number.upper())
    if kind == "vat":
        inner = compact[4:]
        return inner if compact.startswith("FR") and siren.is_valid(inner) else ""
    return compact[:9] if kind else ""


def phone_country(phone: str) -> str:
    """The ISO country of a number written with + or 00 and its country code; "" for a national number.

    Shared codes give the larger country (+1 outside Canada is US, +7 is RU).

    >>> numbers = ("+33 6 12 34 56 78", "0032 2 555 12 12", "+1 (514) 555-0100", "+1 212 555 0100")
    >>> [phone_country(number) for number in numbers]
    ['FR', 'BE', 'CA', 'US']
    >>> phone_country("01 23 45 67 89"), phone_country("+999 1")
    ('', '')
    """
    digits = re.sub(r"[^\d+]", "", phone)
    if not digits.startswith(("+", "00")):
        return ""
    number = digits.lstrip("+0")
    if number.startswith("1"):
        return "CA" if number[1:4] in _CANADA else "US"
    return next((_CODES[number[:size]] for size in (3, 2, 1) if number[:size] in _CODES), "")
