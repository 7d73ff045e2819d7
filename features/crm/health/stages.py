"""Stages: those a process does not have, those nobody uses, and those that were given another name on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Ints, Words, one_vocabulary
from features.crm.health.check import Check, Found
from features.crm.health.groups import Groups, grouped
from features.crm.health.snapshot import DAY, Snapshot, is_word, label
from features.crm.health.statistics import ALARM, first_before_second

SAME_DAYS = 14 * DAY
FEWEST = 5


def _listed(snapshot: Snapshot) -> tuple[Words, Words, Words, Words]:
    """The processes and stages of the deals and of the list, each coded alike."""
    deals = [snapshot.words("opportunities", name) for name in ("process", "stage")]
    listed = [snapshot.words("stages", name) for name in ("process", "stage")]
    (process, its_process), (stage, its_stage) = (one_vocabulary(*pair) for pair in zip(deals, listed, strict=True))
    return process, stage, its_process, its_stage


def _keys(process: Words, stage: Words) -> Ints:
    """One number per (process, stage); -1 where one is missing."""
    pair = process.codes.astype(np.int64) * (len(stage.words) + 1) + stage.codes
    return np.where((process.codes < 0) | (stage.codes < 0), -1, pair)


def _unlisted(snapshot: Snapshot) -> Iterator[Found]:
    process, stage, its_process, its_stage = _listed(snapshot)
    deals, listed = _keys(process, stage), _keys(its_process, its_stage)
    known = np.isin(process.codes, its_process.codes) & (deals >= 0)
    for key in np.unique(deals[known & ~np.isin(deals, listed)]).tolist():
        rows = deals == key
        first = int(np.flatnonzero(rows)[0])
        its, name = (label(column.words[column.codes[first]]) for column in (process, stage))
        yield snapshot.found("opportunities", rows, known, process=its, stage=name)


def _without_stages(snapshot: Snapshot) -> Iterator[Found]:
    process, stage, its_process, _ = _listed(snapshot)
    rows = (process.codes >= 0) & (stage.codes >= 0) & ~np.isin(process.codes, its_process.codes)
    for code in np.unique(process.codes[rows]).tolist():
        yield snapshot.found("opportunities", rows & (process.codes == code), process=label(process.words[code]))


def _never_used(snapshot: Snapshot) -> Iterator[Found]:
    """Listed open stages in which no deal is, nor by its changes ever was."""
    _, stage, _, its_stage = _listed(snapshot)
    field, entity = snapshot.words("changes", "field"), snapshot.words("changes", "entity")
    moves = is_word(field, "stage") & is_word(entity, "opportunity")
    visited = {stage.words[code] for code in np.unique(stage.codes[stage.codes >= 0])}
    for name in ("old", "new"):
        visited |= {word or "" for word in snapshot.words("changes", name).take(moves).tolist()}
    used = np.array([word in visited for word in its_stage.tolist()], bool)
    if (stage.codes >= 0).any():
        kind = snapshot.words("stages", "kind")
        yield snapshot.found("stages", ~used & ~is_word(kind, "won") & ~is_word(kind, "lost"))


def _same_place(snapshot: Snapshot) -> Iterator[Found]:
    process, stage = snapshot.words("stages", "process"), snapshot.words("stages", "stage")
    place = np.asarray(snapshot.numbers("stages", "position"), np.float64)
    active = snapshot.ints("stages", "active_until") == MISSING
    opened = active & (is_word(snapshot.words("stages", "kind"), "open") | (snapshot.words("stages", "kind").codes < 0))
    groups = grouped(np.where(opened, process.codes, -1), np.unique(place, return_inverse=True)[1])
    firsts = stage.take(groups.firsts)
    yield snapshot.found("stages", groups.repeats, opened, other=firsts)


def _no_stage(snapshot: Snapshot) -> Iterator[Found]:
    stage, still = snapshot.words("opportunities", "stage"), snapshot.open("opportunities")
    if (stage.codes >= 0).any():
        yield snapshot.found("opportunities", still & (stage.codes < 0), still)


def _retired(snapshot: Snapshot) -> Iterator[Found]:
    process, stage, its_process, its_stage = _listed(snapshot)
    until = snapshot.ints("stages", "active_until")
    gone = _keys(its_process, its_stage)[(until != MISSING) & (until < snapshot.until)]
    still, deals = snapshot.open("opportunities"), _keys(process, stage)
    yield snapshot.found("opportunities", still & np.isin(deals, gone) & (deals >= 0), still)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Entries of deals into stages by a move: the (process, stage) group, the instant, the stage left, the deal."""

    group: Groups
    when: Ints
    left: Words
    deal: Ints
    process: Words
    stage: Words


def _entries(snapshot: Snapshot) -> _Entries:
    field, entity = snapshot.words("changes", "field"), snapshot.words("changes", "entity")
    rows = np.flatnonzero(is_word(field, "stage") & is_word(entity, "opportunity"))
    deal = snapshot.places(snapshot.words("changes", "entity_id").take(rows), "opportunities")
    rows, deal = rows[deal >= 0], deal[deal >= 0]
    process = snapshot.words("opportunities", "process").take(deal)
    stage = snapshot.words("changes", "new").take(rows)
    when, left = snapshot.ints("changes", "occurred_at")[rows], snapshot.words("changes", "old").take(rows)
    return _Entries(grouped(process.codes.astype(np.int64) + 1, stage.codes), when, left, deal, process, stage)


