"""Every classification leads to one tree; what could be two things is unknown."""

import pytest
from stdnum.eu import nace

from features.firmographics import SECTIONS, division, division_name, division_names, sector, sector_name
from features.firmographics.codes import place_of_code, tree
from features.firmographics.reference import groups

CLASSES = [f"{number:04d}" for number in range(10_000)]
REV_2 = [code for code in CLASSES if nace.is_valid(code, revision="2.0")]
REV_2_1 = [code for code in CLASSES if nace.is_valid(code, revision="2.1")]
LETTERS_2_1 = dict(zip("ABCDEFGHIJKLMNOPQRSTUV", "ABCDEFGHIJJKLMNOPQRSTU", strict=True))
"""Regulation (EU) 2023/137: what J was is J and K, and each later letter moved on."""


@pytest.mark.parametrize(
    ("code", "scheme", "place"),
    [
        ("01.11Z", "NAF", "A01"),
        ("0111Z", "", "A01"),
        ("1.11Z", "", "A01"),
        ("43.22A", "naf_rev2", "F43"),
        ("4322a", "APE", "F43"),
        ("45.11Z", "NAF", "G45"),
        ("62.01Z", "", "J62"),
        ("62.10Y", "", "J62"),
        ("47.11G", "", "G47"),
        ("J62.01Z", "", "J62"),
        ("62 01 Z", "", "J62"),
        ("62.01Z - Programmation informatique", "", "J62"),
        ("Programmation informatique (6201Z)", "", "J62"),
        ("Conseil (NAF 70.22Z)", "", "M70"),
        ("APE 6201Z", "", "J62"),
        ("NAF:62.01Z", "", "J62"),
        ("code APE/NAF : 6201Z - Programmation", "", "J62"),
        ("NACE Rev. 2.1 46.71", "", "G45"),
        ("NAF RÉV. 2 : 62.01Z", "", "J62"),
        ("SIC 2011", "", "C10"),
        ("APE 6201Z", "our own list", ""),
        ("Music 7372", "", ""),
        ("Software (2023)", "", ""),  # a year
        ("62", "NACE", "J62"),
        ("84.11", "nace", "O84"),
        ("99.00Z", "", "U99"),
        ("6820B", "NAF rév. 2, 2008", "L68"),
        # what NACE Rev. 2.1 numbers otherwise
        ("46.71", "NACE Rev. 2.1", "G45"),
        ("46.71", "NACE Rev. 2", "G46"),
        ("46.71", "NACE", "G"),
        ("46.71Z", "NAF", "G46"),
        ("46.71Y", "NAF", "G45"),
        ("46.71G", "NAF", "G45"),
        ("46.71F", "NAF", "G46"),
        ("47.81", "NACE Rev. 2.1", "G45"),
        ("95.31", "", "G45"),
        ("68.12Y", "NAF 2025", "F41"),
        ("41.10A", "NAF", "F41"),
        ("73.30", "NACE 2.1", "M70"),
        ("60.31", "", "J63"),
        ("K62.10", "", "J62"),
        ("K64.19", "", "K64"),
        ("L64.19", "", "K64"),
        # NAICS
        ("541511", "", "J62"),
        ("238220", "NAICS 2022", "F43"),
        ("31-33", "NAICS", "C"),
        ("44-45", "", "G"),
        ("221310", "naics", "E36"),
        ("5112", "NAICS 2017", "J58"),
        ("513210", "NAICS 2022", "J58"),
        ("519120", "NAICS 2017", "R91"),
        ("62", "SCIAN", "Q"),
        ("722511", "", "I56"),
        # the United States SIC of 1987
        ("1711", "SIC", "F43"),
        ("7371", "SIC", "J62"),
        ("7372", "SIC 1987", "J58"),
        ("4911", "SIC", "D35"),
        ("6022", "US SIC", "K64"),
        ("8742", "SIC", "M70"),
        # the British SIC of 2007 is NACE Rev. 2
        ("43220", "SIC", "F43"),
        ("62012", "UK SIC 2007", "J62"),
        ("4322", "SIC 2007", "F43"),
        ("62012", "", "J62"),
        # not enough to tell, or nothing
        ("62", "", ""),  # software in NACE, health care in NAICS, brokers in SIC
        ("5411", "", ""),  # lawyers in NAICS, grocers in SIC
        ("522110", "", ""),  # banks in NAICS, services to railways in six digits of NACE
        ("453A", "", ""),  # NAF rév. 1
        ("724Z", "NAF", ""),
        ("00.00Z", "NAF", ""),
        ("34.00", "", ""),
        ("9999", "SIC", ""),
        ("62", "our own list", ""),
        ("K", "", ""),  # finance in Rev. 2, telecommunications and software in Rev. 2.1
        ("K", "NACE 2.1", "J"),
        ("L", "NACE 2.1", "K"),
        ("K", "NAF rév. 2", "K"),
        ("C", "", "C"),
        ("é", "", ""),
        ("6²", "", ""),
        # words
        ("Software", "", "J62"),
        ("BTP", "", "F"),
        ("Industrie agroalimentaire", "", "C10"),
        ("hébergement et restauration", "", "I"),
        ("HOSPITAL_HEALTH_CARE", "HubSpot", "Q86"),
        ("Oil & Energy", "LinkedIn", ""),
        ("Not For Profit", "Salesforce", "S94"),
        ("Eating and Drinking Places", "Dynamics", "I56"),
        ("Grande distribution", "", "G47"),
        ("ESN", "", "J62"),
        ("civil engineering", "", ""),  # the works in NACE, the design office in LinkedIn's list
    ],
)
def test_every_scheme_leads_to_one_tree(code: str, scheme: str, place: str) -> None:
    assert sector(code, scheme) + division(code, scheme) == place


