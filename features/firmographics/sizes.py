"""Company size: head counts, the bands of INSEE, the size classes of the European Union.

Sources: INSEE, variable trancheEffectifsUniteLegale of the Sirene register (codes and bands); Commission
Recommendation 2003/361/EC, annex, article 2 (micro, small, medium: by head count, which is what a CRM holds; turnover
and balance sheet count too).
"""

import re
import unicodedata
from bisect import bisect_right
from itertools import pairwise
from math import isfinite, nan, sqrt

from features.firmographics.reference import plain

_LOWEST = (0, 1, 3, 6, 10, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000)

SIZE_BANDS = (
    "0", *(f"{low}-{high - 1}" for low, high in pairwise(_LOWEST[1:])), "10000+",
)  # fmt: skip
"""The bands, smallest first: "0", "1-2", "3-5" ... "5000-9999", "10000+"."""

INSEE_CODES = dict(
    zip(
        ("00", "01", "02", "03", "11", "12", "21", "22", "31", "32", "41", "42", "51", "52", "53"),
        SIZE_BANDS,
        strict=True,
    )
)
"""Code of the Sirene register -> band. "NN" is a company without employees at any time of the year: not one of them."""

SME_CLASSES = ("micro", "small", "medium", "large")
"""The size classes of the European Union, smallest first."""

_FIGURE = re.compile(r"(\d+(?:[ ,.'’\u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)\s*(mille\b|k(?![a-z]))?")
_MORE = re.compile(
    r"[>+≥]|plus de|more than|over|above|et plus|ou plus|or more|and more|au moins|at least|superieur|minimum"
)
_LESS = re.compile(r"[<≤]|moins de|less than|fewer than|under|below|jusqu|up to|inferieur|maximum|au plus|at most")
_NONE = frozenset({"aucun", "aucun salarie", "none", "no employee", "no employees", "sans salarie", "0 salarie", "nn"})
_ALONE = frozenset({"self employed", "freelance", "independant", "auto entrepreneur", "myself only", "auto entreprise"})
_AROUND = """
    a about agent agents and approx approximately around au between ca circa collaborateur collaborateurs count de e
    effectif effectifs emp employe employee employees employes en entre env environ equivalents es et etp from fte head
    headcount heads in members of pers people personne personnes plein s sal salarie salaries staff team temps the to
    workers
"""
_WORDS = frozenset(_AROUND.split())
_YEAR = re.compile(r"\((?:[^()]*\D)?(?:19|20)\d\d\)|\b(?:en|in|fin)\s+(?:19|20)\d\d\b")
"""The year that a figure is of: "12 (2023)", "12 en 2023"."""
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?e\+?\d{1,2}", re.ASCII)
_STRANGE = re.compile(r"[^\s\w.,:;()~'’/+<>≤≥≈–—-]")
_OPEN = 1.5
"""An open end ("250 and more") stands for half as many more: the typical size of a class without an upper bound."""
_MOST = 1e8


def size_band(employees: float) -> str:
    """The band of a head count; "" where it is unknown (NaN) or negative.

    >>> [size_band(heads) for heads in (0, 2, 9.5, 10, 249, 12_000, float("nan"), -3)]
    ['0', '1-2', '6-9', '10-19', '200-249', '10000+', '', '']
    """
    if not isfinite(employees) or employees < 0:
        return ""
    return SIZE_BANDS[bisect_right(_LOWEST, employees) - 1]


def sme_class(employees: float) -> str:
    """The size class of a head count in the European Union, one of `SME_CLASSES`; "" where it is unknown or negative.

    >>> [sme_class(heads) for heads in (0, 9, 10, 49, 50, 249, 250, float("nan"))]
    ['micro', 'micro', 'small', 'small', 'medium', 'medium', 'large', '']
    """
    if not isfinite(employees) or employees < 0:
        return ""
    return SME_CLASSES[bisect_right((10, 50, 250), employees)]


def head_count(text: str, scheme: str = "") -> float:
    """The head count that a text says; NaN where it says none.

    A band counts as the geometric middle of its ends, rounded; an open one as half as many more than its end. `scheme`
    "insee" reads two digits as a code of the Sirene register; without it only codes that no one writes as a number
    ("01", "NN") are codes.

    >>> [head_count(text) for text in ("12", "1 250", "10-49", "50 à 99 salariés", "1,001-5,000 employees", "> 250")]
    [12.0, 1250.0, 22.0, 70.0, 2237.0, 375.0]
    >>> [head_count(text) for text in ("10k+", "moins de 10", "Aucun salarié", "3,5", "200+", "1-10")]
    [15000.0, 3.0, 0.0, 3.5, 300.0, 3.0]
    >>> head_count("Moins de 10 salariés (2023)"), head_count("1,25E+03")  # as spreadsheets write 1250
    (3.0, 1250.0)
    >>> head_count("11", "insee"), head_count("02"), head_count("NN"), head_count("53", "INSEE"), head_count("several")
    (14.0, 4.0, 0.0, 15000.0, nan)
    """
    code = text.strip().upper()
    if code in INSEE_CODES and (plain(scheme).startswith(("insee", "sirene", "tranche")) or code[0] == "0"):
        return _of_band(INSEE_CODES[code])
    words = plain(text)
    if words in _NONE or words in _ALONE:
        return float(words in _ALONE)
    return _read(text.casefold()) if len(text) <= 100 else nan


def _read(text: str) -> float:
    """One figure or two, and around them nothing but words of head counts and a year."""
    if _SCIENTIFIC.fullmatch(text.strip()):
        return _meant([float(text.replace(",", "."))], more=False, less=False)
    text = _YEAR.sub(" ", text)
    figures = [_number(*found.groups()) for found in _FIGURE.finditer(text)]
    left = _FIGURE.sub(" ", text)
    bare = _fold(left)
    more, less = bool(_MORE.search(bare)), bool(_LESS.search(bare))
    rest = _LESS.sub(" ", _MORE.sub(" ", bare))
    if text.lstrip().startswith("-") or _STRANGE.search(left) or not _WORDS.issuperset(plain(rest).split()):
        return nan
    return _meant(figures, more=more, less=less)


def _meant(figures: list[float], *, more: bool, less: bool) -> float:
    """The head count that one or two figures stand for; NaN for any other number of them."""
    if len(figures) == 1 and not (more and less):
        low, high = (1.0, figures[0]) if less else (figures[0], figures[0] * _OPEN**2 if more else figures[0])
    elif len(figures) == 2 and figures[0] <= figures[1]:
        low, high = figures
    else:
        return nan
    if low == high:
        return low if low <= _MOST else nan
    return float(round(sqrt(max(low, 1.0) * high))) if high <= _MOST else nan


def _of_band(band: str) -> float:
    low, _, high = band.rstrip("+").partition("-")
    return _meant([float(low), *([float(high)] if high else [])], more=band.endswith("+"), less=False)


def _number(digits: str, unit: str | None) -> float:
    grouped = re.fullmatch(r"\d+(?:[ ,.'’\u00a0\u202f]\d{3})+", digits)
    plain_digits = re.sub(r"\D", "", digits) if grouped else digits.replace(",", ".")
    return float(plain_digits) * (1_000 if unit else 1)


def _fold(text: str) -> str:
    """Without accents; signs stay."""
    return unicodedata.normalize("NFKD", text.replace("≥", ">").replace("≤", "<")).encode("ascii", "ignore").decode()
