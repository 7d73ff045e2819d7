"""Countries as ISO 3166-1 codes of two letters.

Source: ISO 3166-1 (codes of two and three letters), with XK for Kosovo as the European Commission writes it; names in
English and French as in ordinary use, with the local spellings that forms offer.
"""

from functools import cache

from features.firmographics.reference import plain, table


def country(text: str) -> str:
    """The country of a code or name in English, French or a local spelling; "" where it is none.

    >>> [country(text) for text in ("fr", "FRA", "France", "Allemagne", "Deutschland", "U.K.", "ÉTATS-UNIS", "Suisse")]
    ['FR', 'FR', 'FR', 'DE', 'DE', 'GB', 'US', 'CH']
    >>> country("Freedonia"), country("Congo"), country(""), country("EU")
    ('', '', '', '')
    """
    return _spellings().get(plain(text), "")


def country_name(code: str, language: str = "en") -> str:
    """What a country is called; "" for an unknown code.

    >>> country_name("DE"), country_name("DE", "fr"), country_name("??")
    ('Germany', 'Allemagne', '')
    """
    names = countries().get(code)
    return names[language == "fr"] if names else ""


@cache
def countries() -> dict[str, tuple[str, str]]:
    """Code -> name in English and in French."""
    return {code: (english, french) for code, _, english, french, _ in table("countries.csv")}


@cache
def _spellings() -> dict[str, str]:
    """Every spelling -> the code; a code of two letters goes before any name."""
    rows = table("countries.csv")
    known = {plain(name): row[0] for row in rows for name in (*row[1:4], *row[4].split("|"))}
    return {name: code for name, code in known.items() if name} | {row[0].lower(): row[0] for row in rows}
