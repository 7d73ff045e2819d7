"""E-mail addresses: whose domain, a person's or a service's, at the company's own site or elsewhere.

Sources: the lists beside the code name theirs; the Public Suffix List (Mozilla) as kept by the `publicsuffixlist`
package says how much of a domain is registered: acme.co.uk of mail.acme.co.uk.
"""

import re
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from features.firmographics.reference import lines

MAIL_KINDS = ("corporate", "free", "disposable")
"""What `mail_kind` answers."""

_LETTER = r"[^\s\x00-`{-\xbf\u2000-\u2bff]"
"""A letter of a host in lower case, of any script: no sign, no punctuation, no digit of ASCII."""
_LABEL = rf"(?!-)(?:{_LETTER}|[0-9-])+(?<!-)"
_ADDRESS = re.compile(rf"[^@\s]+@((?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|{_LETTER}{{2,}}))\.?")
_MAILTO = re.compile(r"mailto:([^?]*)(?:\?.*)?", re.DOTALL)
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
"""Characters of no width, which a copied text brings along."""
_AROUND = " \t\r\n,;'\""
_SITE = re.compile(
    r"(?:[a-z][a-z\d+.-]*:)?(?://)?(?:[^@/\s]*@)?((?:[^\s@./:?#]+\.)+[^\s@./:?#]+)\.?(?::\d+)?(?:[/?#].*)?"
)
_NO_REPLY = re.compile(r"(?:no|ne|do)[-_.]?(?:not[-_.]?)?(?:pas[-_.]?)?(?:reply|repondre|answer)")
_PARTS = re.compile(r"[-_.+\d]")
_NOT_LETTERS = re.compile(r"[^a-z]")
_LONGEST = 320
"""RFC 3696: 64 characters, an @, 255 characters."""


def email_domain(email: str) -> str:
    """The domain of an address in lower case; "" where the text is not one address.

    >>> [email_domain(text) for text in ("J.Dupont@Ex-Ample.FR", "Jean <jd@a.fr>", "jd@a.fr,", "jd@a", "a b")]
    ['ex-ample.fr', 'a.fr', 'a.fr', '', '']
    """
    return _address(email)[1]


def is_free_mail(domain: str) -> bool:
    """True for a public mail service, where a domain says nothing about the company.

    >>> is_free_mail("orange.fr"), is_free_mail("Gmail.com"), is_free_mail("orange.com"), is_free_mail("")
    (True, True, False, False)
    """
    return domain.strip().casefold() in lines("free_mail.txt")


def is_disposable(domain: str) -> bool:
    """True for a service of mailboxes to be thrown away.

    >>> is_disposable("yopmail.com"), is_disposable("eu.Mailinator.com"), is_disposable("gmail.com")
    (True, True, False)
    """
    name = domain.strip().casefold()
    return not lines("disposable_mail.txt").isdisjoint((name, registered(name)))


def mail_kind(email: str) -> str:
    """Whose domain an address is at, one of `MAIL_KINDS`; "" where the text is not one address.

    >>> [mail_kind(text) for text in ("jd@acme.fr", "jd@wanadoo.fr", "x@yopmail.com", "jd")]
    ['corporate', 'free', 'disposable', '']
    """
    domain = email_domain(email)
    if not domain:
        return ""
    return "free" if is_free_mail(domain) else "disposable" if is_disposable(domain) else "corporate"


def is_role_address(email: str) -> str:
    """`yes` for the address of a service (contact@, compta@), `no` for another, "" where the text is not one address.

    >>> [is_role_address(text) for text in ("Contact@acme.fr", "no-reply@a.fr", "info.paris@a.fr", "jd@a.fr", "jd")]
    ['yes', 'yes', 'yes', 'no', '']
    """
    name, domain = _address(email)
    if not domain:
        return ""
    first = _PARTS.split(name, maxsplit=1)[0]
    known = lines("role_addresses.txt")
    role = first in known or _NOT_LETTERS.sub("", name) in known or _NO_REPLY.match(name)
    return "yes" if role else "no"


def domain_matches(email: str, site: str) -> str:
    """`yes` where an address is at the registered domain of a site (a URL or a domain), `no` where it is elsewhere, ""
    where either is unknown. Sub-domains count as their domain.

    >>> site = "https://www.acme.co.uk/contact?x=1"
    >>> [domain_matches(text, site) for text in ("jd@acme.co.uk", "jd@uk.acme.co.uk", "jd@other.co.uk", "jd@acme.com")]
    ['yes', 'yes', 'no', 'no']
    >>> domain_matches("jd@acme.fr", "ACME.fr"), domain_matches("jd@acme.fr", ""), domain_matches("", "acme.fr")
    ('yes', '', '')
    """
    own, theirs = registered(email_domain(email)), registered(site_domain(site))
    return "" if not own or not theirs else "yes" if own == theirs else "no"


def site_domain(site: str) -> str:
    """The host name in a URL or domain, in lower case; "" where there is none.

    >>> [site_domain(text) for text in ("http://user@www.Acme.fr:8080/x", "acme.fr", "//acme.fr", "acme", "see below")]
    ['www.acme.fr', 'acme.fr', 'acme.fr', '', '']
    """
    match = _SITE.fullmatch(site.strip().casefold()) if len(site) < 2_000 else None
    return match[1] if match else ""


@lru_cache(maxsize=16_384)
def registered(domain: str) -> str:
    """The part of a domain that its owner registered; "" for a public suffix alone.

    >>> registered("mail.acme.co.uk"), registered("acme.fr"), registered("co.uk"), registered("")
    ('acme.co.uk', 'acme.fr', '', '')
    """
    try:
        name = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return (_suffixes().privatesuffix(name) or "") if name else ""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


@lru_cache(maxsize=16_384)
def _address(email: str) -> tuple[str, str]:
    """What stands before the @, and the domain, in lower case; both "" where the text is not one address."""
    text = email.translate(_UNSEEN).strip(_AROUND).rstrip(">").rpartition("<")[2].strip(_AROUND).casefold()
    link = _MAILTO.fullmatch(text)
    text = link[1] if link else text
    match = _ADDRESS.fullmatch(text) if len(text) <= _LONGEST else None
    return (text.partition("@")[0], match[1]) if match else ("", "")
