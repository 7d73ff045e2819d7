"""Titles, on a list labelled by hand from the words alone; sizes."""

import csv
from math import isnan
from pathlib import Path

import pytest

from features.firmographics import (
    FUNCTIONS,
    SENIORITIES,
    SIZE_BANDS,
    SME_CLASSES,
    function,
    head_count,
    seniority,
    size_band,
    sme_class,
)
from features.firmographics.reference import groups
from features.firmographics.sizes import INSEE_CODES
from features.firmographics.titles import _LONGEST, _spelled, _words

LABELLED = list(csv.DictReader(Path(__file__).with_name("titles.csv").read_text("utf-8").splitlines()))


def test_nineteen_titles_in_twenty_are_read_as_a_person_reads_them() -> None:
    assert len(LABELLED) >= 300
    assert {row["seniority"] for row in LABELLED} == set(SENIORITIES)
    assert {row["function"] for row in LABELLED} == set(FUNCTIONS)
    levels = [row["title"] for row in LABELLED if seniority(row["title"]) != row["seniority"]]
    functions = [row["title"] for row in LABELLED if function(row["title"]) != row["function"]]
    assert len(levels) <= len(LABELLED) // 20, levels
    assert len(functions) <= len(LABELLED) // 20, functions


def test_a_phrase_says_one_thing_and_can_be_found() -> None:
    table = groups("titles.toml")
    functions = {
        f"{tier} {label}": rows for tier, labels in table["function"].items() for label, rows in labels.items()
    }
    for labels in (table["seniority"], functions):
        spelled = {(text, label) for label, rows in labels.items() for row in rows for text in _spelled(row)}
        assert len({text for text, _ in spelled}) == len(spelled)
        assert all(_words(text) == tuple(text.split()) and len(_words(text)) <= _LONGEST for text, _ in spelled)


@pytest.mark.parametrize(
    ("title", "work"),
    [
        ("CEO @ Sales Corp", "general_management"),
        ("Directrice chez Data Conseil", "general_management"),
        ("Gérant, acme.com", "general_management"),
        ("Directeur administratif et financier", "finance"),
        ("Développeur commercial", "sales"),
        ("R&D", "engineering"),
        ("Quality controller", "operations"),
        ("Titulaire", "other"),
    ],
)
def test_functions_that_words_alone_would_get_wrong(title: str, work: str) -> None:
    assert function(title) == work


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Assistante du directeur", "staff"),
        ("Vice President", "director"),
        ("Directeur commercial France", "director"),
        ("Product Owner", "staff"),
        ("Secrétaire générale", "director"),
        ("Directeur·rice des achats", "director"),
        ("Directeur.rice des achats", "director"),
        ("Directeur/trice des achats", "director"),
        ("Responsable (H/F)", "manager"),
        ("CHEF D’ENTREPRISE", "owner"),
        ("International", "staff"),
        ("Directeur assurance vie", "director"),
        ("Stagiaire chez un directeur", "intern"),
        ("  ", ""),
        ("—", ""),
    ],
)
def test_levels_that_words_alone_would_get_wrong(title: str, level: str) -> None:
    assert seniority(title) == level


def test_case_accents_and_gender_change_nothing() -> None:
    for first, second in (
        ("directeur général", "DIRECTRICE GENERALE"),
        ("Acheteur", "acheteuse"),
        ("Gérant", "GERANTE"),
    ):
        assert (seniority(first), function(first)) == (seniority(second), function(second))


@pytest.mark.parametrize(
    ("heads", "band", "size"),
    [
        (0, "0", "micro"),
        (0.5, "0", "micro"),
        (1, "1-2", "micro"),
        (10, "10-19", "small"),
        (50, "50-99", "medium"),
        (199, "100-199", "medium"),
        (200, "200-249", "medium"),
        (250, "250-499", "large"),
        (1e9, "10000+", "large"),
    ],
)
def test_bands_of_head_counts(heads: float, band: str, size: str) -> None:
    assert (size_band(heads), sme_class(heads)) == (band, size)
    assert band in SIZE_BANDS
    assert size in SME_CLASSES


def test_a_code_of_insee_counts_as_a_head_of_its_own_band() -> None:
    assert len(INSEE_CODES) == len(SIZE_BANDS) == 15
    for code, band in INSEE_CODES.items():
        assert size_band(head_count(code, "INSEE")) == band
    assert head_count("NN") == 0


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("12", 12),
        ("11", 11),
        ("1 250", 1250),
        ("1,250", 1250),
        ("3.5 ETP", 3.5),
        ("10-49", 22),
        ("50 à 99 salariés", 70),
        ("1,001-5,000 employees", 2237),
        ("entre 20 et 49 personnes", 31),
        ("> 250", 375),
        ("200+", 300),
        ("plus de 10 000 salariés", 15000),
        ("10k+", 15000),
        ("moins de 10", 3),
        ("Moins de 10 salariés (2023)", 3),
        ("10-49 (au 31/12/2023)", 22),
        ("45 en 2023", 45),
        ("1E+03", 1000),
        ("1,25E+03", 1250),
        ("aucun salarié", 0),
        ("self-employed", 1),
    ],
)
def test_texts_of_head_counts(text: str, heads: float) -> None:
    assert head_count(text) == heads


@pytest.mark.parametrize(
    "text", ["", "plusieurs", "10 janv.", "2023-10-01", "5 M€", "12 %", "-5", "99-10", "level 3", "²"]
)
def test_texts_that_are_no_head_count(text: str) -> None:
    assert isnan(head_count(text))
