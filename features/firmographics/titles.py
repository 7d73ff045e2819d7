"""Seniority and function from a job title, in English and in French, by ordered keyword rules.

Titles are compared in lower case without accents, on word boundaries. The first rule that matches decides, so the
narrow rules ("assistante de direction", "vice president") stand before the wide ones ("direction", "president").
"""

import re
import unicodedata

_Rules = tuple[tuple[str, re.Pattern[str]], ...]

_HEADS_COMPANY = """
    pdg | p\\.d\\.g\\.? | dg | ceo | chief executive officer | presidente?
    | (directeur|directrice) (general|generale|associee?) | (co[- ]?)?gerante?
    | (co[- ]?)?(fondateur|fondatrice|founder) | general manager | managing (director|partner) | owner
    | proprietaire | chef(fe)? d'?entreprise | dirigeante? | chairman | chairwoman | chair | maire | mayor
    | associee? gerante?
"""
_SENIORITY_WORDS = (
    ("staff", """
        assistante?s? | secretaires?(?! general) | stagiaires? | interns? | trainee | apprentie?s?
        | alternante?s? | receptionist
    """),
    ("director", """
        [se]?vp | (senior |executive )?vice[- ]presidente? | (directeur|directrice) (general|generale) adjointe?
        | dga
    """),
    ("c_level", f"{_HEADS_COMPANY} | c[a-z]o | ciso | chro | chief [a-z ]*officer"),
    ("staff", """
        (key |strategic )?account manager | account executive | project manager | chef(fe)? de projets?
        | product (owner|manager) | chef(fe)? de produits? | community manager | office manager | case manager
        | chargee? d[e' ].*
    """),
    ("director", """
        directeurs? | directrices? | direction | director | head | dsi | daf | drh | dircom | raf | partner
        | associee? | secretaire generale? | general counsel | controller
    """),
    ("manager", """
        managers? | manageur | manageuse | responsables? | resp | chef(fe)?s? | cadre | lead | leader
        | supervisor | superviseure? | superintendent | encadrante? | coordinateur | coordinatrice
        | conducteur de travaux
    """),
)  # fmt: skip
_FUNCTION_WORDS = (
    ("it", """
        dsi | cio | ciso | informatique | informaticien(ne)? | systemes? d'?information | si | it
        | (chief )?information (technology|systems?|officer)
        | (software|cloud|devops|network) (engineer|architect|administrator) | developpeu(r|se)
        | (software |web )?developer | programmer | sysadmin | administrateur (reseaux?|systemes?) | reseaux?
        | cybersecurit[ey] | data | numerique | digital transformation
    """),
    ("hr", """
        drh | rh | hr | chro | human resources | ressources humaines | talent | recruit(er|ment|ing)
        | recruteu(r|se) | recrutement | paie | payroll | people | formation | training
    """),
    ("legal", """
        juridiques? | juriste | legal | lawyer | attorney | avocate? | counsel | notaire | compliance
        | conformite | contentieux | dpo
    """),
    ("purchasing", """
        achats? | acheteu(r|se)s? | purchasing | procurement | buyer | sourcing | approvisionn(ements?|eur|euse)
        | supply chain
    """),
    ("finance", """
        daf | raf | cfo | financ(es?|ier|iere|ial) | comptab(les?|ilite) | account(ant|ing)
        | tresor(ier|iere|erie) | treasur(er|y) | controle(ur|use)? de gestion | controll(er|ing)
        | audit(eur|rice|or)? | budget | tax | fiscal(ite|iste)?
    """),
    ("marketing", """
        marketing | cmo | communication | brand | marque | dircom | community manager | content | seo
        | evenementiel | events? | growth | chef(fe)? de produits? | product (owner|manager) | digital
    """),
    ("sales", """
        commercial(e|es)? | commerciaux | sales | ventes? | vendeu(r|se) | account (manager|executive)
        | business develop(er|ment) | chargee? d'? ?affaires | ingenieure? d'? ?affaires | cro | revenue
        | clientele | key account | grands comptes | export
    """),
    ("technical", """
        cto | technology | techni(que|ques|cal|cien|cienne|cian) | ingenieure?s? | engineer(ing)? | r&d | research
        | recherche | etudes | architecte?s? | travaux | maintenance | qualite | quality | methodes
        | electricien(ne)? | plombier | scientist
    """),
    ("operations", """
        coo | operat(ing|ions?) | operationnel(le)? | exploitation | production | logisti(que|cs) | usine | plant
        | factory | site | atelier | chantiers? | transports? | warehouse | entrepot | qhse | hse | securite
        | safety | services? generaux | facilities | facility | chef d'?agence | project manager
        | chef(fe)? de projets? | planning
    """),
    ("general_management", f"{_HEADS_COMPANY} | dga | associee? | partner | secretaire generale? | direction"),
)  # fmt: skip


