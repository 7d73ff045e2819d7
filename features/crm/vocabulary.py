"""Words people and CRMs write for the canonical ones, in English and French: stages, outcomes, activities, periods."""

import re
from collections.abc import Callable

from features.crm.header import fold
from features.crm.schema import Column

_OUTCOMES = {
    "won": "won win closedwon closewon gagne gagnee fermegagne fermeegagnee cloturegagne signe signee vendu",
    "lost": "lost loss closedlost closelost perdu perdue fermeperdu fermeeperdue clotureperdu affaireperdue",
}
_ENDINGS = {"won": re.compile("gagn|won$"), "lost": re.compile("perd|abandon|lost$")}
_DENIALS = {"non", "not", "pas", "no", "never", "jamais"}
_ENTITIES = {
    "lead": "leads piste pistes prospect",
    "opportunity": "opportunities deal deals affaire affaires opportunite opportunites",
    "account": "accounts company companies compte comptes societe entreprise",
    "contact": "contacts person personne",
    "owner": "owners user users commercial commerciaux utilisateur",
}
_SYNONYMS: dict[str, dict[str, str]] = {
    "outcome": _OUTCOMES,
    "entity": _ENTITIES,
    "kind": {
        "email": "mail courriel mel",
        "call": "appel phonecall phone telephone coupdefil",
        "sms": "texto textmessage",
        "chat": "livechat tchat",
        "meeting": "rdv rendezvous reunion visite visit appointment demo visio",
        "quote": "devis offre proposal proposition offer",
        "note": "notes commentaire comment",
        "task": "tache todo afaire",
        "web_visit": "visiteweb pageview visitesite siteweb",
        "form": "formulaire formsubmission webform",
        "document": "fichier file attachment piecejointe",
        "event": "evenement salon webinar webinaire",
        "open": "ouvert ouverte encours active",
        "dormant": "ensommeil enveille onhold",
    }
    | _OUTCOMES,
    "direction": {
        "in": "inbound incoming entrant entrante received recu",
        "out": "outbound outgoing sortant sortante sent envoye",
    },
    "role": {
        "decides": "decisionmaker decideur decision",
        "influences": "influencer influenceur prescripteur",
        "uses": "user enduser utilisateur",
        "buys": "buyer economicbuyer acheteur",
        "blocks": "blocker detractor opposant",
    },
    "category": {"commit": "engage engagement", "best_case": "upside meilleurcas", "pipeline": "pipe"},
    "known_at": {"creation": "created", "changes": "change history", "never": "no jamais"},
    "type": {
        "number": "numeric nombre",
        "category": "picklist select liste",
        "text": "texte string",
        "flag": "boolean bool",
    },
}

EMPTY_WORDS = frozenset({"null", "none", "n/a", "#n/a", "na", "nan", "nil", "\\n", "-", "--", "(null)", "(vide)"})
"""Texts that stand for an empty cell in a column of identifiers, times or numbers (lower case)."""

_CURRENCIES = {
    "€": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD",
    "us$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "chf.": "CHF",
}

_PERIOD = re.compile(r"\d{4}(?:-(?:H[12]|Q[1-4]|(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])))?")
_LOOSE = re.compile(
    r"(?:([HSQTW])(\d\d?)[\s/-]*(\d{4})|(\d{4})[\s/-]*([HSQTW])(\d\d?)|(\d\d?)/(\d{4})|(\d{4})[/-](\d\d?))", re.I
)


def vocabulary(column: Column) -> Callable[[str], str | None]:
    """A function from a word as written to the column's own word, None when it is none of them.

    >>> from features.crm.schema import TABLES
    >>> kind = vocabulary(TABLES["activities"].column("kind"))
    >>> kind("Rendez-vous"), kind("E-mail"), kind("carrier pigeon")
    ('meeting', 'email', None)
    """
    table = {fold(word): word for word in column.words}
    for word, others in _SYNONYMS.get(column.name, {}).items():
        if word in column.words:
            table |= {other: word for other in others.split() if other not in table}
    return lambda text: table.get(fold(text[:80]))


def closing_kind(stage: str) -> str | None:
    """What a stage that speaks for itself says: won, lost or None.

    >>> closing_kind("5 - Gagné"), closing_kind("Closed Lost"), closing_kind("Négociation")
    ('won', 'lost', None)
    """
    word = fold(stage[:80]).lstrip("0123456789")
    return next((kind for kind, words in _OUTCOMES.items() if word in words.split()), None)


def ending_kind(stage: str) -> str | None:
    """What a stage of a closed record says by any of its words: won, lost, or None (also where it denies one, or both).

    >>> [ending_kind(stage) for stage in ("Clos - gagné", "Closed - Won", "Abandonné(e)", "Non gagnée", "won or lost")]
    ['won', 'won', 'lost', None, None]
    """
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", stage[:80])]
    said = {kind for kind, pattern in _ENDINGS.items() if any(pattern.match(word) for word in words)}
    return said.pop() if len(said) == 1 and not _DENIALS & set(words) else None


def currency_code(text: str) -> str | None:
    """A currency as ISO 4217 writes it, None when it cannot be told.

    >>> currency_code("eur"), currency_code("€"), currency_code("money")
    ('EUR', 'EUR', None)
    """
    code = _CURRENCIES.get(text.casefold(), text.upper())
    return code if re.fullmatch("[A-Z]{3}", code, re.ASCII) else None


def period(text: str) -> str | None:
    """A period in its canonical form, None when it is not one.

    >>> period("2026-Q4"), period("T4 2026"), period("11/2026"), period("2026-13"), period("S1 2026")
    ('2026-Q4', '2026-Q4', '2026-11', None, '2026-H1')
    """
    if _PERIOD.fullmatch(text):
        return text
    loose = _LOOSE.fullmatch(text.strip())
    if loose is None:
        return None
    a = loose.groups()
    letter, number, year = (a[0] or a[4] or "", a[1] or a[5] or a[6] or a[9], a[2] or a[3] or a[7] or a[8])
    letter = {"S": "H", "T": "Q"}.get(letter.upper(), letter.upper())
    found = f"{year}-{letter}{number}" if letter in ("H", "Q") else f"{year}-{letter}{number.zfill(2)}"
    return found if _PERIOD.fullmatch(found) else None
