"""The same company, person, deal or activity under several ids; counts are of the surplus, beyond the first of each."""

import re
from collections.abc import Callable, Iterator

import numpy as np

from features.columns import MISSING, Bools, Ints, Words
from features.crm.header import fold
from features.crm.health.check import Check, Found
from features.crm.health.groups import Groups, grouped
from features.crm.health.snapshot import DAY, Snapshot
from features.firmographics import email_domain, is_free_mail, siren_of

_FORM_WORDS = """
    sa sas sasu sarl eurl snc sci scop gie selarl spa srl sl gmbh ag kg ohg ltd limited llc llp inc incorporated corp
    corporation co company plc bv nv sprl bvba ab oy as aps the la le les et and groupe group holding societe ste ets
    etablissements
"""
_FORMS = frozenset(_FORM_WORDS.split())
"""Words that do not tell one company from another: legal forms and the like."""

SHARED = 5
"""From so many contacts on, an address or number is a shared one, not one person entered again."""
SOON = 30 * DAY


def company_key(name: str) -> str:
    """What is left of a company's name without case, accents, punctuation, legal form and order of words.

    >>> company_key("Établissements Dupont & Fils, S.A.R.L.") == company_key("DUPONT ET FILS")
    True
    >>> company_key("Dupont Nord") == company_key("Dupont Sud"), company_key("S.A.")
    (False, '')
    """
    plain = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", name)  # S.A.R.L -> SARL
    found = [fold(word) for word in re.findall(r"\w+", plain)]
    return " ".join(sorted(word for word in found if word and word not in _FORMS))


def keyed(column: Words, key: Callable[[str], str]) -> Ints:
    """The rows of a text column coded by a key of each word; -1 where it is missing or the key is empty."""
    keys = Words.of(key(word) for word in column.words)
    return np.append(keys.codes, np.int32(-1))[column.codes].astype(np.int64)


def _first_of(snapshot: Snapshot, table: str, groups: Groups) -> Words:
    return snapshot.ids(table).take(groups.firsts)


def _surplus(snapshot: Snapshot, table: str, groups: Groups, among: Bools | None = None) -> Found:
    """The rows that come after the first of their group."""
    rows = groups.repeats if among is None else groups.repeats & among
    return snapshot.found(table, rows, other=_first_of(snapshot, table, groups))


def _numbers(snapshot: Snapshot) -> Ints:
    return keyed(snapshot.words("accounts", "company_number"), lambda number: siren_of(number) or fold(number))


def _establishments(snapshot: Snapshot) -> Ints:
    """Company numbers as they are: two establishments of one company differ in their SIRET."""
    return keyed(snapshot.words("accounts", "company_number"), fold)


def _domains(snapshot: Snapshot) -> Ints:
    def site(domain: str) -> str:
        plain = re.sub(r"^(https?://)?(www\.)?", "", domain.strip().casefold()).split("/")[0]
        return "" if is_free_mail(plain) else plain

    return keyed(snapshot.words("accounts", "domain"), site)


def _same_number(snapshot: Snapshot) -> Iterator[Found]:
    yield _surplus(snapshot, "accounts", grouped(_establishments(snapshot)))


def _same_name(snapshot: Snapshot) -> Iterator[Found]:
    """One name, and no company number, domain, postal code or country that tells them apart."""
    groups = grouped(keyed(snapshot.words("accounts", "name"), company_key))
    apart = np.zeros(len(groups.size), bool)
    for values in (_numbers(snapshot), _domains(snapshot)):
        apart |= groups.distinct(values) > 1
    for name in ("postal_code", "country"):
        apart |= groups.distinct(keyed(snapshot.words("accounts", name), fold)) > 1
    known = grouped(_establishments(snapshot)).repeats  # told by their number already
    together = ~np.append(apart, True)[groups.code] & ~known
    yield _surplus(snapshot, "accounts", groups, together)


