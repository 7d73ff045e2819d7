"""THE TABLE of checks: one row a class of bad data, by theme."""

from features.crm.health import (
    activities,
    clock,
    crowds,
    dates,
    duplicates,
    filling,
    history,
    holes,
    imported,
    links,
    money,
    one_sided,
    outcomes,
    owners,
    people,
    stages,
    volumes,
)
from features.crm.health.check import Check

THEMES: dict[str, tuple[tuple[str, str], tuple[Check, ...]]] = {
    "imported": (
        ("What imports repaired or set aside", "Ce que les imports ont corrigé ou mis de côté"),
        imported.CHECKS,
    ),
    "duplicates": (("Duplicates", "Doublons"), duplicates.CHECKS),
    "dates": (("Dates", "Dates"), dates.CHECKS),
    "clock": (("Clocks", "Horloges"), clock.CHECKS),
    "money": (("Money", "Montants"), money.CHECKS),
    "outcomes": (("Outcomes", "Issues"), (*outcomes.CHECKS, *one_sided.CHECKS)),
    "stages": (("Stages", "Étapes"), stages.CHECKS),
    "links": (("Links between records", "Liens entre enregistrements"), (*links.CHECKS, *crowds.CHECKS)),
    "owners": (("Owners and quotas", "Commerciaux et objectifs"), owners.CHECKS),
    "people": (("Companies and people", "Sociétés et personnes"), people.CHECKS),
    "history": (("History of changes", "Historique des changements"), (*history.CHECKS, *holes.CHECKS)),
    "activities": (("Activities", "Activités"), activities.CHECKS),
    "volumes": (("Volumes", "Volumes"), volumes.CHECKS),
    "filling": (("Fields", "Champs"), filling.CHECKS),
}
"""Checks by theme, with the theme's name in English and French."""

CHECKS: tuple[Check, ...] = tuple(check for _, checks in THEMES.values() for check in checks)
