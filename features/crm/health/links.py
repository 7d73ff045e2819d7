"""Rows that name others: nobody, themselves in a circle, or somebody who belongs elsewhere."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from features.columns import MISSING, Bools, Codes, Ints, Words, one_vocabulary
from features.crm.health.check import Check, Found
from features.crm.health.snapshot import DAY, Snapshot

REFERENCES = {
    "account_id": "accounts", "contact_id": "contacts", "lead_id": "leads", "opportunity_id": "opportunities",
    "owner_id": "owners", "manager_id": "owners",
}  # fmt: skip
NAMING = {
    "contacts": ("account_id",), "leads": ("account_id", "contact_id", "opportunity_id", "owner_id"),
    "opportunities": ("account_id", "contact_id", "lead_id", "owner_id"), "roles": ("opportunity_id", "contact_id"),
    "owners": ("manager_id",), "quotas": ("owner_id",),
    "activities": ("lead_id", "contact_id", "account_id", "opportunity_id"),
}  # fmt: skip
ENTITIES = {
    "lead": "leads", "opportunity": "opportunities", "account": "accounts", "contact": "contacts", "owner": "owners",
}  # fmt: skip
ENOUGH = 20


def _dangling(snapshot: Snapshot, tables: tuple[str, ...]) -> Iterator[Found]:
    """Rows that name a row of a table that has rows, but not that one."""
    for table in tables:
        for column in NAMING[table]:
            target = REFERENCES[column]
            if snapshot.count(target):
                named = snapshot.words(table, column)
                told = named.codes >= 0
                rows = told & (snapshot.places(named, target) < 0)
                yield snapshot.found(table, rows, told, other=named, column=column)


def _unknown_changed(snapshot: Snapshot) -> Iterator[Found]:
    """Changes of records that are not here, of tables that are."""
    entity, ids = snapshot.words("changes", "entity"), snapshot.words("changes", "entity_id")
    rows, told = np.zeros(len(ids), bool), np.zeros(len(ids), bool)
    for name, table in ENTITIES.items():
        if snapshot.count(table) and name in entity.words:
            mine = np.flatnonzero(entity.codes == entity.words.index(name))
            told[mine] = True
            rows[mine] = snapshot.places(ids.take(mine), table) < 0
    yield snapshot.found("changes", rows, told)


def _merged_nowhere(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("leads", "opportunities"):
        into = snapshot.words(table, "merged_into")
        merged = into.codes >= 0
        yield snapshot.found(table, merged & (snapshot.places(into, table) < 0), merged, other=into)


def in_circle(to: Ints) -> Bools:
    """The positions that lead back to themselves, each naming at most one other (-1: none).

    >>> in_circle(np.array([1, 2, 1, -1, 3])).tolist()
    [False, True, True, False, False]
    """
    naming = np.ones(len(to), bool)
    while True:  # take away, again and again, those that nobody left names or that name nobody left
        named = np.zeros(len(to), bool)
        named[to[naming & (to >= 0)]] = True
        kept = naming & named & (to >= 0) & naming[to]
        if kept.sum() == naming.sum():
            return kept
        naming = kept


def _merged_in_circle(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("leads", "opportunities"):
        into = snapshot.words(table, "merged_into")
        yield snapshot.found(table, in_circle(snapshot.places(into, table)), into.codes >= 0, other=into)


def _managers(snapshot: Snapshot) -> Iterator[Found]:
    manager = snapshot.words("owners", "manager_id")
    yield snapshot.found("owners", in_circle(snapshot.places(manager, "owners")), other=manager)


def _through(column: Words, places: Ints) -> Codes:
    """A column's codes at these positions; -1 where there is none."""
    return np.append(column.codes, np.int32(-1))[places]


