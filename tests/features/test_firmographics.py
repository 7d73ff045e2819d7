"""Facts read from single strings, on the forms that CRMs really hold."""

import pytest

from features import firmographics as firm


@pytest.mark.parametrize(
    ("code", "scheme", "section"),
    [
        ("01.11Z", "NAF", "A"),
        ("0111Z", "", "A"),
        ("43.22A", "naf_rev2", "F"),
        ("4322a", "APE", "F"),
        ("45.11Z", "NAF", "G"),
        ("62", "NACE", "J"),
        ("6201", "", "J"),
        ("84.11", "nace", "O"),
        ("99.00Z", "", "U"),
        ("238220", "", "F"),
        ("238220", "NAICS 2022", "F"),
        ("31-33", "NAICS", "C"),
        ("221310", "naics", "E"),
        ("1711", "SIC", "F"),
        ("7371", "SIC", "J"),
        ("4911", "SIC", "D"),
        ("43220", "SIC", "F"),
        ("4322", "SIC 2007", "F"),
        ("é", "", ""),
        ("00.00Z", "NAF", ""),
        ("hébergement et restauration", "", "I"),
        ("62", "house list", ""),
    ],
)
def test_every_scheme_leads_to_one_tree(code: str, scheme: str, section: str) -> None:
    assert firm.sector(code, scheme) == section


def test_every_nace_division_in_use_has_its_section() -> None:
    unused = {4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89, 100}
    for division in range(1, 100):
        assert bool(firm.sector(f"{division:02d}", "NACE")) == (division not in unused)
    assert {firm.sector(f"{d:02d}") for d in range(100)} - {""} == set(firm.SECTIONS)


def test_departments_make_up_the_regions() -> None:
    codes = [f"{number:05d}" for number in range(0, 100_000, 50)]
    assert len({firm.department(code) for code in codes if firm.region(code)}) == 96 + 5
    assert len({firm.region(code) for code in codes} - {""}) == 13 + 5


@pytest.mark.parametrize(
    ("heads", "band"), [(0, "0"), (0.5, "0"), (1, "1-2"), (199, "100-199"), (200, "200-249"), (1e9, "10000+")]
)
def test_size_bands(heads: float, band: str) -> None:
    assert firm.size_band(heads) == band
    assert band in firm.SIZE_BANDS


def test_there_are_the_fifteen_bands_of_insee() -> None:
    assert len(firm.SIZE_BANDS) == 15
    assert firm.SIZE_BANDS[:3] == ("0", "1-2", "3-5")
    assert firm.SIZE_BANDS[-2:] == ("5000-9999", "10000+")


@pytest.mark.parametrize(
    ("title", "level", "department"),
    [
        ("Président-Directeur Général", "c_level", "general_management"),
        ("Directeur Général Adjoint", "director", "general_management"),
        ("Vice President, Marketing", "director", "marketing"),
        ("Directeur·rice des Achats", "director", "purchasing"),
        ("Responsable RH", "manager", "hr"),
        ("Chef d’entreprise", "c_level", "general_management"),
        ("Secrétaire générale", "director", "general_management"),
        ("Secrétaire comptable", "staff", "finance"),
        ("Assistant to the CEO", "staff", "general_management"),
        ("Ingénieure d'affaires", "staff", "sales"),
        ("Chief Information Officer", "c_level", "it"),
        ("Chief Operating Officer", "c_level", "operations"),
        ("IT Manager", "manager", "it"),
        ("Site manager", "manager", "operations"),
        ("Avocat associé", "director", "legal"),
        ("Coiffeuse", "staff", "other"),
        ("Titulaire", "staff", "other"),  # "it" inside a word is not IT
        ("  ", "", ""),
    ],
)
def test_titles(title: str, level: str, department: str) -> None:
    assert firm.seniority(title) == level
    assert firm.function(title) == department


@pytest.mark.parametrize(
    ("email", "domain"),
    [("a@münchen.de", "münchen.de"), ("a@x.xn--p1ai", "x.xn--p1ai"), ("a@b@c.fr", ""), ("@c.fr", "")],
)
def test_email_domains(email: str, domain: str) -> None:
    assert firm.email_domain(email) == domain


@pytest.mark.parametrize("domain", ["orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "gmail.com"])
def test_free_mail(domain: str) -> None:
    assert firm.is_free_mail(domain)


def test_a_wrong_check_digit_is_no_company_number() -> None:
    assert firm.company_number_kind("552008443") == "siren"
    assert not any(firm.company_number_kind(f"55200844{digit}") for digit in "012456789")
    assert firm.siren_of("FR19 552 008 443") == "552008443"


@pytest.mark.parametrize(
    ("phone", "country"),
    [("+33(0)6 12", "FR"), ("0041 22", "CH"), ("+", ""), ("", ""), ("+351 21", "PT"), ("06 12", "")],
)
def test_phone_countries(phone: str, country: str) -> None:
    assert firm.phone_country(phone) == country
