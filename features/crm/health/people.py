"""What companies and people look like: addresses, numbers and names that cannot be, or stand for tests."""

import re
from collections.abc import Callable, Iterator

import numpy as np
from stdnum.fr import siren, siret

from features.columns import Bools, Words
from features.crm.header import fold
from features.crm.health.check import Check, Found
from features.crm.health.snapshot import Snapshot
from features.firmographics import email_domain, is_free_mail

LARGEST = 3_000_000
"""More people than any company of the world employs (Walmart: 2.1 million, annual report 2024)."""
_FRANCE = frozenset({"", "fr", "fra", "france"})
_TEST_WORDS = frozenset(
    {"test", "tests", "testing", "essai", "essais", "asdf", "asdfgh", "qwerty", "azerty", "xxx", "foobar", "dummy"}
)
_TEST_DOMAINS = frozenset({"test.com", "test.fr", "example.com", "example.org", "example.net", "exemple.fr"})


def met(column: Words, rule: Callable[[str], bool]) -> Bools:
    """The rows whose word meets a rule, asked once a word; a missing word meets none."""
    return np.append(np.fromiter((rule(word) for word in column.words), bool, len(column.words)), False)[column.codes]


def _bad_address(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("contacts", "leads"):
        email = snapshot.words(table, "email")
        yield snapshot.found(table, met(email, lambda text: not email_domain(text)), email.codes >= 0)


def no_phone(text: str) -> bool:
    """Whether a text cannot be a phone number: not 6 to 15 digits (E.164), one digit throughout, or counting up.

    >>> numbers = ("01 23 45 67 89", "+33 6 39 98 00 01 poste 12", "00 00 00 00 00", "n/c", "123456789")
    >>> [no_phone(text) for text in numbers]
    [False, False, True, True, True]
    """
    digits = re.sub(r"\D", "", re.split(r"(?i)poste|ext|#", text)[0])
    return not 6 <= len(digits) <= 15 or len(set(digits[1:])) == 1 or digits in "12345678901234"


def _bad_phone(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("contacts", "leads"):
        phone = snapshot.words(table, "phone")
        yield snapshot.found(table, met(phone, no_phone), phone.codes >= 0)


def _wrong_siren(number: str) -> bool:
    """Whether nine or fourteen digits fail their check digit.

    >>> [_wrong_siren(number) for number in ("552 008 443", "552 008 444", "12345")]
    [False, True, False]
    """
    digits = re.sub(r"[\s.]", "", number)
    rule = {9: siren, 14: siret}.get(len(digits)) if digits.isdigit() else None
    return rule is not None and not rule.is_valid(digits)


def _bad_siren(snapshot: Snapshot) -> Iterator[Found]:
    number, country = snapshot.words("accounts", "company_number"), snapshot.words("accounts", "country")
    french = (country.codes < 0) | met(country, lambda name: fold(name) in _FRANCE)
    yield snapshot.found("accounts", french & met(number, _wrong_siren), number.codes >= 0)


def _free_mail(snapshot: Snapshot) -> Iterator[Found]:
    domain = snapshot.words("accounts", "domain")
    yield snapshot.found("accounts", met(domain, is_free_mail), domain.codes >= 0)


def _absurd_size(snapshot: Snapshot) -> Iterator[Found]:
    employees = np.asarray(snapshot.numbers("accounts", "employees"), np.float64)
    whole = np.isnan(employees) | (employees == np.floor(employees))
    yield snapshot.found("accounts", (employees > LARGEST) | ~whole, ~np.isnan(employees))


def is_test(name: str) -> bool:
    """Whether a name says that its row is a test.

    >>> [is_test(name) for name in ("TEST - ne pas appeler", "Testut SAS", "azerty", "Ets Essai")]
    [True, False, True, True]
    """
    return any(fold(word) in _TEST_WORDS for word in re.findall(r"\w+", name))


def _test_address(email: str) -> bool:
    local, _, _ = email.partition("@")
    return email_domain(email) in _TEST_DOMAINS or fold(local) in _TEST_WORDS


def _tests(snapshot: Snapshot) -> Iterator[Found]:
    columns = {
        "accounts": ("name", is_test), "opportunities": ("name", is_test), "leads": ("company", is_test),
        "contacts": ("email", _test_address),
    }  # fmt: skip
    for table, (column, rule) in columns.items():
        rows = met(snapshot.words(table, column), rule)
        if table == "leads":
            rows |= met(snapshot.words(table, "email"), _test_address)
        yield snapshot.found(table, rows)


CHECKS = (
    Check(
        "email_invalid", "suspect", ("contacts", "leads"), _bad_address,
        ("with an e-mail address that is none", "avec une adresse électronique qui n'en est pas une"),
        ("Have the form check addresses; no activity by mail will ever be matched to these.",
         "Faites vérifier l'adresse par le formulaire ; aucun message n'y sera jamais rattaché."),
    ),
    Check(
        "phone_invalid", "suspect", ("contacts", "leads"), _bad_phone,
        ("with a phone number that cannot be one", "avec un téléphone qui ne peut en être un"),
        ("Empty the field rather than typing zeros; a filled phone otherwise looks like interest.",
         "Videz le champ plutôt que d'y taper des zéros ; un téléphone rempli passe pour de l'intérêt."),
    ),
    Check(
        "siren_invalid", "suspect", ("accounts",), _bad_siren,
        ("whose SIREN or SIRET fails its check digit", "dont le SIREN ou SIRET a une clé de contrôle fausse"),
        ("Look the company up in the Sirene register and correct the number.",
         "Cherchez l'entreprise dans le répertoire Sirene et corrigez le numéro."),
    ),
    Check(
        "free_mail_domain", "suspect", ("accounts",), _free_mail,
        ("with a public mail service as their web domain", "avec un fournisseur d'adresses public pour domaine web"),
        ("Empty the domain: it would make strangers one company.",
         "Videz le domaine : il ferait d'inconnus une seule société."),
    ),
    Check(
        "employees_absurd", "suspect", ("accounts",), _absurd_size,
        ("with a number of employees that no company has", "avec un effectif qu'aucune société n'a"),
        ("Correct the number; look for a revenue typed into it.",
         "Corrigez l'effectif ; un chiffre d'affaires y a peut-être été saisi."),
    ),
    Check(
        "test_records", "suspect", ("accounts", "opportunities", "leads", "contacts"), _tests,
        ("named as tests are", "au nom d'un essai"),
        ("Delete them in the CRM (and export deleted_at), so that they do not teach.",
         "Supprimez-les du CRM (et exportez deleted_at), pour que rien n'en soit appris."),
    ),
)  # fmt: skip
