"""What a catalogue row is: what is read, how, and the words that say it in English and French."""

from dataclasses import dataclass

from features.stream import Where

BOTH = ("leads", "opportunities")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: what is read (`source`, `column`, `where`, `window` in days), how (`aggregation`) and what it says.

    `category`: the feature is a word, else a number. `missing`: what a missing value means.
    """

    name: str
    family: str
    aggregation: str
    unit: str
    missing: str
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

    @property
    def missing_fr(self) -> str:
        """What a missing value means, in French."""
        return _MISSING_FR[self.missing]


_MISSING_FR = {
    "not recorded": "non renseigné",
    "never": "jamais",
    "never: none is 0": "jamais : aucun compte pour 0",
    "never: without history it is the rate of all": "jamais : sans historique, le taux de tous",
    "no activities yet": "aucune activité pour l'instant",
    "no activity yet": "aucune activité pour l'instant",
    "no calls yet": "aucun appel pour l'instant",
    "no meetings yet": "aucun rendez-vous pour l'instant",
    "no quotes yet": "aucun devis pour l'instant",
    "no contacts from the customer yet": "le client ne s'est pas encore manifesté",
    "no contacts from us yet": "nous ne l'avons pas encore contacté",
    "no contact in 30 days": "aucun contact depuis 30 jours",
    "the customer has not replied yet": "le client n'a pas encore répondu",
    "nothing to reply to yet": "rien à quoi répondre pour l'instant",
    "no next step planned": "aucune prochaine étape prévue",
    "stage unknown or not in the process": "étape inconnue ou hors du processus",
    "not known since when": "on ne sait pas depuis quand",
    "not known since when, or a stage none has left yet": "on ne sait pas depuis quand, ou étape jamais quittée",
    "head count not recorded": "effectif non renseigné",
    "revenue not recorded": "chiffre d'affaires non renseigné",
    "no e-mail address": "pas d'adresse e-mail",
    "no amount yet": "pas encore de montant",
    "no recurring amount": "pas de montant récurrent",
    "no expected close": "pas d'échéance prévue",
    "no closed deal with this account": "aucune affaire close avec ce compte",
    "no own guess": "pas d'estimation du commercial",
}


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
