"""Activities that no work explains: after the end, long before the beginning, in bursts; and records without any."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Ints
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import DAY, Snapshot

BURST = 50
ENOUGH = 50
HUMAN = ("email", "call", "sms", "chat", "meeting", "quote")
EARLY = 90 * DAY


def _by_deal(snapshot: Snapshot) -> tuple[Ints, Ints]:
    """The deal each activity is tied to (-1: none), and when it happened."""
    deal = snapshot.places(snapshot.words("activities", "opportunity_id"), "opportunities")
    return deal, snapshot.ints("activities", "occurred_at")


def _with_people(snapshot: Snapshot) -> Bools:
    """The activities that a person had with the customer: no task, note or visit."""
    kind = snapshot.words("activities", "kind")
    return np.isin(kind.codes, [kind.words.index(word) for word in HUMAN if word in kind.words])


def _after_close(snapshot: Snapshot) -> Iterator[Found]:
    """Work with people more than a month after their deal was lost, on more than one lost deal in twenty."""
    deal, when = _by_deal(snapshot)
    closed = np.append(np.where(snapshot.lost(), snapshot.ints("opportunities", "closed_at"), MISSING), MISSING)[deal]
    late = _with_people(snapshot) & (closed != MISSING) & (when > closed + 30 * DAY)
    deals, lost = np.unique(deal[late]), snapshot.lost()
    if len(deals) > max(0.05 * lost.sum(), 3):
        yield snapshot.named("opportunities", deals, int(lost.sum()))


def _before_creation(snapshot: Snapshot) -> Iterator[Found]:
    """More than a quarter of the deals with activities had one more than a week before they were created."""
    deal, when = _by_deal(snapshot)
    created = np.append(snapshot.ints("opportunities", "created_at"), MISSING)[deal]
    early = (created != MISSING) & (when < created - 7 * DAY)
    deals, worked = np.unique(deal[early]), np.unique(deal[deal >= 0])
    if len(worked) >= ENOUGH and len(deals) > len(worked) / 4:
        yield snapshot.named("opportunities", deals, len(worked))


def _too_early(snapshot: Snapshot) -> Iterator[Found]:
    """Deals whose first activity came more than EARLY after creation, where that is more than one in ten."""
    deal, when = _by_deal(snapshot)
    count = snapshot.count("opportunities")
    first = np.full(count + 1, np.iinfo(np.int64).max)
    recorded = snapshot.ints("activities", "recorded_at")
    np.minimum.at(first, deal, np.where(recorded == MISSING, when, np.minimum(when, recorded)))
    worked = first[:count] < np.iinfo(np.int64).max
    created = snapshot.ints("opportunities", "created_at")
    rows = worked & (np.where(worked, first[:count], created) - created > EARLY)
    if worked.sum() >= ENOUGH and rows.sum() > 0.1 * worked.sum():
        yield snapshot.found("opportunities", rows, worked)


def _burst(snapshot: Snapshot) -> Iterator[Found]:
    """One owner with BURST activities of a kind and more in one minute; those at midnight have no minute."""
    owner, kind = snapshot.words("activities", "owner_id").codes, snapshot.words("activities", "kind").codes
    when = snapshot.ints("activities", "occurred_at")
    minute = when // (DAY // 1440)
    timed = (snapshot.zone.local(when) % DAY != 0) & (when % DAY != 0)
    groups = grouped(np.where(timed, minute, -1), owner, kind)
    yield snapshot.found("activities", groups.sizes >= BURST, most=int(groups.size.max(initial=0)))


def _touched(snapshot: Snapshot, table: str, column: str) -> Bools:
    places = snapshot.places(snapshot.words("activities", column), table)
    touched = np.zeros(snapshot.count(table) + 1, bool)
    touched[places] = True
    return touched[:-1]


def _untouched_leads(snapshot: Snapshot) -> Iterator[Found]:
    """Leads older than a week with no mail, call or meeting, either way; silent where no lead has any."""
    people = _with_people(snapshot)
    places = np.where(people, snapshot.places(snapshot.words("activities", "lead_id"), "leads"), -1)
    touched = np.zeros(snapshot.count("leads") + 1, bool)
    touched[places] = True
    old = snapshot.live("leads") & (snapshot.ints("leads", "created_at") < snapshot.until - 7 * DAY)
    rows = old & ~touched[:-1]
    if (places >= 0).any() and rows.sum() > 0.2 * old.sum():
        yield snapshot.found("leads", rows, old)


def _untouched_deals(snapshot: Snapshot) -> Iterator[Found]:
    """Open deals older than a month without any activity; silent where no deal has any."""
    touched = _touched(snapshot, "opportunities", "opportunity_id")
    still = snapshot.open("opportunities")
    old = still & (snapshot.ints("opportunities", "created_at") < snapshot.until - 30 * DAY)
    rows = old & ~touched
    if touched.any() and rows.sum() > 0.1 * old.sum():
        yield snapshot.found("opportunities", rows, old)


def _forgotten(snapshot: Snapshot) -> Iterator[Found]:
    """Plans due more than a quarter ago, neither done nor cancelled, where these are more than one in three."""
    due, done = (snapshot.ints("activities", name) for name in ("due_at", "done_at"))
    past = (due != MISSING) & (due < snapshot.until - EARLY)
    rows = past & (done == MISSING) & (snapshot.words("activities", "outcome").codes < 0)
    if past.sum() >= ENOUGH and rows.sum() > past.sum() / 3:
        yield snapshot.found("activities", rows, past)


_DEALS = ("activities", "opportunities")

CHECKS = (
    Check(
        "worked_after_loss", "suspect", _DEALS, _after_close,
        ("lost, and mails, calls or meetings went on more than a month later",
         "perdues, avec des messages, appels ou rendez-vous plus d'un mois après"),
        ("Reopen those that live, or tie the activities to the new deal.",
         "Rouvrez celles qui vivent encore, ou rattachez ces activités à la nouvelle affaire."),
        above="over 5% of the lost, and over 3",
    ),
    Check(
        "entered_late", "suspect", _DEALS, _before_creation,
        ("worked for more than a week before they were created: entered late",
         "travaillées plus d'une semaine avant leur création : saisies tard"),
        ("Create the deal when it begins: a score at creation otherwise only sees the survivors.",
         "Créez l'affaire à son début : un score à la création ne voit sinon que les survivantes."),
        above="over a quarter of 50 and more",
    ),
    Check(
        "entered_early", "suspect", _DEALS, _too_early,
        ("without any activity for the first three months: entered long before there was a deal",
         "sans aucune activité durant les trois premiers mois : saisies bien avant qu'il y ait affaire"),
        ("Keep such ideas as leads, or in a dormant stage, until somebody works them.",
         "Gardez ces idées comme pistes, ou dans une étape en sommeil, jusqu'à ce qu'on y travaille."),
        above="over 10% of 50 and more",
    ),
    Check(
        "activity_bursts", "worth knowing", ("activities",), _burst,
        ("fifty and more of one owner in one minute (up to {most}): a mailing or a program, not a person at work",
         "cinquante et plus d'un même commercial dans la minute (jusqu'à {most}) : un envoi ou un programme"),
        ("Leave mailings out of activities.csv, or without owner: they would pass for attention paid to the customer.",
         "Laissez les envois en masse hors de activities.csv, ou sans commercial : ils passeraient pour du suivi."),
    ),
    Check(
        "leads_never_touched", "suspect", ("activities", "leads"), _untouched_leads,
        ("older than a week, and nobody ever wrote, called or met them",
         "de plus d'une semaine, jamais contactée{s} par écrit, appel ou rendez-vous"),
        ("Call them, or find where calls and mails are logged: a score cannot tell neglect from no interest.",
         "Contactez-les, ou cherchez où sont tracés appels et messages : le score confond oubli et désintérêt."),
        above="over 20%",
    ),
    Check(
        "deals_never_touched", "suspect", _DEALS, _untouched_deals,
        ("open for more than a month without any activity", "ouverte{s} depuis plus d'un mois sans aucune activité"),
        ("Ask their owners; if work is logged elsewhere, import it as activities.csv.",
         "Demandez aux commerciaux ; si le suivi est tracé ailleurs, importez-le dans activities.csv."),
        above="over 10%",
    ),
    Check(
        "plans_forgotten", "worth knowing", ("activities",), _forgotten,
        ("planned, three months overdue, and neither done nor cancelled",
         "prévues, échues depuis trois mois, ni faites ni annulées"),
        ("Close old tasks in the CRM, or export done_at: every open one counts as a broken promise.",
         "Soldez les vieilles tâches, ou exportez done_at : chacune compte comme une promesse non tenue."),
        above="over a third of 50 and more",
    ),
)  # fmt: skip
