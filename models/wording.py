"""Values as people read them, in English and French: "41 days", "12 400 €", "25 %", "yes", "unknown"."""

from typing import Literal

Language = Literal["en", "fr"]

_COUNTED: dict[str, dict[Language, tuple[str, str]]] = {
    "minutes": {"en": ("minute", "minutes"), "fr": ("minute", "minutes")},
    "hours": {"en": ("hour", "hours"), "fr": ("heure", "heures")},
    "days": {"en": ("day", "days"), "fr": ("jour", "jours")},
    "months": {"en": ("month", "months"), "fr": ("mois", "mois")},
    "years": {"en": ("year", "years"), "fr": ("an", "ans")},
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
_YES_NO: dict[Language, tuple[str, str]] = {"en": ("no", "yes"), "fr": ("non", "oui")}
_UNKNOWN: dict[Language, str] = {"en": "unknown", "fr": "inconnu"}
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
_THIN, _SPACE = "\u202f", "\u00a0"  # French groups digits with the one and sets units off with the other


def spell(value: float | str | None, unit: str, language: Language, currency: str = "EUR") -> str:
    """The value with its unit; None is "unknown", a word is given as it is.

    Units: minutes, hours, days, months, years, money (whole units of `currency`), weekday (0-6), month (1-12), share
    and probability (0-1), flag (0 or 1); any other is a bare number.

    >>> [spell(value, unit, "en") for value, unit in [(41.2, "days"), (1, "days"), (12400, "money"), (0.256, "share")]]
    ['41 days', '1 day', '€12,400', '26%']
    >>> [spell(value, unit, "fr") for value, unit in [(1.5, "days"), (1, "flag"), (None, "days"), ("web", "")]]
    ['1,5 jour', 'oui', 'inconnu', 'web']
    """
    if value is None:
        return _UNKNOWN[language]
    if isinstance(value, str):
        return value
    if unit in _COUNTED:
        return _counted(value, unit, language)
    if unit in _NAMED:
        first, names = _NAMED[unit][language]
        return names.split()[int(value) - first]
    return _measured(value, unit, language, currency)


def _measured(value: float, unit: str, language: Language, currency: str) -> str:
    if unit == "money":
        return _money(value, language, currency)
    if unit in ("share", "probability"):
        return _number(100 * value, language) + ("%" if language == "en" else f"{_SPACE}%")
    return _YES_NO[language][value > 0] if unit == "flag" else _number(value, language)


def _counted(value: float, unit: str, language: Language) -> str:
    number = _number(value, language)
    shown = abs(float(number.replace(_THIN, "").replace(",", "." if language == "fr" else "")))
    one = shown == 1 if language == "en" else shown < 2
    return f"{number} {_COUNTED[unit][language][0 if one else 1]}"


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
