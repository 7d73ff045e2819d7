"""Whatever the texts, every function answers, and in its own words."""

from collections.abc import Callable
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import firmographics as firm
from models.wording import _CODES, Language, spell

YES_NO = frozenset(("yes", "no"))
ONE: dict[str, tuple[Callable[[str], str], frozenset[str]]] = {
    "country": (firm.country, frozenset(firm.countries())),
    "seniority": (firm.seniority, frozenset(firm.SENIORITIES)),
    "function": (firm.function, frozenset(firm.FUNCTIONS)),
    "mail_kind": (firm.mail_kind, frozenset(firm.MAIL_KINDS)),
    "role": (firm.is_role_address, YES_NO),
}
TWO: dict[str, tuple[Callable[[str, str], str], frozenset[str]]] = {
    "sector": (firm.sector, frozenset(firm.SECTIONS)),
    "division": (firm.division, frozenset(firm.division_names())),
    "region": (firm.region, firm.regions()),
    "department": (firm.department, firm.departments()),
    "domain_matches": (firm.domain_matches, YES_NO),
    "phone_country": (firm.phone_country, frozenset(firm.countries()) | {"AC", "TA"}),
    "phone_kind": (firm.phone_kind, frozenset(firm.PHONE_KINDS)),
    "phone_valid": (firm.phone_valid, YES_NO),
    "company_number_kind": (firm.company_number_kind, frozenset(firm.COMPANY_NUMBER_KINDS)),
    "company_number_valid": (firm.company_number_valid, YES_NO),
}
CODED = {
    "sector": firm.SECTIONS,
    "division": firm.division_names(),
    "country": firm.countries(),
    "seniority": firm.SENIORITIES,
    "function": firm.FUNCTIONS,
    "mail_kind": firm.MAIL_KINDS,
    "phone_kind": firm.PHONE_KINDS,
    "company_number_kind": firm.COMPANY_NUMBER_KINDS,
    "sme_class": firm.SME_CLASSES,
}
LANGUAGES: tuple[Language, ...] = ("en", "fr")
PIECES = """
    FR DE BE CH + 00 33 06 75011 62.01Z 6201Z 541511 7372 NAF NACE NAICS SIC 2.1 2025 A J K - / . , : @ acme.fr www.
    http:// gmail.com contact directeur générale adjoint chef de (e) ·rice CEO P.D.G. & Software BTP 10-49 > k salariés
    ² ٣ é İ ß 你好 552008443 FR19552008443
"""
LIKELY = st.sampled_from([*PIECES.split(), " ", "\x00", "\u200b", "\ud800"])
TEXTS = st.text() | st.lists(LIKELY, max_size=6).map("".join) | st.lists(LIKELY, max_size=6).map(" ".join)


@pytest.mark.parametrize("name", ONE)
@given(text=TEXTS)
def test_one_text(name: str, text: str) -> None:
    ask, words = ONE[name]
    assert ask(text) in words | {""}
    assert ask(" ") == ""


@pytest.mark.parametrize("name", TWO)
@given(text=TEXTS, other=TEXTS)
def test_two_texts(name: str, text: str, other: str) -> None:
    ask, words = TWO[name]
    assert ask(text, other) in words | {""}
    assert ask("", other) == ""


@given(text=TEXTS, other=TEXTS)
def test_head_counts_are_heads(text: str, other: str) -> None:
    heads = firm.head_count(text, other)
    assert isnan(heads) or 0 <= heads <= 1e8
    assert bool(firm.size_band(heads)) == (not isnan(heads))


@given(text=TEXTS)
def test_numbers_and_domains_of_any_text(text: str) -> None:
    assert firm.siren_of(text) == "" or len(firm.siren_of(text)) == 9
    assert firm.is_free_mail(text) in (True, False)
    assert firm.is_disposable(text) in (True, False)


@pytest.mark.parametrize("unit", CODED)
def test_every_word_is_spelled_in_both_languages(unit: str) -> None:
    english, french = ([spell(word, unit, language) for word in CODED[unit]] for language in LANGUAGES)
    assert len(set(english)) == len(set(french)) == len(CODED[unit])
    assert unit not in _CODES or set(_CODES[unit]) == set(CODED[unit])
    assert unit in _CODES or not set(english + french) & set(CODED[unit])
