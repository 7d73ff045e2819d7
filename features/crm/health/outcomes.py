"""How records end: outcomes without dates, stages that say otherwise, losses that were thrown away or not explained."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Words
from features.crm.health.check import Check, Found
from features.crm.health.groups import grouped
from features.crm.health.snapshot import DAY, Snapshot, is_word, label
from features.crm.health.statistics import ALARM, at_least, break_of

ENOUGH = 20


def _closed_without_outcome(snapshot: Snapshot) -> Iterator[Found]:
    closed, outcome = snapshot.ints("opportunities", "closed_at") != MISSING, snapshot.words("opportunities", "outcome")
    yield snapshot.found("opportunities", closed & (outcome.codes < 0), closed)


def _outcome_without_close(snapshot: Snapshot) -> Iterator[Found]:
    told, closed = snapshot.words("opportunities", "outcome").codes >= 0, snapshot.ints("opportunities", "closed_at")
    yield snapshot.found("opportunities", told & (closed == MISSING), told)


def stage_kinds(snapshot: Snapshot) -> Words:
    """The kind of each opportunity's stage, as `stages` tells it; missing where that lists no such stage."""
    names = ("process", "stage", "kind")
    rows = zip(*(snapshot.words("stages", name).tolist() for name in names), strict=True)
    kinds = {(process, stage): kind for process, stage, kind in rows}
    processes, stages = (snapshot.words("opportunities", name) for name in ("process", "stage"))
    pairs = grouped(processes.codes.astype(np.int64) + 1, stages.codes)
    told = [
        kinds.get((processes.tolist()[first], stages.words[stages.codes[first]]))
        if processes.codes[first] >= 0 else None
        for first in pairs.first.tolist()
    ]  # fmt: skip
    return Words.of([*told, None]).take(pairs.code)


def _stage_without_outcome(snapshot: Snapshot) -> Iterator[Found]:
    kind, outcome = stage_kinds(snapshot), snapshot.words("opportunities", "outcome")
    for word in ("won", "lost"):
        ended = is_word(kind, word)
        yield snapshot.found("opportunities", ended & ~is_word(outcome, word), ended, kind=word)


def _outcome_without_stage(snapshot: Snapshot) -> Iterator[Found]:
    kind, outcome = stage_kinds(snapshot), snapshot.words("opportunities", "outcome")
    told = (outcome.codes >= 0) & (kind.codes >= 0)
    still = told & (is_word(kind, "open") | is_word(kind, "dormant"))
    if still.sum() <= told.sum() / 2:  # more: this CRM leaves the last stage as it was, which is a way to do it
        yield snapshot.found("opportunities", still, told)


def _both_ends(snapshot: Snapshot) -> Iterator[Found]:
    converted, refused = (snapshot.ints("leads", name) != MISSING for name in ("converted_at", "disqualified_at"))
    yield snapshot.found("leads", converted & refused, converted | refused)


def _born_closed(snapshot: Snapshot) -> Iterator[Found]:
    created, closed = (snapshot.ints("opportunities", name) for name in ("created_at", "closed_at"))
    yield snapshot.found("opportunities", closed == created, closed != MISSING)


def _won_at_once(snapshot: Snapshot) -> Iterator[Found]:
    """More than a quarter of the wins closed within a day of their creation."""
    created, closed = (snapshot.ints("opportunities", name) for name in ("created_at", "closed_at"))
    won = snapshot.won() & (closed != MISSING)
    rows = won & (closed > created) & (closed - created < DAY)
    if won.sum() >= ENOUGH and rows.sum() > won.sum() / 4:
        yield snapshot.found("opportunities", rows, won)


def _purged(snapshot: Snapshot) -> Iterator[Found]:
    """Losses all but absent among what closed before some month, and usual after it."""
    closed = snapshot.ints("opportunities", "closed_at")
    told = (closed != MISSING) & (snapshot.words("opportunities", "outcome").codes >= 0)
    month, lost = snapshot.months(np.where(told, closed, MISSING)), snapshot.lost()
    length = int(month.max(initial=0)) + 1
    of, hits = (np.bincount(month[rows], minlength=length) for rows in (told, told & lost))
    change = break_of(hits.astype(np.int64), of.astype(np.int64))
    if change and change.chance < ALARM and change.after > 0.2 and change.before < change.after / 4:
        first = snapshot.month_name(closed[told], change.at)
        before = told & (month < change.at)
        yield snapshot.found(
            "opportunities", before & ~lost, before, month=first, before=change.before, after=change.after
        )