def _same_domain(snapshot: Snapshot) -> Iterator[Found]:
    """One web site, whatever the names; those found by number or by name are left to these checks."""
    groups = grouped(_domains(snapshot))
    names = grouped(keyed(snapshot.words("accounts", "name"), company_key))
    other = ~grouped(_establishments(snapshot)).repeats & ~names.repeats
    yield _surplus(snapshot, "accounts", groups, other)


def _emails(column: Words) -> Ints:
    return keyed(column, lambda text: text.strip().casefold() if email_domain(text) else "")


def _phone(text: str) -> str:
    """The last nine digits of a number, which the ways to write it have in common; "" for what is none.

    >>> _phone("+33 (0)6 39 98 00 01") == _phone("06.39.98.00.01")
    True
    """
    digits = re.sub(r"\D", "", text)
    return digits[-9:] if len(digits) >= 8 and len(set(digits)) > 2 else ""


def _same_person(snapshot: Snapshot) -> Iterator[Found]:
    """Contacts of one e-mail address, or of one account, phone and job title."""
    email = _emails(snapshot.words("contacts", "email"))
    by_mail = grouped(email)
    yield _surplus(snapshot, "contacts", by_mail, by_mail.sizes < SHARED)
    account, title = (snapshot.words("contacts", name) for name in ("account_id", "title"))
    phone = keyed(snapshot.words("contacts", "phone"), _phone)
    groups = grouped(account.codes, phone, keyed(title, fold))
    apart = np.append(groups.distinct(email) > 1, True)[groups.code]
    yield _surplus(snapshot, "contacts", groups, ~apart & ~by_mail.repeats)


def _shared_address(snapshot: Snapshot) -> Iterator[Found]:
    email = _emails(snapshot.words("contacts", "email"))
    groups = grouped(email)
    yield snapshot.found("contacts", groups.sizes >= SHARED, email >= 0, most=int(groups.size.max(initial=0)))


def _same_lead(snapshot: Snapshot) -> Iterator[Found]:
    """Leads of one address made within a week of the one before, both of them live."""
    email, created = _emails(snapshot.words("leads", "email")), snapshot.ints("leads", "created_at")
    yield from _soon_again(snapshot, "leads", np.where(snapshot.live("leads"), email, -1), created, 7 * DAY)


def _same_deal(snapshot: Snapshot) -> Iterator[Found]:
    """Deals of one customer, name, product and amount made within a month."""
    customer = snapshot.words("opportunities", "account_id").codes.astype(np.int64)
    contact = snapshot.words("opportunities", "contact_id").codes.astype(np.int64)
    customer = np.where(customer >= 0, customer, np.where(contact >= 0, contact + customer.max(initial=0) + 1, -1))
    name, product = (snapshot.words("opportunities", name).codes for name in ("name", "product"))
    amount = snapshot.ints("opportunities", "amount")
    groups = grouped(np.where(snapshot.live("opportunities"), customer, -1), amount, name + 1, product + 1)
    yield from _soon_again(snapshot, "opportunities", groups.code, snapshot.ints("opportunities", "created_at"), SOON)


def _soon_again(snapshot: Snapshot, table: str, key: Ints, when: Ints, within: int) -> Iterator[Found]:
    """Rows that come within a time of the row before of the same key (-1: none)."""
    order = np.lexsort((when, key))
    before = np.roll(order, 1)
    again = (key[order] >= 0) & (key[order] == key[before]) & (when[order] - when[before] < within)
    again[:1] = False
    rows, previous = np.zeros(len(key), bool), np.full(len(key), -1)
    rows[order], previous[order] = again, before
    yield snapshot.found(table, rows, other=snapshot.ids(table).take(previous))


