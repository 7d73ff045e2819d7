"""Countries, regions and departments; telephones."""

import pytest

from features.firmographics import (
    countries,
    country,
    country_name,
    department,
    departments,
    phone_country,
    phone_kind,
    phone_valid,
    region,
    regions,
)

CODES = [f"{number:05d}" for number in range(0, 100_000, 50)]


def test_departments_make_up_the_regions() -> None:
    assert len({department(code) for code in CODES if region(code)}) == 96 + 5
    assert len({region(code) for code in CODES} - {""}) == 13 + 5
    assert {department(code) for code in CODES} - {""} == departments()


@pytest.mark.parametrize(
    ("code", "nation", "expected"),
    [
        ("75011", "", "Île-de-France"),
        ("75011", "France", "Île-de-France"),
        ("69003 CEDEX", "fr", "Auvergne-Rhône-Alpes"),
        ("F-38000", "", "Auvergne-Rhône-Alpes"),
        ("1000", "France", "Auvergne-Rhône-Alpes"),  # 01000, read by a spreadsheet
        ("20137", "", "Corse"),
        ("97200", "FR", "Martinique"),
        ("97200", "Martinique", "Martinique"),
        ("97200", "La Réunion", ""),
        ("97133", "FR", ""),  # Saint-Barthélemy, of no region since 2007
        ("98800", "FR", ""),
        ("98000", "Monaco", ""),
        # five digits elsewhere are no French code
        ("10115", "Germany", "DE 1xxxx"),
        ("75011", "DE", "DE 7xxxx"),
        ("28013", "España", "Madrid"),
        ("8001", "ES", "Catalunya"),
        ("00185", "Italie", "Lazio"),
        ("46100", "IT", "Lombardia"),
        ("90210", "US", ""),
        ("75011", "Turkey", ""),
        ("75011", "Freedonia", ""),
        # four digits without a country may be Belgian, Swiss, Austrian ...
        ("1000", "", ""),
        ("1000", "Belgique", "Bruxelles"),
        ("B-4000", "", "Liège"),
        ("3000", "BE", "Vlaams-Brabant"),
        ("6600", "BE", "Luxembourg (BE)"),
        ("1204", "CH", "CH 1xxx"),
        ("H2X 1Y4", "Canada", "Québec"),
        ("M5V2T6", "CA", "Ontario"),
        ("SW1A 1AA", "UK", ""),
        ("SW1A 1AA", "", ""),
        ("75011-1234", "", "Île-de-France"),
        ("123456", "", ""),
        ("", "FR", ""),
        ("٧٥٠١١", "FR", ""),
    ],
)
def test_regions(code: str, nation: str, expected: str) -> None:
    assert region(code, nation) == expected
    assert not expected or expected in regions()


@pytest.mark.parametrize(
    ("code", "nation", "expected"),
    [
        ("97133", "BL", "977"), ("97150", "Saint-Martin", "978"), ("97150", "", "978"), ("97150", "Guadeloupe", ""),
        ("97110", "Guadeloupe", "971"), ("97110", "BL", ""),
    ],
)  # fmt: skip
def test_islands_that_left_guadeloupe(code: str, nation: str, expected: str) -> None:
    assert department(code, nation) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR", "FR"), ("fra", "FR"), (" France ", "FR"), ("FRANCE", "FR"), ("Allemagne", "DE"), ("Deutschland", "DE"),
        ("UK", "GB"), ("GB", "GB"), ("Royaume Uni", "GB"), ("Etats-Unis", "US"), ("U.S.A.", "US"), ("USA", "US"),
        ("Pays Bas", "NL"), ("Holland", "NL"), ("Côte d’Ivoire", "CI"), ("Cote d'Ivoire", "CI"), ("Ile Maurice", "MU"),
        ("Rép. Tchèque", ""), ("République Tchèque", "CZ"), ("La Réunion", "RE"), ("Congo", ""), ("??", ""), ("", ""),
    ],
)  # fmt: skip
def test_countries(text: str, code: str) -> None:
    assert country(text) == code


def test_every_country_is_found_by_its_codes_and_names() -> None:
    assert len(countries()) == 249 + 1  # ISO 3166-1, and Kosovo
    for code, names in countries().items():
        assert {country(code), *(country(name) for name in names)} == {code}
        assert (country_name(code), country_name(code, "fr")) == names


@pytest.mark.parametrize(
    ("phone", "nation", "found", "kind", "valid"),
    [
        ("+33 6 12 34 56 78", "", "FR", "mobile", "yes"),
        ("+33 7 56 78 90 12", "", "FR", "mobile", "yes"),
        ("0033 (0)4 72 10 20 30", "", "FR", "fixed", "yes"),
        ("06.12.34.56.78", "France", "FR", "mobile", "yes"),
        ("01 42 68 53 00", "FR", "FR", "fixed", "yes"),
        ("01 42 68 53 00 poste 12", "FR", "FR", "fixed", "yes"),
        ("09 70 00 00 00", "FR", "FR", "fixed", "yes"),
        ("33612345678", "FR", "FR", "mobile", "yes"),
        ("0692 12 34 56", "RE", "RE", "mobile", "yes"),
        ("+262 692 12 34 56", "FR", "RE", "mobile", "yes"),
        ("0262 20 20 20", "FR", "RE", "fixed", "yes"),
        ("06 93 12 34 56", "FR", "RE", "mobile", "yes"),
        ("0690 12 34 56", "FR", "GP", "mobile", "yes"),
        ("0594 29 00 00", "France", "GF", "fixed", "yes"),
        ("0596 59 59 59", "FR", "MQ", "fixed", "yes"),
        ("06 12 34 56 78", "RE", "FR", "mobile", "yes"),
        ("0590 99", "FR", "FR", "", "no"),
        ("06 12 34 56 78 / 01 23 45 67 89", "FR", "FR", "mobile", "yes"),
        ("06/12/34/56/78", "FR", "FR", "mobile", "yes"),
        ("06 12 / 34", "FR", "FR", "", "no"),
        ("+32 470 12 34 56", "FR", "BE", "mobile", "yes"),
        ("0470 12 34 56", "Belgique", "BE", "mobile", "yes"),
        ("+41 22 767 61 11", "", "CH", "fixed", "yes"),
        ("+44 20 7946 0958", "", "GB", "fixed", "yes"),
        ("+39 02 1234 5678", "", "IT", "fixed", "yes"),
        ("+1 416 555 0123", "", "CA", "", "yes"),
        ("+1 787 555 0123", "", "PR", "", "yes"),
        ("+7 495 123 45 67", "", "RU", "fixed", "yes"),
        ("+7 701 123 45 67", "", "KZ", "mobile", "yes"),
        ("+33 6 12", "", "FR", "", "no"),
        ("06 12", "FR", "FR", "", "no"),
        ("0041 22", "", "CH", "", "no"),
        ("+800 1234 5678", "", "", "", "yes"),
        ("06 12 34 56 78", "", "", "", ""),
        ("06 12 34 56 78", "Freedonia", "", "", ""),
        ("+", "", "", "", "no"),
        ("non communiqué", "FR", "", "", "no"),
        ("", "FR", "", "", ""),
    ],
)
def test_phones(phone: str, nation: str, found: str, kind: str, valid: str) -> None:
    assert (phone_country(phone, nation), phone_kind(phone, nation), phone_valid(phone, nation)) == (found, kind, valid)
