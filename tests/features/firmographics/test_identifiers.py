"""Company numbers: check digits, and what no rule can judge."""

import pytest

from features.firmographics import company_number_kind, company_number_valid, siren_of
from features.firmographics.identifiers import _VAT


@pytest.mark.parametrize(
    ("number", "nation", "kind"),
    [
        ("552 008 443", "", "siren"),
        ("SIREN : 552 008 443", "", "siren"),
        ("552 008 443 RCS Paris", "FR", "siren"),
        ("RCS Paris B 552 008 443", "FR", "siren"),
        ("N° 552 008 443", "", "siren"),
        ("N° SIREN : 552 008 443", "", "siren"),
        ("nº552008443", "", "siren"),
        ("R.C.S. Paris 552 008 443", "", "siren"),
        ("RCS B 552 008 443", "", "siren"),
        ("5520176", "FR", "siren"),  # 005 520 176, read by a spreadsheet
        ("552017600016", "France", "siret"),
        ("N° de TVA : FR19 552008443", "", "vat"),
        ("N° DE 136695976", "", "vat"),
        ("552.008.443.01135", "", "siret"),
        ("356 000 000 00048", "", "siret"),  # the head office of La Poste: the usual check digit
        ("35600000049837", "", "siret"),  # another of its establishments: the sum of the digits is a multiple of five
        ("FR 19 552008443", "", "vat"),
        ("TVA intracommunautaire FR19552008443", "", "vat"),
        ("BE 0403.019.261", "", "vat"),
        ("0403.019.261", "BE", "national"),
        ("ATU13585627", "", "vat"),
        ("DE136695976", "", "vat"),
        ("IT00743110157", "", "vat"),
        ("PL8567346215", "", "vat"),
        ("LU15027442", "", "vat"),
        ("EL094259216", "", "vat"),
        ("NL004495445B01", "", "vat"),
        ("GB980780684", "", "vat"),
        ("XI110305878", "", "vat"),
        ("CHE-107.787.577 TVA", "", "vat"),
        ("CHE-100.155.212", "", "national"),
        ("NO 995525828 MVA", "", "vat"),
        ("995 525 828", "Norway", "national"),
    ],
)
def test_valid_numbers(number: str, nation: str, kind: str) -> None:
    assert company_number_kind(number, nation) == kind
    assert company_number_valid(number, nation) == "yes"


@pytest.mark.parametrize(
    ("number", "nation", "answer"),
    [
        ("552 008 444", "FR", "no"),
        ("552 008 444", "", ""),  # nine digits of another country, for all we know
        ("000 000 000", "FR", "no"),
        ("1234", "France", "no"),
        ("35600000049838", "FR", "no"),
        ("FR20552008443", "", "no"),
        ("DE136695977", "", "no"),
        ("0403019262", "BE", "no"),
        ("5520177", "FR", "no"),
        ("5520176", "", ""),
        ("RCS Luxembourg B 12345", "LU", ""),
        ("HRB 12345", "DE", ""),
        ("01234567", "GB", ""),
        ("12-3456789", "US", ""),
        ("pending", "FR", ""),
        ("", "FR", ""),
        ("５５２００８４４３", "", "yes"),  # full-width digits are digits
        ("²²²²²²²²²", "", ""),
    ],
)
def test_what_is_not_valid_and_what_cannot_be_told(number: str, nation: str, answer: str) -> None:
    assert company_number_valid(number, nation) == answer


def test_zeros_throughout_are_no_number() -> None:
    zeros = [f"{nation}{'0' * size}" for nation in _VAT for size in range(7, 16)]
    assert {company_number_kind(number) for number in zeros} == {""}
    assert company_number_kind("00000000", "FI") == ""


def test_one_wrong_digit_is_seen() -> None:
    assert not any(company_number_kind(f"55200844{digit}") for digit in "012456789")
    assert not any(company_number_kind(f"5520084430113{digit}") for digit in "012346789")


def test_a_company_has_one_siren_however_it_is_written() -> None:
    texts = ("552 008 443", "55200844301135", "FR19 552 008 443", "552 008 443 RCS Paris")
    assert {siren_of(text) for text in texts} == {"552008443"}
    assert not any(siren_of(text) for text in ("552008444", "BE0403019261", "CHE-100.155.212", ""))
