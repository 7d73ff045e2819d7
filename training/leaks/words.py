"""What the evidence says, in a sentence: English and French."""

from typing import Literal

from features.history import Kind
from training.leaks.evidence import Evidence
from training.leaks.judge import Finding
from training.leaks.scan import Judged

Language = Literal["en", "fr"]

GOALS: dict[Kind, tuple[str, str]] = {
    "leads": ("converted leads", "pistes converties"),
    "opportunities": ("won opportunities", "affaires gagnées"),
}

SAYS: dict[str, tuple[str, str]] = {
    "alone": (
        "alone it tells {goal} from the others nearly without fail (AUC {auc:.2f})",
        "à lui seul il distingue presque sans erreur les {goal} des autres (AUC {auc:.2f})",
    ),
    "within": (
        "where it is filled ({filled:.0%}) it names the outcome (AUC {auc:.2f})",
        "là où il est renseigné ({filled:.0%}) il donne l'issue (AUC {auc:.2f})",
    ),
    "filled": (
        "filled on {reached:.0%} of {goal} and {missed:.0%} of the others: to be filled at all tells the outcome",
        "renseigné pour {reached:.0%} des {goal} et {missed:.0%} des autres : être renseigné dit déjà l'issue",
    ),
    "open_empty": (
        "filled on {open:.0%} of open records, {ended:.0%} of older ones: it waits for the end",
        "renseigné pour {open:.0%} des dossiers ouverts, {ended:.0%} des plus anciens : il attend la fin",
    ),
    "open_emptied": (
        "filled on {open:.0%} of open records, {ended:.0%} of older ones: the end empties it",
        "renseigné pour {open:.0%} des dossiers ouverts, {ended:.0%} des plus anciens : la fin le vide",
    ),
    "open_other": (
        "on open records it does not say what it says on ended ones (AUC {auc:.2f}): the end rewrites it",
        "sur les dossiers ouverts il ne dit pas ce qu'il dit sur les clos (AUC {auc:.2f}) : la fin le réécrit",
    ),
    "apart": (
        "its values tell ended records from open ones of the same age (AUC {auc:.2f}): the end writes it",
        "ses valeurs distinguent les dossiers clos des ouverts de même âge (AUC {auc:.2f}) : la fin l'écrit",
    ),
    "follows": (
        "it follows how long records took to end (rank correlation {rho:.2f})",
        "il suit la durée qu'ont prise les dossiers (corrélation de rang {rho:.2f})",
    ),
    "on_end": (
        "{share:.0%} of its dates fall on the day of the outcome (by chance {chance:.0%})",
        "{share:.0%} de ses dates tombent le jour de l'issue (au hasard {chance:.0%})",
    ),
    "trace": (
        "{share:.0%} of its dates lie after creation, {ahead:.0%} of them ahead of the outcome: a trace, not a plan",
        "{share:.0%} de ses dates suivent la création, dont {ahead:.0%} au-delà de l'issue : une trace, pas un projet",
    ),
    "filled_late": (
        "{share:.0%} of {n} first fills came with the outcome or after it",
        "{share:.0%} des {n} premières saisies sont venues avec l'issue ou après",
    ),
    "altered_late": (
        "{share:.0%} of {n} records that changed it did so with the outcome or after it",
        "{share:.0%} des {n} dossiers qui l'ont modifié l'ont fait avec l'issue ou après",
    ),
    "words": (
        "it says “{word}”, which only a record that has ended can",
        "il dit « {word} », ce que seul un dossier clos peut dire",
    ),
    "latest": (
        "its name says latest state, it tells the outcome (AUC {auc:.2f}), and no history says what it was before",
        "son nom annonce un dernier état, il dit l'issue (AUC {auc:.2f}), et aucun historique n'en garde trace",
    ),
    "score": (
        "its name says that it is computed, perhaps anew as the record is worked; it tells the outcome (AUC {auc:.2f})",
        "son nom annonce un calcul, peut-être refait au fil du dossier ; il dit l'issue (AUC {auc:.2f})",
    ),
    "kin": (
        "it is filled on the same records as {word}, which does not pass: probably written at the same time",
        "il est renseigné sur les mêmes dossiers que {word}, qui ne passe pas : sans doute saisi au même moment",
    ),
    "few": (
        "{reached} {goal} and {missed} others are too few to judge by",
        "{reached} {goal} et {missed} autres : trop peu pour juger",
    ),
}  # fmt: skip
"""By code of the finding. `open` are records still open, `ended` older ones that were open at the same age."""

FIGURES = ("AUC {auc:.2f} ± {error:.2f} alone, {n} records", "AUC {auc:.2f} ± {error:.2f} seul, {n} dossiers")
SAME = ("; the same on open records", " ; identique sur les dossiers ouverts")
KEPT = ("; read through its history", " ; lu à travers son historique")


def sentence(finding: Finding, kind: Kind, language: Language) -> str:
    """One finding in words.

    >>> sentence(Finding("words", "leaks", {"word": "Closed by Anna"}), "leads", "en")
    'it says “Closed by Anna”, which only a record that has ended can'
    """
    french = language == "fr"
    code = finding.code
    if code == "open_empty" and float(finding.figures["open"]) > float(finding.figures["ended"]):
        code = "open_emptied"
    told = {name: _French(figure) if french and isinstance(figure, float) else figure
            for name, figure in finding.figures.items()}  # fmt: skip
    return SAYS[code][french].format(goal=GOALS[kind][french], **told)


class _French(float):
    """A number that is written as in French: a comma, and a thin space before the sign of percent.

    >>> f"{_French(0.25):.2f} {_French(0.25):.0%}"
    '0,25 25\\u202f%'
    """

    def __format__(self, spec: str) -> str:
        return super().__format__(spec).replace(".", ",").replace("%", "\u202f%")


def figures(seen: Evidence, language: Language) -> str:
    """The figures behind a verdict, whatever it is; ± is two standard errors."""
    french = language == "fr"
    number = _French if french else float
    said = FIGURES[french].format(
        auc=number(seen.auc.value), error=number(2 * seen.auc.error),
        n=f"{seen.auc.n:,}".replace(",", "\u202f" if french else ","),
    )  # fmt: skip
    same = seen.of_value is not None and seen.of_value.verdict(0.0) == "same"
    said += KEPT[french] if seen.kept else SAME[french] if same else ""
    return said


def says(one: Judged, language: Language) -> tuple[str, ...]:
    """The evidence on a field: its findings that weigh most first, then the figures."""
    found = [finding for finding in one.findings if finding.asks == one.verdict]
    return (*(sentence(finding, one.kind, language) for finding in found), figures(one.evidence, language))