def _rule(words: str) -> re.Pattern[str]:
    """The alternatives of `words`, wrapped freely, as one expression on word boundaries."""
    alternatives = "|".join(part.strip() for part in " ".join(words.split()).split(" | "))
    return re.compile(rf"(?<![a-z0-9])(?:{alternatives})(?![a-z0-9])")


_SENIORITY: _Rules = tuple((name, _rule(words)) for name, words in _SENIORITY_WORDS)
_FUNCTION: _Rules = tuple((name, _rule(words)) for name, words in _FUNCTION_WORDS)


def seniority(title: str) -> str:
    """`c_level`, `director`, `manager` or `staff`; "" for an empty title.

    >>> [seniority(title) for title in ("PDG", "Gérante", "Chief Financial Officer", "Directrice Générale")]
    ['c_level', 'c_level', 'c_level', 'c_level']
    >>> [seniority(title) for title in ("Directeur des achats", "VP Sales", "Head of IT", "DSI")]
    ['director', 'director', 'director', 'director']
    >>> [seniority(title) for title in ("Responsable maintenance", "Sales Manager", "Chef d'atelier")]
    ['manager', 'manager', 'manager']
    >>> [seniority(title) for title in ("Assistante de direction", "Chargé(e) d'affaires", "Acheteur", "")]
    ['staff', 'staff', 'staff', '']
    """
    text = _plain(title)
    return _first(_SENIORITY, text) or ("staff" if text else "")


def function(title: str) -> str:
    """The department a person works in; "" for an empty title.

    One of `sales`, `finance`, `it`, `operations`, `hr`, `marketing`, `purchasing`, `legal`, `general_management`,
    `technical`, `other`.

    >>> [function(title) for title in ("Directeur commercial", "DAF", "Directeur des systèmes d'information", "DRH")]
    ['sales', 'finance', 'it', 'hr']
    >>> [function(title) for title in ("Acheteuse", "Juriste", "Responsable communication", "Chef de chantier", "CTO")]
    ['purchasing', 'legal', 'marketing', 'operations', 'technical']
    >>> [function(title) for title in ("Gérant", "Directrice générale", "Chief Executive Officer", "Jardinier", "")]
    ['general_management', 'general_management', 'general_management', 'other', '']
    """
    text = _plain(title)
    return _first(_FUNCTION, text) or ("other" if text else "")


def _first(rules: _Rules, text: str) -> str:
    return next((name for name, words in rules if words.search(text)), "")


def _plain(title: str) -> str:
    """Lower case, no accents, straight apostrophes, single spaces, inclusive endings ("(e)", "·e") taken off."""
    straight = re.sub(r"\((?:e|ne|se|rice)\)|[·•](?:e|ne|se|rice)\b", "", title.replace("’", "'"))
    folded = unicodedata.normalize("NFKD", straight).encode("ascii", "ignore").decode().casefold()
    return " ".join(folded.split())
