"""Values as people read them, in English and French: "41 days", "12 400 €", "25 %", "purchasing", "unknown"."""

from collections.abc import Callable
from typing import Literal

from features.firmographics import country_name, division_name, sector_name

Language = Literal["en", "fr"]

_COUNTED: dict[str, dict[Language, tuple[str, str]]] = {  # one, several
    "hours": {"en": ("hour", "hours"), "fr": ("heure", "heures")},
    "days": {"en": ("day", "days"), "fr": ("jour", "jours")},
}
_NAMED: dict[str, dict[Language, tuple[int, str]]] = {  # the first number, and the names from it on
    "weekday": {
        "en": (0, "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        "fr": (0, "lundi mardi mercredi jeudi vendredi samedi dimanche"),
    },
    "month": {
        "en": (1, "January February March April May June July August September October November December"),
        "fr": (1, "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    },
}
_CODES: dict[str, dict[str, tuple[str, str]]] = {
    "seniority": {
        "owner": ("owner or founder", "propriétaire ou fondateur"), "c_level": ("top management", "dirigeant"),
        "director": ("director", "directeur"), "manager": ("manager", "responsable"),
        "senior": ("senior", "confirmé"), "staff": ("staff", "collaborateur"), "intern": ("intern", "stagiaire"),
    },
    "function": {
        "sales": ("sales", "commercial"), "finance": ("finance", "finance"), "it": ("IT", "informatique"),
        "operations": ("operations", "exploitation"), "hr": ("human resources", "ressources humaines"),
        "marketing": ("marketing", "marketing"), "purchasing": ("purchasing", "achats"),
        "legal": ("legal", "juridique"), "support": ("customer support", "service client"),
        "general_management": ("general management", "direction générale"),
        "engineering": ("engineering", "technique"), "administration": ("administration", "administration"),
        "other": ("other", "autre"),
    },
    "sme_class": {
        "micro": ("micro-enterprise", "microentreprise"), "small": ("small company", "petite entreprise"),
        "medium": ("medium-sized company", "entreprise moyenne"), "large": ("large company", "grande entreprise"),
    },
    "mail_kind": {
        "corporate": ("company domain", "domaine d'entreprise"), "free": ("free service", "service gratuit"),
        "disposable": ("disposable mailbox", "boîte jetable"),
    },
    "phone_kind": {"mobile": ("mobile", "mobile"), "fixed": ("fixed line", "ligne fixe")},
    "company_number_kind": {
        "siret": ("SIRET", "SIRET"), "siren": ("SIREN", "SIREN"), "vat": ("VAT number", "numéro de TVA"),
        "national": ("national company number", "numéro d'entreprise national"),
    },
}  # fmt: skip
_NAMES: dict[str, Callable[[str, str], str]] = {
    "sector": sector_name, "division": division_name, "country": country_name,
}  # fmt: skip
"""Codes whose names another room keeps: "" for a word that is no code."""
_AHEAD: dict[str, dict[Language, tuple[str, str]]] = {  # a date to come, and one that has passed
    "days ahead": {"en": ("in {}", "{} ago"), "fr": ("dans {}", "il y a {}")},
    "days to deadline": {"en": ("in {}", "passed {} ago"), "fr": ("dans {}", "dépassée de {}")},
}
_LESS: dict[Language, dict[str, str]] = {
    "en": {"days": "less than a day", "hours": "less than an hour"},
    "fr": {"days": "moins d'un jour", "hours": "moins d'une heure"},
}
_AGE: dict[Language, tuple[str, str]] = {
    "en": ("just created", "created {} ago"), "fr": ("vient d'être créée", "créée il y a {}"),
}  # fmt: skip
_YES_NO: dict[Language, tuple[str, str]] = {"en": ("no", "yes"), "fr": ("non", "oui")}
_UNKNOWN: dict[Language, str] = {"en": "unknown", "fr": "inconnu"}
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
_THIN, _SPACE = "\u202f", "\u00a0"  # French groups digits with the one and sets units off with the other


def say(sentence: str, value: float | str | None, unit: str, language: Language, currency: str = "EUR") -> str:
    """A catalogue row's sentence with its value: of several parts, that for none, for one, or for more.

    >>> calls = "no call|1 call|{value} calls"
    >>> [say(calls, value, "events", "en") for value in (0.0, 1.0, 2.0)]
    ['no call', '1 call', '2 calls']
    >>> say("not known|known", 1.0, "flag", "en"), say("stage: {value}", "Devis", "", "en")
    ('known', 'stage: Devis')
    """
    parts = sentence.split("|")
    if len(parts) == 1 or not isinstance(value, float | int):
        part = parts[-1]
    else:
        part = parts[0] if value == 0 else parts[1] if value == 1 else parts[-1]
    return part.format(value=spell(value, unit, language, currency))


def spell(value: float | str | None, unit: str, language: Language, currency: str = "EUR") -> str:
    """The value with its unit; None is "unknown", a word that is no code is given as it is.

    Units: days and hours (so much time), days ahead and days to deadline (a date, negative once past), age (days since
    creation), money (whole units of `currency`), weekday (0-6), month (1-12), hour (0-23), share and probability (0-1),
    growth (a share with its sign), flag (0 or 1), change (with its sign); sector, division, country, size_band,
    sme_class, seniority, function, mail_kind, phone_kind and company_number_kind are codes; any other is a bare number
    or word.

    >>> [spell(value, unit, "en") for value, unit in ((41.2, "days"), (0.2, "days"), (12400, "money"))]
    ['41 days', '5 hours', '€12,400']
    >>> [spell(value, unit, "fr") for value, unit in ((-3, "days ahead"), (None, "days"), ("hr", "function"))]
    ['il y a 3 jours', 'inconnu', 'ressources humaines']
    """
    if value is None:
        return _UNKNOWN[language]
    if isinstance(value, str):
        return _coded(value, unit, language)
    if unit in ("days", "hours", "age") or unit in _AHEAD:
        return _timed(value, unit, language)
    if unit in _NAMED:
        first, names = _NAMED[unit][language]
        return names.split()[int(value) - first]
    return _measured(value, unit, language, currency)


def _coded(word: str, unit: str, language: Language) -> str:
    if unit in _NAMES:
        return _NAMES[unit](word, language) or word
    if unit == "size_band":
        return _band(word, language)
    return _CODES.get(unit, {}).get(word, (word, word))[language == "fr"]


def _band(word: str, language: Language) -> str:
    """A head-count band: "20-49", "10000+" or one figure."""
    low, _, high = word.rstrip("+").partition("-")
    low, high = (_number(float(part), language) if part.isdigit() else part for part in (low, high))
    to, more = ("to", "or more") if language == "en" else ("à", "et plus")
    return f"{low} {more}" if word.endswith("+") else f"{low} {to} {high}" if high else low


def _timed(value: float, unit: str, language: Language) -> str:
    if unit == "age":
        new, old = _AGE[language]
        return new if value < 1 else old.format(_lasting(value, "days", language))
    if unit in _AHEAD:
        length = _lasting(abs(value), "days", language) if abs(value) >= 1 else _LESS[language]["days"]
        return _AHEAD[unit][language][value < 0].format(length)
    if unit == "days" and value >= 1:
        return _lasting(value, "days", language)
    return _lasting(value * (24 if unit == "days" else 1), "hours", language)


def _lasting(value: float, unit: str, language: Language) -> str:
    """So much time in whole units: hours up to two days, else days."""
    if unit == "hours" and value >= 48:
        value, unit = value / 24, "days"
    number = round(value)
    if number < 1:
        return _LESS[language][unit]
    return f"{_number(number, language)} {_COUNTED[unit][language][number > 1]}"


def _measured(value: float, unit: str, language: Language, currency: str) -> str:
    if unit == "money":
        return _money(value, language, currency)
    if unit in ("share", "probability"):
        return _percent(value, language)
    if unit == "growth":
        return ("+" if value > 0 else "") + _percent(value, language)
    if unit == "hour":
        return f"{value:.0f}:00" if language == "en" else f"{value:.0f}{_SPACE}h"
    if unit == "change":
        return ("+" if value > 0 else "") + _number(value, language)
    return _YES_NO[language][value > 0] if unit == "flag" else _number(value, language)


def _percent(value: float, language: Language) -> str:
    """Whole percents; never 0 or 100 of what is neither."""
    sign = "%" if language == "en" else f"{_SPACE}%"
    under, over = ("under", "over") if language == "en" else ("moins de", "plus de")
    if 0 < value < 0.01:
        return f"{under} 1{sign}"
    return f"{over} 99{sign}" if 0.99 < value < 1 else f"{100 * value:.0f}{sign}"


def _money(value: float, language: Language, currency: str) -> str:
    number, symbol = _number(round(value), language), _SYMBOLS.get(currency)
    if language == "fr":
        return f"{number}{_SPACE}{symbol or currency}"
    return f"{symbol}{number}" if symbol else f"{number}{_SPACE}{currency}"


def _number(value: float, language: Language) -> str:
    """At most one decimal, and none from 10 up.

    >>> _number(1234567.8, "en"), _number(2.04, "fr"), _number(9.96, "en")
    ('1,234,568', '2', '10')
    """
    digits = f"{value:,.1f}" if abs(round(value, 1)) < 10 else f"{value:,.0f}"
    text = digits.removesuffix(".0")
    text = "0" if text == "-0" else text
    return text if language == "en" else text.replace(",", _THIN).replace(".", ",")
