"""Names people give files and columns, and the canonical ones they stand for: suggestions only, nothing is renamed.
Keys are folded (`features.crm.header.fold`): no case, accents, spaces or punctuation. And what a source may be called.
"""

import re
from collections.abc import Mapping

SOURCE = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"
"""The names a source may have, as a regular expression: each also names a folder, and begins ids (before a colon)."""


def check_source(name: str) -> str:
    """The name of a source itself, or "" for none, once it is one. ValueError says what it may be.

    >>> check_source("hubspot-fr"), check_source("")
    ('hubspot-fr', '')
    >>> check_source("..")
    Traceback (most recent call last):
    ValueError: a source cannot be called '..': give up to 64 letters, digits, _ . and -, without accents, the first \
of them no . or -
    """
    if name and not re.fullmatch(SOURCE, name):
        raise ValueError(
            f"a source cannot be called {name!r}: give up to 64 letters, digits, _ . and -, without accents, the first "
            "of them no . or -"
        )
    return name


FILES: Mapping[str, str] = {
    name: table
    for table, names in {
        "leads": "lead piste pistes prospect prospects contactsentrants",
        "opportunities": "opportunity opportunite opportunites affaire affaires deal deals vente ventes",
        "accounts": "account compte comptes societe societes entreprise entreprises client clients company companies",
        "contacts": "contact personne personnes people",
        "activities": "activity activite activites tache taches appels rendezvous tasks evenements",
        "owners": "owner commercial commerciaux utilisateur utilisateurs vendeur vendeurs users",
        "stages": "stage etape etapes phases pipeline",
        "changes": "change historique modifications history",
        "quotas": "quota objectif objectifs",
        "spend": "depense depenses budget budgets",
    }.items()
    for name in names.split()
}
"""What a file is called -> the table it may hold."""

SHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""Endings of workbooks."""

PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z")
"""Endings of archives."""

_COLUMNS = {
    "amount": "montant valeur objectif",
    "recurring_amount": "montantrecurrent recurrent mrr",
    "currency": "devise monnaie",
    "created_at": "datedecreation datecreation creele dateajout",
    "closed_at": "datedecloture datecloture datedefermeture clotureele",
    "expected_close": "echeance dateecheance datedecheance clotureprevue datedeclotureprevue",
    "occurred_at": "date datedemodification modifiele datedelactivite",
    "stage": "etape phase",
    "status": "statut etat",
    "outcome": "issue resultat",
    "owner_id": "commercial proprietaire responsable vendeur",
    "source": "source origine provenance",
    "company": "societe entreprise raisonsociale compte",
    "account_id": "societe entreprise compte client idcompte",
    "name": "nom intitule societe entreprise raisonsociale",
    "email": "courriel mail adresseemail adressemail email",
    "phone": "telephone tel mobile portable",
    "title": "fonction poste titre",
    "country": "pays",
    "postal_code": "codepostal cp",
    "campaign": "campagne",
    "loss_reason": "motifdeperte raisondeperte causedeperte",
    "disqualified_reason": "motifdedisqualification motifdeperte",
    "competitor": "concurrent",
    "own_probability": "probabilite",
    "product": "produit offre",
    "process": "processus pipeline",
    "team": "equipe",
    "employees": "effectif effectifs salaries nombredesalaries",
    "annual_revenue": "chiffredaffaires ca",
    "industry": "secteur secteurdactivite",
    "company_number": "siren siret",
    "kind": "type typedactivite",
    "direction": "sens",
    "duration_s": "duree",
    "field": "champ",
    "old": "anciennevaleur",
    "new": "nouvellevaleur",
    "period": "periode",
    "position": "ordre rang",
}

FLAG_WORDS = frozenset({
    "0", "1", "y", "n", "yes", "no", "o", "oui", "non", "t", "f", "true", "false", "v", "vrai", "faux", "x",
    "on", "off",
})  # fmt: skip
"""Words that only say whether something is so (lower case)."""

KEY_NAMES = frozenset({"id", "identifiant", "reference", "ref", "numero", "code"})
"""What an export may call the column that identifies a row."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: tuple(column for column, names in _COLUMNS.items() if name in names.split())
    for name in {name for names in _COLUMNS.values() for name in names.split()}
}
"""What a column is called in French -> the canonical columns it may be, the likeliest first."""