def _renamed(snapshot: Snapshot) -> Iterator[Found]:
    """A stage last entered within days of another's first entry, both coming after the same stage."""
    entries = _entries(snapshot)
    groups, count = entries.group, len(entries.group.size)
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, MISSING)
    there = groups.code >= 0
    np.minimum.at(first, groups.code[there], entries.when[there])
    np.maximum.at(last, groups.code[there], entries.when[there])
    said = _replaced(snapshot)
    process = entries.process.codes[groups.first]
    pairs = max(count * (count - 1), 1)
    for a, b in np.argwhere((process[:, None] == process[None, :]) & (last[:, None] < first[None, :])).tolist():
        near = first[b] - last[a] <= SAME_DAYS and min(groups.size[a], groups.size[b]) >= FEWEST
        if not near or first_before_second(int(groups.size[a]), int(groups.size[b])) * pairs > ALARM:
            continue
        old, new = (entries.stage.words[entries.stage.codes[groups.first[group]]] for group in (a, b))
        if _usually_left(entries, a) == _usually_left(entries, b) and (old, new) not in said:
            deals = np.unique(entries.deal[groups.code == a])
            yield snapshot.named(
                "opportunities", deals, len(np.unique(entries.deal)), old=label(old), new=label(new),
                day=snapshot.day_name(int(first[b])),
            )  # fmt: skip


def _usually_left(entries: _Entries, group: int) -> int:
    """The code of the stage that most entries into a group come from."""
    codes = entries.left.codes[entries.group.code == group]
    return int(np.argmax(np.bincount(codes + 1))) - 1


def _replaced(snapshot: Snapshot) -> set[tuple[str | None, str | None]]:
    names = (snapshot.words("stages", name).tolist() for name in ("replaces", "stage"))
    return set(zip(*names, strict=True))


def _skipped_all(snapshot: Snapshot) -> Iterator[Found]:
    """Deals all of whose moves, at least two, were entered within the same minute."""
    entries = _entries(snapshot)
    if not len(entries.deal):
        return
    by_deal = grouped(entries.deal)
    low = np.full(len(by_deal.size), np.iinfo(np.int64).max)
    high = np.full(len(by_deal.size), MISSING)
    np.minimum.at(low, by_deal.code, entries.when)
    np.maximum.at(high, by_deal.code, entries.when)
    batch = (by_deal.size >= 2) & (high - low < DAY // 1440)
    several = int((by_deal.size >= 2).sum())
    if batch.sum() > 0.1 * several:
        yield snapshot.named("opportunities", np.sort(entries.deal[by_deal.first[batch]]), several)


CHECKS = (
    Check(
        "stage_not_in_process", "wrong", ("opportunities", "stages"), _unlisted,
        ("in the stage \"{stage}\", which the process {process} does not list",
         "dans l'étape « {stage} », que le processus {process} ne connaît pas"),
        ("Add it to stages.csv with its position and kind, or correct the deals.",
         "Ajoutez-la à stages.csv avec sa position et son kind, ou corrigez les affaires."),
    ),
    Check(
        "process_without_stages", "suspect", ("opportunities", "stages"), _without_stages,
        ("in the process {process}, which has no stages listed",
         "dans le processus {process}, dont aucune étape n'est décrite"),
        ("List its stages in stages.csv: without positions, moves forward and back cannot be told apart.",
         "Décrivez ses étapes dans stages.csv : sans position, avancer et reculer se confondent."),
    ),
    Check(
        "stage_never_used", "worth knowing", ("stages", "opportunities", "changes"), _never_used,
        ("no deal is or ever was in them", "aucune affaire n'y est ni n'y fut jamais"),
        ("Nothing to do; take them off the process if it is not meant.",
         "Rien à faire ; retirez-les du processus si ce n'est pas voulu."),
    ),
    Check(
        "stages_at_one_place", "suspect", ("stages",), _same_place,
        ("open stages at the same position as another of their process",
         "étape{s} ouverte{s} à la même position qu'une autre de leur processus"),
        ("Number them in order in stages.csv; give a stage that is no more its active_until and replaces.",
         "Numérotez-les dans l'ordre dans stages.csv ; donnez active_until et replaces à l'étape qui n'est plus."),
    ),
    Check(
        "open_without_stage", "suspect", ("opportunities",), _no_stage,
        ("open, without a stage", "ouverte{s}, sans étape"),
        ("Fill the stage in the CRM: without it a score knows little more than the base rate.",
         "Renseignez l'étape dans le CRM : sans elle, le score n'en sait guère plus que la moyenne."),
    ),
    Check(
        "retired_stage", "suspect", ("opportunities", "stages"), _retired,
        ("open in a stage that was retired", "ouverte{s} dans une étape retirée"),
        ("Move them to the stage that replaces it.", "Passez-les dans l'étape qui la remplace."),
    ),
    Check(
        "stage_renamed", "wrong", ("opportunities", "stages", "changes"), _renamed,
        ("went through \"{old}\", last entered when \"{new}\" first was ({day}): one stage under two names",
         "passée{s} par « {old} », quittée quand « {new} » parut ({day}) : une étape sous deux noms"),
        ("Add the old name to stages.csv with its active_until, and `replaces` on the new one.",
         "Ajoutez l'ancien nom à stages.csv avec active_until, et `replaces` sur le nouveau."),
        "of two stages used throughout, one comes wholly before the other with chance 1/C(n+m, n), over all pairs; "
        "false alarms at most 1 in 1,000",
    ),
    Check(
        "moves_in_batch", "suspect", ("opportunities", "changes"), _skipped_all,
        ("moved through all of their stages within one minute: entered afterwards, or by a program",
         "passée{s} par toutes les étapes en une minute : saisie{s} après coup, ou par un programme"),
        ("Ask for stages to be moved when they are reached; times in stage mean nothing for these.",
         "Faites passer les étapes quand elles sont atteintes ; leurs durées par étape ne disent rien."),
        above="over 10% of those with two moves and more",
    ),
)  # fmt: skip