def _elsewhere(snapshot: Snapshot, link: str, table: str) -> Iterator[Found]:
    """Deals whose lead or contact names another account than they do."""
    own, theirs = one_vocabulary(snapshot.words("opportunities", "account_id"), snapshot.words(table, "account_id"))
    there = _through(theirs, snapshot.places(snapshot.words("opportunities", link), table))
    told = (own.codes >= 0) & (there >= 0)
    other = snapshot.words("opportunities", link)
    yield snapshot.found("opportunities", told & (own.codes != there), told, other=other)


def _disagree(snapshot: Snapshot) -> Iterator[Found]:
    """Leads that name a deal which names another lead."""
    named = snapshot.words("leads", "opportunity_id")
    place = snapshot.places(named, "opportunities")
    back = np.append(snapshot.places(snapshot.words("opportunities", "lead_id"), "leads"), -1)[place]
    told = (place >= 0) & (back >= 0)
    yield snapshot.found("leads", told & (back != np.arange(len(back))), told, other=named)


def _converted_to_nothing(snapshot: Snapshot) -> Iterator[Found]:
    """Converted leads that name no deal and that no deal names; nothing is said where no lead ever does."""
    converted = snapshot.live("leads") & (snapshot.ints("leads", "converted_at") != MISSING)
    linked = snapshot.words("leads", "opportunity_id").codes >= 0
    by_deal = snapshot.places(snapshot.words("opportunities", "lead_id"), "leads")
    linked[by_deal[by_deal >= 0]] = True
    if (converted & linked).any():
        yield snapshot.found("leads", converted & ~linked, converted)


def _same_second(snapshot: Snapshot) -> Iterator[Found]:
    """Most deals of leads made in the very second of their lead."""
    place = snapshot.places(snapshot.words("opportunities", "lead_id"), "leads")
    born = np.append(snapshot.ints("leads", "created_at"), MISSING)[place]
    led = place >= 0
    rows = led & (np.abs(np.where(led, snapshot.ints("opportunities", "created_at") - born, DAY)) < 1_000_000)
    if led.sum() >= ENOUGH and rows.sum() > led.sum() / 2:
        yield snapshot.found("opportunities", rows, led, other=snapshot.words("opportunities", "lead_id"))


def _nobodys(snapshot: Snapshot) -> Iterator[Found]:
    names = ("account_id", "contact_id", "lead_id")
    rows = np.all([snapshot.words("opportunities", name).codes < 0 for name in names], axis=0)
    if not rows.all():
        yield snapshot.found("opportunities", rows)


def _without_account(snapshot: Snapshot) -> Iterator[Found]:
    yield snapshot.found("contacts", snapshot.words("contacts", "account_id").codes < 0)


def _of_nothing(snapshot: Snapshot) -> Iterator[Found]:
    names = ("lead_id", "contact_id", "account_id", "opportunity_id")
    yield snapshot.found("activities", np.all([snapshot.words("activities", n).codes < 0 for n in names], axis=0))


_ORPHAN = (
    ("{column} names a record that is not here", "{column} désigne un enregistrement absent"),
    ("Import that table too, or mend its quarantined rows; deleted records should be exported with deleted_at.",
     "Importez aussi cette table, ou corrigez ses lignes mises de côté ; exportez les supprimés avec deleted_at."),
)  # fmt: skip
_RECORDS = tuple(table for table in NAMING if table != "activities")

