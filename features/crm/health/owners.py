"""Who works the records: nobody, somebody who left, one person for all; and quotas for people who are not there."""

from collections.abc import Iterator

import numpy as np

from features.calendar import Period
from features.columns import MISSING, Words
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import Snapshot, label

ENOUGH = 50


def _gone(snapshot: Snapshot, table: str) -> Iterator[Found]:
    """Open records whose owner is not active any more."""
    owner = snapshot.words(table, "owner_id")
    place = snapshot.places(owner, "owners")
    until = np.append(snapshot.ints("owners", "active_until"), MISSING)[place]
    still = snapshot.open(table)
    yield snapshot.found(table, still & (until != MISSING) & (until < snapshot.until), still, other=owner)


def _owner_gone(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("leads", "opportunities"):
        yield from _gone(snapshot, table)


def _no_owner(snapshot: Snapshot) -> Iterator[Found]:
    for table in ("leads", "opportunities"):
        owner, still = snapshot.words(table, "owner_id"), snapshot.open(table)
        if (owner.codes >= 0).any():
            yield snapshot.found(table, still & (owner.codes < 0), still)


def _one_for_all(snapshot: Snapshot) -> Iterator[Found]:
    """One owner of more than half of the deals among at least five owners."""
    owner = snapshot.words("opportunities", "owner_id")
    groups, owned = grouped(owner.codes), owner.codes >= 0
    if owned.sum() >= ENOUGH and len(groups.size) >= 5 and groups.size.max() > owned.sum() / 2:
        most = int(np.argmax(groups.size))
        name = label(owner.words[owner.codes[groups.first[most]]])
        yield snapshot.found("opportunities", groups.code == most, owned, owner=name)


def _no_team(snapshot: Snapshot) -> Iterator[Found]:
    team = snapshot.words("owners", "team")
    if (team.codes >= 0).any():
        yield snapshot.found("owners", team.codes < 0)


def _starts(snapshot: Snapshot, period: Words) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """The first instant of each period."""
    first = [Period.parse(word, snapshot.zone).start for word in period.words]
    return np.array([*first, MISSING], np.int64)[period.codes]


def _quota_of_gone(snapshot: Snapshot) -> Iterator[Found]:
    owner = snapshot.words("quotas", "owner_id")
    place = snapshot.places(owner, "owners")
    until = np.append(snapshot.ints("owners", "active_until"), MISSING)[place]
    starts = _starts(snapshot, snapshot.words("quotas", "period"))
    yield snapshot.found("quotas", (until != MISSING) & (starts >= until), owner.codes >= 0)


def _quota_of_nobody(snapshot: Snapshot) -> Iterator[Found]:
    """Quotas of owners who never owned a deal, while others of the same kind did."""
    owner = snapshot.words("quotas", "owner_id")
    deals = snapshot.words("opportunities", "owner_id")
    named = owner.codes >= 0
    owning = {deals.words[code] for code in np.unique(deals.codes[deals.codes >= 0])}
    idle = named & ~np.append(np.array([word in owning for word in owner.words], bool), True)[owner.codes]
    known = snapshot.places(owner, "owners") >= 0
    yield snapshot.found("quotas", idle & known, named)


CHECKS = (
    Check(
        "owner_gone", "suspect", ("leads", "opportunities", "owners"), _owner_gone,
        ("open, and their owner has left", "ouverte{s} alors que le commercial est parti"),
        ("Hand them over: nobody works them, and their scores read a person who is not there.",
         "Réattribuez-les : personne ne les suit, et leur score lit une personne absente."),
    ),
    Check(
        "no_owner", "suspect", ("leads", "opportunities"), _no_owner,
        ("open, and nobody's", "ouverte{s}, sans commercial"),
        ("Assign them; leads of nobody are rarely answered.",
         "Attribuez-les ; une piste sans suivi a rarement réponse."),
    ),
    Check(
        "one_owner_for_all", "worth knowing", ("opportunities",), _one_for_all,
        ("owned by {owner}, more than by all others together: perhaps an integration's user",
         "détenues par {owner}, plus que par tous les autres réunis : peut-être un utilisateur technique"),
        ("Export the person who works the deal, if the CRM knows it elsewhere.",
         "Exportez la personne qui suit l'affaire, si le CRM la connaît ailleurs."),
        above="over half of 50 and more, among five owners and more",
    ),
    Check(
        "owners_without_team", "worth knowing", ("owners",), _no_team,
        ("without a team, while others have one", "sans équipe, alors que d'autres en ont une"),
        ("Fill the team: an owner with few closings is judged by their team's.",
         "Renseignez l'équipe : qui a peu de clôtures est jugé par celles de son équipe."),
    ),
    Check(
        "quota_of_gone_owner", "suspect", ("quotas", "owners"), _quota_of_gone,
        ("for a period that begins after their owner left",
         "pour une période qui commence après le départ du commercial"),
        ("Give them to the successor: the team's quota still counts them.",
         "Donnez-les au successeur : l'objectif de l'équipe les compte encore."),
    ),
    Check(
        "quota_of_idle_owner", "worth knowing", ("quotas", "owners", "opportunities"), _quota_of_nobody,
        ("of owners who own no deal", "de commerciaux qui n'ont aucune affaire"),
        ("Check the owner's id in quotas; the deals may be under another.",
         "Vérifiez l'identifiant du commercial dans quotas ; ses affaires sont peut-être sous un autre."),
    ),
)  # fmt: skip
