"""English and French: which one a request asks for, and what answers say beside their figures."""

from collections.abc import Sequence

from features.labels import NOT_SAID
from models.wording import Language

NOTES: dict[str, tuple[str, str]] = {
    "closed": ("already closed at as_of: no probability", "déjà clos à cette date : pas de probabilité"),
    "gone": (
        "deleted or merged into another record: no probability",
        "supprimé ou fusionné avec un autre dossier : pas de probabilité",
    ),
    "unknown": ("no record of this id", "aucun dossier ne porte cet identifiant"),
    "not created": ("not yet created at as_of", "pas encore créé à cette date"),
    "no instant": ("as_of cannot be read", "as_of est illisible"),
    "previous": (
        "the champion cannot answer: answered by the model before it",
        "le modèle en service ne peut pas répondre : réponse du modèle précédent",
    ),
    "scorecard": (
        "no trained model can answer: points of the scorecard, not a probability",
        "aucun modèle entraîné ne peut répondre : points de la grille, pas une probabilité",
    ),
    "base rate": (
        "only the share of closed records that reached the target: not calibrated, the same for every record",
        "seulement la part des dossiers clos aboutis : non calibrée, la même pour tous les dossiers",
    ),
    "too few": (
        "too few closed records, or all of one outcome: no probability yet",
        "trop peu de dossiers clos, ou tous de même issue : pas encore de probabilité",
    ),
    "no history": ("nothing is known yet to answer from", "rien n'est encore connu pour répondre"),
    "lacking": (
        "features the model was trained on are no longer given and count as missing (train again): {fields}",
        "le modèle a appris de variables qui ne sont plus fournies ; comptées absentes (à réentraîner) : {fields}",
    ),
    "custom": (
        "custom fields kept but not used until they are accepted: {fields}",
        "champs personnalisés conservés mais non utilisés avant d'être acceptés : {fields}",
    ),
    "repaired": ("read with repairs: {fields}", "lu avec des corrections : {fields}"),
    "older": (
        "a later version of this record is already held: these values were not taken",
        "une version plus récente de ce dossier est déjà connue : ces valeurs n'ont pas été reprises",
    ),
}  # fmt: skip
"""What an answer may note: English and French."""


def note(name: str, language: Language, fields: Sequence[str] = ()) -> str:
    """One note in a language.

    >>> note("custom", "en", ["Budget"])
    'custom fields kept but not used until they are accepted: Budget'
    """
    return NOTES[name][language == "fr"].format(fields=", ".join(fields))


def loss_reason(reason: str, language: Language) -> str:
    """A reason of loss as an answer names it.

    >>> loss_reason(NOT_SAID, "fr"), loss_reason("Prix", "fr"), loss_reason(NOT_SAID, "en")
    ('non précisé', 'Prix', 'not said')
    """
    return "non précisé" if reason == NOT_SAID and language == "fr" else reason


def preferred(header: str) -> Language:
    """The language an Accept-Language header asks for; English unless French is wanted more.

    >>> preferred("fr-FR,fr;q=0.9,en;q=0.8"), preferred("de,en;q=0.5"), preferred("")
    ('fr', 'en', 'en')
    """
    weights = {"en": 0.0, "fr": 0.0}
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(weight))
    return "fr" if weights["fr"] > weights["en"] else "en"


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return min(float(value), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