def _reasons(snapshot: Snapshot) -> tuple[Bools, Words]:
    return snapshot.lost(), snapshot.words("opportunities", "loss_reason")


def _reason_blank(snapshot: Snapshot) -> Iterator[Found]:
    lost, reason = _reasons(snapshot)
    blank = lost & (reason.codes < 0)
    if lost.sum() >= ENOUGH and blank.sum() > 0.3 * lost.sum():
        yield snapshot.found("opportunities", blank, lost)


def _one_reason(snapshot: Snapshot) -> Iterator[Found]:
    lost, reason = _reasons(snapshot)
    told = lost & (reason.codes >= 0)
    groups = grouped(np.where(told, reason.codes, -1))
    if told.sum() >= ENOUGH and groups.size.max() > 0.7 * told.sum():
        most = int(np.argmax(groups.size))
        name = label(reason.tolist()[groups.first[most]])
        yield snapshot.found("opportunities", groups.code == most, told, reason=name)


def _owner_reason(snapshot: Snapshot) -> Iterator[Found]:
    """Owners who give one reason for nine losses in ten, where everybody together gives it for less than half."""
    lost, reason = _reasons(snapshot)
    owner = snapshot.words("opportunities", "owner_id")
    told = lost & (reason.codes >= 0)
    owners, pairs = grouped(np.where(told, owner.codes, -1)), grouped(np.where(told, owner.codes, -1), reason.codes)
    usual = np.append(grouped(np.where(told, reason.codes, -1)).sizes / max(int(told.sum()), 1), 0.0)
    always = np.zeros(len(pairs.size) + 1, bool)
    for pair, (count, first) in enumerate(zip(pairs.size.tolist(), pairs.first.tolist(), strict=True)):
        of, share = int(owners.sizes[first]), float(usual[first])
        always[pair] = of >= ENOUGH and count > 0.9 * of and share < 0.5
        always[pair] &= at_least(count, of, share) < ALARM / len(pairs.size)
    rows = always[pairs.code]
    who = {f"{owner} ({why})" for owner, why in zip(owner.take(rows).tolist(), reason.take(rows).tolist(), strict=True)}
    yield snapshot.found("opportunities", rows, told, owners=len(who), names=", ".join(sorted(who)[:3]))


def _open_too_long(snapshot: Snapshot) -> Iterator[Found]:
    """Open for longer than 99 % of the closed ones took, of the same process, twice over."""
    process = snapshot.words("opportunities", "process").codes
    created, closed = (snapshot.ints("opportunities", name) for name in ("created_at", "closed_at"))
    still = snapshot.open("opportunities")
    took = np.where(closed == MISSING, snapshot.until, closed) - created
    rows = np.zeros(len(still), bool)
    for code in np.unique(process).tolist():
        ended = (process == code) & (closed != MISSING) & (took >= 0)
        if ended.sum() >= ENOUGH:
            rows |= still & (process == code) & (took > 2 * np.quantile(took[ended], 0.99))
    yield snapshot.found("opportunities", rows, still)