def test_every_class_of_nace_rev_2_is_in_its_own_division() -> None:
    assert len(REV_2) == 615
    for code in REV_2:
        section = nace.info(code, revision="2.0")["section"]
        for text in (f"{code[:2]}.{code[2:]}Z", f"{code}Z", f"{code}0"):
            assert sector(text, "UK SIC 2007" if len(text) == 5 and text.isdigit() else "NAF") == section
            assert division(text, "UK SIC 2007" if text.isdigit() else "NAF") == code[:2]


def test_every_class_of_nace_rev_2_1_is_in_the_section_that_its_new_letter_stands_for() -> None:
    assert len(REV_2_1) == 651
    moved = {"6812": "F", "9531": "G", "9532": "G"}  # promoters and car repair, which Rev. 2 has elsewhere
    for code in REV_2_1:
        letter = str(nace.info(code, revision="2.1")["section"])
        assert sector(f"{code}Y") == moved.get(code, LETTERS_2_1[letter]), code


def test_without_a_scheme_no_code_is_read_otherwise_than_a_scheme_that_has_it_reads_it() -> None:
    schemes = ("NACE Rev. 2", "NACE Rev. 2.1", "NAICS", "SIC 1987")
    lists = (set(REV_2), set(REV_2_1), _listed("naics.toml", 4), _listed("sic.toml", 3))
    answered = 0
    for code in CLASSES:
        bare = sector(code)
        if bare:
            answered += 1
            for scheme, known in zip(schemes, lists, strict=True):
                if code in known or code[:3] in known:
                    assert sector(code, scheme) == bare, (code, scheme)
    assert answered > 700


def test_the_tables_place_codes_in_the_tree() -> None:
    for name in ("naics.toml", "sic.toml", "industries.toml"):
        places = set(groups(name)) - {"unplaced"}
        assert all(place in SECTIONS or tree().get(place[1:]) == place[0] for place in places), name


def test_every_answer_has_a_name_in_both_languages() -> None:
    assert len(SECTIONS) == 21
    assert len(division_names()) == 88
    assert set(tree().values()) == set(SECTIONS)
    for number in division_names():
        assert division_name(number)
        assert division(division_name(number, "fr")) in (number, ""), number
    assert all(sector(sector_name(letter, language)) == letter for letter in SECTIONS for language in ("en", "fr"))


def test_a_word_stands_in_one_place() -> None:
    rows = groups("industries.toml").items()
    words = [word for _, listed in rows for word in listed]
    assert len(words) == len(set(words))
    assert place_of_code("Software", "") == ""


def _listed(name: str, size: int) -> set[str]:
    return {code for codes in groups(name).values() for code in codes.split() if len(code) == size}
