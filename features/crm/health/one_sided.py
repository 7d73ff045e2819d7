"""Ends of one kind only: next to no loss, next to no win, leads never given up or never converted."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools
from features.crm.health.check import Check, Found
from features.crm.health.snapshot import ENDS, Snapshot, label
from features.crm.health.statistics import ALARM, at_least


def _beyond(
    snapshot: Snapshot, table: str, ended: Bools, these: Bools, share: float, highest: float
) -> Iterator[Found]:
    """Processes where more than `share` of the ended are these, and the true share is surely above `highest`."""
    process = snapshot.words(table, "process")
    codes = np.unique(process.codes[ended]).tolist()
    for code in codes:
        mine = ended & (process.codes == code)
        count, of = int((mine & these).sum()), int(mine.sum())
        if count > share * of and at_least(count, of, highest) < ALARM / len(codes):
            name = label(process.words[code] if code >= 0 else None)
            yield snapshot.found(table, mine & these, mine, process=name)


def _decided(snapshot: Snapshot) -> Bools:
    return snapshot.live("opportunities") & (snapshot.words("opportunities", "outcome").codes >= 0)


def _too_good(snapshot: Snapshot) -> Iterator[Found]:
    yield from _beyond(snapshot, "opportunities", _decided(snapshot), snapshot.won(), 0.9, 0.8)


def _hardly_won(snapshot: Snapshot) -> Iterator[Found]:
    yield from _beyond(snapshot, "opportunities", _decided(snapshot), snapshot.lost(), 0.99, 0.98)


def _ends(snapshot: Snapshot) -> tuple[Bools, Bools]:
    """The live leads that have a date of conversion, and those that have one of refusal."""
    converted, refused = (snapshot.ints("leads", name) != MISSING for name in ENDS["leads"])
    return snapshot.live("leads") & converted, snapshot.live("leads") & refused


def _never_refused(snapshot: Snapshot) -> Iterator[Found]:
    """Leads that end only by converting: hardly any is ever given up."""
    converted, refused = _ends(snapshot)
    ended = converted | refused
    count, of = int((ended & ~refused).sum()), int(ended.sum())
    if count > 0.95 * of and at_least(count, of, 0.9) < ALARM:
        yield snapshot.found("leads", ended & ~refused, ended)


def _never_converted(snapshot: Snapshot) -> Iterator[Found]:
    """Leads that end only by being given up: no date of conversion, and no deal that names them."""
    converted, refused = _ends(snapshot)
    deal = snapshot.places(snapshot.words("opportunities", "lead_id"), "leads")
    converted[deal[deal >= 0]] = True
    ended = snapshot.live("leads") & (converted | refused)
    yield from _beyond(snapshot, "leads", ended, ~converted, 0.995, 0.99)


CHECKS = (
    Check(
        "too_good", "wrong", ("opportunities",), _too_good,
        ("closed in the process {process} were won: losses are probably not recorded",
         "closes dans le processus {process} sont gagnées : les pertes ne sont sans doute pas enregistrées"),
        ("Have losses closed as lost, and export archived and deleted ones too (Odoo hides lost leads as archived).",
         "Faites clore les pertes comme telles, et exportez aussi archivées et supprimées (Odoo archive les pertes)."),
        "binomial: no healthy process wins over 80 %; false alarms at most 1 in 1,000 stores",
        above="over 90%",
    ),
    Check(
        "hardly_won", "wrong", ("opportunities",), _hardly_won,
        ("closed in the process {process} were lost: wins were probably filtered out",
         "closes dans le processus {process} sont perdues : les gains ont sans doute été filtrés"),
        ("Export the won deals too: look for a filter on open or lost, or for wins moved to orders or contracts.",
         "Exportez aussi les gagnées : cherchez un filtre, ou des gains déplacés vers commandes ou contrats."),
        "binomial: a healthy process wins 2 % or more of what it closes; false alarms at most 1 in 1,000 stores",
        above="over 99%, of 342 and more",
    ),
    Check(
        "leads_never_refused", "suspect", ("leads",), _never_refused,
        ("that ended by converting: hardly any is marked as given up",
         "closes par conversion : presque aucune n'est marquée comme abandonnée"),
        ("Fill disqualified_at when a lead is given up: otherwise it stays open, and looks like a fresh one.",
         "Renseignez disqualified_at à l'abandon : sinon la piste reste ouverte, et passe pour une nouvelle."),
        "binomial: of healthy leads that ended at most 90 % converted; false alarms at most 1 in 1,000 stores",
        above="over 95%",
    ),
    Check(
        "leads_never_converted", "suspect", ("leads", "opportunities"), _never_converted,
        ("ended in the process {process} without converting: those that did were probably filtered out",
         "closes dans le processus {process} sans conversion : les converties ont sans doute été filtrées"),
        ("Export converted leads too (many CRMs hide them), with converted_at or the lead_id of their deal.",
         "Exportez aussi les pistes converties (souvent masquées), avec converted_at ou le lead_id de l'affaire."),
        "binomial: of healthy leads that ended at least 1 % converted; false alarms at most 1 in 1,000 stores",
        above="over 99.5%, of 688 and more",
    ),
)  # fmt: skip
