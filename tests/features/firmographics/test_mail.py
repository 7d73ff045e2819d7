"""E-mail addresses and sites."""

import pytest

from features.firmographics import domain_matches, email_domain, is_free_mail, is_role_address, mail_kind
from features.firmographics.mail import registered, site_domain
from features.firmographics.reference import lines


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("a@münchen.de", "münchen.de"), ("a@x.xn--p1ai", "x.xn--p1ai"), ("a@b@c.fr", ""), ("@c.fr", ""),
        ("Jean <J.D@C.fr>", "c.fr"), ("mailto:jd@c.fr", "c.fr"), ("jd@c", ""), ("jd at c.fr", ""),
        ("mailto:jd@c.fr?subject=x", "c.fr"), ("jd@c.fr,", "c.fr"), ("'jd@c.fr'", "c.fr"), ("Jean <jd@c.fr>;", "c.fr"),
        ("jd@c.fr\u200b", "c.fr"), ("\ufeffjd@c.fr", "c.fr"), ("jd@उदाहरण.भारत", "उदाहरण.भारत"), ("jd@c.fr;a@d.fr", ""),
        ("jd@c.fr/x", ""), ("jd@c_d.fr", ""), ("jd@-c.fr", ""), ("jd@c.fr\x00", ""), ("jd@3m.com", "3m.com"),
    ],
)  # fmt: skip
def test_email_domains(email: str, domain: str) -> None:
    assert email_domain(email) == domain


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        ("jd@orange.fr", "free"), ("jd@wanadoo.fr", "free"), ("jd@FREE.fr", "free"), ("jd@laposte.net", "free"),
        ("jd@sfr.fr", "free"), ("jd@gmail.com", "free"), ("jd@hotmail.be", "free"), ("jd@bluewin.ch", "free"),
        ("jd@orange.com", "corporate"), ("jd@laposte.fr", "corporate"), ("jd@acme.co.uk", "corporate"),
        ("x@yopmail.com", "disposable"), ("x@abc.mailinator.com", "disposable"), ("x@jetable.org", "disposable"),
        ("jd", ""), ("jd@gmail.com,", "free"), ("mailto:jd@gmail.com?subject=x", "free"),
        ("jd@gmail.com\u200b", "free"),
    ],
)  # fmt: skip
def test_kinds_of_mail(email: str, kind: str) -> None:
    assert mail_kind(email) == kind


def test_the_lists_hold_domains_and_do_not_overlap() -> None:
    free, disposable = lines("free_mail.txt"), lines("disposable_mail.txt")
    assert not free & disposable
    assert all(email_domain(f"a@{domain}") == domain for domain in free | disposable)
    assert all(is_free_mail(domain) for domain in free)


@pytest.mark.parametrize(
    ("email", "answer"),
    [
        ("contact@acme.fr", "yes"), ("Info@acme.fr", "yes"), ("compta@acme.fr", "yes"), ("no-reply@acme.fr", "yes"),
        ("ne-pas-repondre@acme.fr", "yes"), ("contact.paris@acme.fr", "yes"), ("info75@acme.fr", "yes"),
        ("service-client@acme.fr", "yes"), ("jean.dupont@acme.fr", "no"), ("jdupont@acme.fr", "no"),
        ("martin.commercial@acme.fr", "no"), ("informel@acme.fr", "no"), ("contact", ""),
    ],
)  # fmt: skip
def test_addresses_of_services(email: str, answer: str) -> None:
    assert is_role_address(email) == answer


@pytest.mark.parametrize(
    ("email", "site", "answer"),
    [
        ("jd@acme.co.uk", "https://www.acme.co.uk/contact", "yes"),
        ("jd@mail.acme.co.uk", "acme.co.uk", "yes"),
        ("jd@acme.fr", "http://shop.acme.fr:8080/?a=b#c", "yes"),
        ("jd@acme.fr", "ACME.FR", "yes"),
        ("jd@münchen.de", "www.xn--mnchen-3ya.de", "yes"),
        ("jd@other.co.uk", "acme.co.uk", "no"),
        ("jd@acme.com", "acme.fr", "no"),
        ("jd@gmail.com", "acme.fr", "no"),
        ("jd@acme.gouv.fr", "autre.gouv.fr", "no"),
        ("jd@acme.fr", "", ""),
        ("jd@acme.fr", "co.uk", ""),
        ("jd@acme.fr", "see below", ""),
        ("", "acme.fr", ""),
    ],
)
def test_an_address_at_the_site_of_the_company(email: str, site: str, answer: str) -> None:
    assert domain_matches(email, site) == answer


def test_what_is_registered() -> None:
    assert registered("a.b.example.com.au") == "example.com.au"
    assert site_domain("ftp://user:word@www.acme.fr/x@y") == "www.acme.fr"