def _same_activity(snapshot: Snapshot) -> Iterator[Found]:
    """One record, kind, way, owner and instant, with a time of day, under several ids."""
    when, kind = snapshot.ints("activities", "occurred_at"), snapshot.words("activities", "kind").codes
    timed = (snapshot.zone.local(when) % DAY != 0) & (when % DAY != 0)
    names = ("direction", "opportunity_id", "lead_id", "contact_id", "account_id", "owner_id", "outcome")
    rest = [snapshot.words("activities", name).codes + 1 for name in names]
    due, recorded = (snapshot.ints("activities", name) for name in ("due_at", "recorded_at"))
    booked = np.where((due == MISSING) | (recorded == MISSING), 0, recorded)  # two plans may be due at one time
    judged = timed & np.any(rest[1:5], axis=0)
    judged &= grouped(np.where(judged, when, -1)).sizes > 1  # most instants are alone: spares the other keys
    groups = grouped(np.where(judged, when, -1), kind, *rest, np.where(due == MISSING, 0, due), booked)
    yield _surplus(snapshot, "activities", groups)


_MERGE = (
    "Merge them in the CRM, exporting merged_into: their past business then counts as one customer's.",
    "Fusionnez-les dans le CRM en exportant merged_into : leur passé comptera comme celui d'un seul client.",
)

CHECKS = (
    Check(
        "same_company_number", "suspect", ("accounts",), _same_number,
        ("with the company number of another", "avec le numéro d'entreprise d'un autre"), _MERGE,
    ),
    Check(
        "same_company_name", "suspect", ("accounts",), _same_name,
        ("named as another, but for case, accents or legal form, and nothing tells them apart",
         "de même nom qu'un autre, à la casse, aux accents ou à la forme juridique près, sans rien qui les distingue"),
        _MERGE,
    ),
    Check(
        "same_company_domain", "worth knowing", ("accounts",), _same_domain,
        ("with the web domain of another: a group's companies, or one entered twice",
         "avec le domaine web d'un autre : sociétés d'un groupe, ou saisie double"),
        ("Merge those that are one company; leave subsidiaries as they are.",
         "Fusionnez celles qui n'en font qu'une ; laissez les filiales telles quelles."),
    ),
    Check(
        "same_person", "suspect", ("contacts",), _same_person,
        ("the same person as another: by e-mail, or by account, phone and title",
         "même personne qu'un autre : par adresse, ou par compte, téléphone et fonction"), _MERGE,
    ),
    Check(
        "shared_address", "worth knowing", ("contacts",), _shared_address,
        ("with an e-mail address that five contacts or more share (up to {most})",
         "avec une adresse que cinq contacts ou plus partagent (jusqu'à {most})"),
        ("Keep shared mailboxes on the account; a reply to one cannot be told from a reply to another.",
         "Mettez les boîtes partagées sur le compte ; on ne sait à qui attribuer une réponse."),
    ),
    Check(
        "same_lead", "suspect", ("leads",), _same_lead,
        ("from an address that made another lead within the week before",
         "d'une adresse déjà à l'origine d'une piste dans la semaine précédente"),
        ("Have the form or the CRM merge them; twice the same person counts as two chances.",
         "Faites-les fusionner par le formulaire ou le CRM ; une personne deux fois compte pour deux chances."),
    ),
    Check(
        "same_deal", "suspect", ("opportunities",), _same_deal,
        ("of the same customer, name, product and amount as one made in the month before",
         "de même client, nom, produit et montant qu'une autre créée dans le mois précédent"),
        ("Merge or delete the copy (export merged_into or deleted_at): it doubles the pipeline.",
         "Fusionnez ou supprimez la copie (exportez merged_into ou deleted_at) : elle double le portefeuille."),
    ),
    Check(
        "same_activity", "suspect", ("activities",), _same_activity,
        ("the same activity again under another id: same record, kind, owner and instant",
         "même activité sous un autre identifiant : même enregistrement, type, commercial et instant"),
        ("Look for two connectors that log the same mail or call, and stop one.",
         "Cherchez deux connecteurs qui enregistrent le même message ou appel, et arrêtez-en un."),
    ),
)  # fmt: skip