CHECKS = (
    Check(
        "closed_without_outcome", "wrong", ("opportunities",), _closed_without_outcome,
        ("closed, and nobody says whether won or lost; they do not teach",
         "close{s}, sans que l'on sache si c'est gagné ou perdu ; rien n'en est appris"),
        ("Fill the outcome in the CRM, or have the export translate its own word for it.",
         "Renseignez l'issue dans le CRM, ou faites traduire la sienne par l'export."),
    ),
    Check(
        "outcome_without_close", "wrong", ("opportunities",), _outcome_without_close,
        ("won or lost, without the day they closed", "gagnée{s} ou perdue{s}, sans la date de clôture"),
        ("Fill closed_at: until then they count as closed on the day we first saw it.",
         "Renseignez closed_at : d'ici là, elles comptent comme closes le jour où nous l'avons vu."),
    ),
    Check(
        "stage_says_closed", "wrong", ("opportunities", "stages"), _stage_without_outcome,
        ("in a stage that means {kind}, with another outcome or none",
         "dans une étape qui signifie {kind}, avec une autre issue ou aucune"),
        ("Correct the outcome or the stage in the CRM; or the stage's kind in stages.csv.",
         "Corrigez l'issue ou l'étape dans le CRM ; ou le kind de l'étape dans stages.csv."),
    ),
    Check(
        "stage_says_open", "suspect", ("opportunities", "stages"), _outcome_without_stage,
        ("won or lost, and still in an open stage", "gagnée{s} ou perdue{s}, et toujours dans une étape ouverte"),
        ("Correct the stage in the CRM, unless it was reopened and the outcome forgotten.",
         "Corrigez l'étape dans le CRM, sauf réouverture où l'issue fut oubliée."),
        above="one, up to half: beyond, it is this CRM's way",
    ),
    Check(
        "converted_and_disqualified", "wrong", ("leads",), _both_ends,
        ("both converted and disqualified", "à la fois convertie{s} et disqualifiée{s}"),
        ("Empty the date that is not so.", "Videz la date qui n'a pas eu lieu."),
    ),
    Check(
        "born_closed", "suspect", ("opportunities",), _born_closed,
        ("closed at the very instant they were created; they do not teach",
         "close{s} à l'instant même de la création ; rien n'en est appris"),
        ("Entered after the fact, or migrated: import the true creation dates if another system has them.",
         "Saisies après coup, ou migrées : importez les vraies dates de création si un autre système les a."),
    ),
    Check(
        "won_at_once", "suspect", ("opportunities",), _won_at_once,
        ("won within a day of their creation: entered when they were already decided",
         "gagnée{s} dans la journée de la création : saisie{s} une fois l'affaire conclue"),
        ("Ask for deals to be entered when they begin; meanwhile a score at creation partly reads who enters late.",
         "Faites saisir les affaires dès le début ; d'ici là, un score à la création lit en partie qui saisit tard."),
        above="over a quarter of 20 wins and more",
    ),
    Check(
        "purged_losses", "wrong", ("opportunities",), _purged,
        ("closed before {month} were won: losses are {before} of closings before that month and {after} since",
         "closes avant {month} sont gagnées : {before} de pertes avant ce mois, {after} depuis"),
        ("Restore the purged losses from a backup, or train only on what was created since.",
         "Restaurez les pertes purgées depuis une sauvegarde, ou n'apprenez que de ce qui fut créé depuis."),
        "hypergeometric, over all splits by month: if the share lost never changed, false alarms at most 1 in 1,000",
        above="over 20% lost since, under a quarter of that before",
    ),
    Check(
        "loss_reason_blank", "suspect", ("opportunities",), _reason_blank,
        ("lost without a reason", "perdues sans motif"),
        ("Make the reason required at closing; \"not said\" is then a cause of its own in forecasts of losses.",
         "Rendez le motif obligatoire à la clôture ; « non dit » devient sinon une cause de perte à part entière."),
        above="over 30% of 20 losses and more",
    ),
    Check(
        "one_loss_reason", "suspect", ("opportunities",), _one_reason,
        ("lost for the one reason \"{reason}\": probably the first of the list",
         "perdues pour le seul motif « {reason} » : sans doute le premier de la liste"),
        ("Take the default off the list of reasons.", "Ôtez la valeur par défaut de la liste des motifs."),
        above="over 70% of 20 reasons and more",
    ),
    Check(
        "owner_loss_reason", "worth knowing", ("opportunities",), _owner_reason,
        ("lost by {owners} owners who nearly always give one reason, unlike the others: {names}",
         "perdues par {owners} commerciaux qui donnent presque toujours un même motif, eux seuls : {names}"),
        ("Ask how they choose it. If refusing for that reason is their job there is nothing to do.",
         "Demandez comment ils le choisissent. Si refuser pour ce motif est leur rôle, il n'y a rien à faire."),
        "binomial against everybody's share, over all pairs of owner and reason; false alarms at most 1 in 1,000",
        above="over 90% of an owner's 20 losses and more, under 50% of everybody's",
    ),
    Check(
        "open_too_long", "suspect", ("opportunities",), _open_too_long,
        ("open for more than twice as long as 99 % of the closed ones of their process took",
         "ouverte{s} depuis plus de deux fois la durée de 99 % des affaires closes de leur processus"),
        ("Have them closed as lost: forgotten deals swell the pipeline and hide how often you lose.",
         "Faites-les clore comme perdues : oubliées, elles gonflent le portefeuille et cachent les pertes."),
        above="20 closed of the process and more",
    ),
)  # fmt: skip
