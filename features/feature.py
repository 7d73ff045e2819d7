"""What a catalogue row is: what is read, how, and the words that say it in English and French."""

from dataclasses import dataclass

from features.filters import Where

BOTH = ("leads", "opportunities")

REACHED: Where = (("ended", ("reached",)),)
"""Of a stream of outcomes: the records that reached the target."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: what is read (`source`, `column`, `where`, `window` in days), how (`aggregation`) and what it says.

    `category`: the feature is a word, else a number. `missing`: what a reason says of a missing value, in English, and
    `missing_fr` in French. `bucket`: which of a text's hashed terms. `group`: what it speaks together with in reasons,
    where that is not its family.
    """

    name: str
    family: str
    aggregation: str
    unit: str
    missing: str
    missing_fr: str
    says_en: str
    says_fr: str
    source: str = ""
    column: str = ""
    where: Where = ()
    over: Where = ()
    window: float | None = None
    scale: int = 1
    through: str = ""
    category: bool = False
    kinds: tuple[str, ...] = BOTH
    actionable: bool = False
    bucket: int = 0
    group: str = ""


FAMILIES = {
    "source": ("Source and process", "Source et processus"),
    "company": ("Company", "Entreprise"),
    "contact": ("Contact", "Contact"),
    "activity": ("Activity", "Activité"),
    "response": ("Replies", "Réponses"),
    "plan": ("Next step", "Prochaine étape"),
    "stage": ("Stage", "Étape"),
    "amount": ("Amount", "Montant"),
    "close": ("Expected close", "Échéance prévue"),
    "account": ("Account history", "Historique du compte"),
    "owner": ("Owner history", "Historique du commercial"),
    "age": ("Age", "Ancienneté"),
    "calendar": ("Time of year", "Période de l'année"),
    "own_probability": ("The owner's own guess", "Estimation du commercial"),
    "custom": ("Custom fields", "Champs personnalisés"),
}
"""Families in the order pages show them: English and French names."""