CHECKS = (
    Check("orphan_rows", "wrong", (*_RECORDS, "accounts"), partial(_dangling, tables=_RECORDS), *_ORPHAN),
    Check(
        "orphan_activities", "wrong", ("activities", "leads", "contacts", "accounts", "opportunities"),
        partial(_dangling, tables=("activities",)), *_ORPHAN,
    ),
    Check(
        "orphan_changes", "wrong", ("changes", *ENTITIES.values()), _unknown_changed,
        ("of a record that is not here", "d'un enregistrement absent"), _ORPHAN[1],
    ),
    Check(
        "activities_of_nothing", "suspect", ("activities",), _of_nothing,
        ("tied to no lead, deal, contact or account: no score sees them",
         "sans lien à une piste, une affaire, un contact ou un compte : aucun score n'en tient compte"),
        ("Export the link to the record, or match the e-mail address in the CRM.",
         "Exportez le lien vers l'enregistrement, ou rapprochez par l'adresse dans le CRM."),
    ),
    Check(
        "merged_nowhere", "wrong", ("leads", "opportunities"), _merged_nowhere,
        ("merged into a record that is not here", "fusionnée{s} dans un enregistrement absent"),
        ("Export the record that survived the merge.", "Exportez l'enregistrement issu de la fusion."),
    ),
    Check(
        "merged_in_circle", "wrong", ("leads", "opportunities"), _merged_in_circle,
        ("merged into one another in a circle: none of them is left",
         "fusionnées les unes dans les autres en cercle : il n'en reste aucune"),
        ("Empty merged_into of the one that lives on.", "Videz merged_into de celle qui subsiste."),
    ),
    Check(
        "managers_in_circle", "wrong", ("owners",), _managers,
        ("their managers lead back to themselves", "la chaîne des responsables ramène au point de départ"),
        ("Correct manager_id; sums by team would count them for ever.",
         "Corrigez manager_id ; les totaux par équipe tourneraient en rond."),
    ),
    Check(
        "lead_of_other_account", "suspect", ("opportunities", "leads"),
        partial(_elsewhere, link="lead_id", table="leads"),
        ("from a lead of another account", "issue{s} d'une piste d'un autre compte"),
        ("Correct the link, or merge the two accounts if they are the same company.",
         "Corrigez le lien, ou fusionnez les deux comptes s'il s'agit de la même société."),
    ),
    Check(
        "contact_of_other_account", "suspect", ("opportunities", "contacts"),
        partial(_elsewhere, link="contact_id", table="contacts"),
        ("whose contact belongs to another account", "dont le contact relève d'un autre compte"),
        ("Right for agencies and consultants; otherwise correct the contact's account.",
         "Normal pour un mandataire ; sinon corrigez le compte du contact."),
    ),
    Check(
        "lead_and_deal_disagree", "wrong", ("leads", "opportunities"), _disagree,
        ("name a deal that names another lead", "liée{s} à une affaire qui désigne une autre piste"),
        ("Keep one link a deal; the lead that the deal names counts.",
         "Gardez un lien par affaire ; la piste que l'affaire désigne compte."),
    ),
    Check(
        "converted_to_nothing", "suspect", ("leads", "opportunities"), _converted_to_nothing,
        ("converted, and no opportunity came of it", "convertie{s}, sans affaire qui en vienne"),
        ("Export lead_id of opportunities; without it a lead's chance to be won cannot be learned.",
         "Exportez lead_id des affaires ; sans lui, la chance qu'une piste soit gagnée ne s'apprend pas."),
    ),
    Check(
        "made_with_their_lead", "suspect", ("opportunities", "leads"), _same_second,
        ("made in the same second as their lead: one of the two was made up by a program",
         "créées à la même seconde que leur piste : l'une des deux est fabriquée par un programme"),
        ("Score the one that people work; conversion means nothing for these leads.",
         "Notez celle qui est travaillée ; la conversion ne veut rien dire pour ces pistes."),
        above="over half of 50 and more",
    ),
    Check(
        "deals_of_nobody", "suspect", ("opportunities",), _nobodys,
        ("without account, contact or lead", "sans compte, contact ni piste"),
        ("Link them to their customer: what was sold there before is among the best signs.",
         "Rattachez-les à leur client : ce qui y fut vendu est parmi les meilleurs signes."),
    ),
    Check(
        "contacts_without_account", "worth knowing", ("contacts",), _without_account,
        ("without an account: private persons, or links to fill",
         "sans compte : des particuliers, ou des liens à compléter"),
        ("Nothing to do for private persons; otherwise link them by e-mail domain in the CRM.",
         "Rien à faire pour des particuliers ; sinon rattachez-les par domaine d'adresse dans le CRM."),
    ),
)  # fmt: skip
