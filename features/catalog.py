"""THE CATALOGUE: one row per feature. The engine knows none by name; reasons, docs and the oracle read these rows.

`says` is the sentence a reason prints; `{value}` is the record's own value with its unit. A sentence in parts divided
by "|" has one part for each of none, one and more (or of none and some), `models/wording.py` picks.
"""

import hashlib
from dataclasses import astuple

from features import nouns
from features.columns import MICROSECONDS_A_DAY
from features.entity import Attribute
from features.feature import BOTH, FAMILIES, Feature
from features.history import History
from features.nouns import Noun
from features.stream import Where

__all__ = ["CATALOG", "FAMILIES", "Feature", "catalog_for", "catalog_hash", "custom_feature"]

LEADS, DEALS = BOTH
HOUR = MICROSECONDS_A_DAY // 24


NONE_IS_0 = ("never missing: none is 0", "jamais manquant : aucun compte pour 0")
ALWAYS = ("never missing", "jamais manquant")
CODED = ("sector", "size_band", "seniority", "function")
"""What a word is turned `through` into codes, which are spelled in the reader's language."""


def _word(
    name: str,
    family: str,
    column: str,
    en: str,
    fr: str,
    through: str = "",
    kinds: tuple[str, ...] = BOTH,
    feminine: bool = False,
) -> Feature:
    return Feature(
        name, family, "value", through if through in CODED else "", f"no {en} recorded",
        f"{fr} non renseigné{'e' if feminine else ''}", f"{en}: {{value}}", f"{fr} : {{value}}",
        column=column, through=through, category=True, kinds=kinds,
    )  # fmt: skip


def _events(window: int) -> tuple[Feature, ...]:
    """Counts over one window of days."""
    rows = (
        ("activities", (), nouns.ACTIVITY),
        ("calls", (("kind", ("call",)),), nouns.CALL),
        ("meetings", (("kind", ("meeting",)),), nouns.MEETING),
        ("emails_in", (("kind", ("email",)), ("direction", ("in",))), nouns.EMAIL_IN),
        ("emails_out", (("kind", ("email",)), ("direction", ("out",))), nouns.EMAIL_OUT),
        ("inbound", (("direction", ("in",)),), nouns.FROM_THEM),
        ("web_visits", (("kind", ("web_visit", "form")),), nouns.VISIT),
    )
    return tuple(
        Feature(
            f"{name}_{window}d", "activity", "count", "events", *NONE_IS_0,
            *noun.counted(f"in the last {window} days", f"ces {window} derniers jours"),
            source="activities", where=where, window=window, actionable=name in ("calls", "meetings", "emails_out"),
        )
        for name, where, noun in rows
    )  # fmt: skip


def _count_so_far(name: str, where: Where, noun: Noun) -> Feature:
    return Feature(
        f"{name}_so_far", "activity", "count", "events", *NONE_IS_0, *noun.counted("so far", "à ce jour"),
        source="activities", where=where,
    )  # fmt: skip


def _so_far(name: str, where: Where, noun: Noun) -> tuple[Feature, ...]:
    """How many ever, and days since the last."""
    last = "dernière" if noun.feminine else "dernier"
    return (
        _count_so_far(name, where, noun),
        Feature(
            f"days_since_{name}", "activity", "days_since_last", "days", f"no {noun.en[0]} yet",
            f"{noun.none_fr} pour l'instant", f"last {noun.en[0]} {{value}} ago",
            f"{last} {noun.fr[0]} il y a {{value}}", source="activities", where=where, actionable=True,
        ),
    )  # fmt: skip


def _rate_of(by: str, family: str, en: str, fr: str) -> Feature:
    return Feature(
        f"{by}_rate", family, "rate", "share", "never missing: without history it is the rate of all",
        "jamais manquant : sans historique, le taux de tous", f"{en} reach the goal in {{value}} of cases so far",
        f"{fr} aboutissent dans {{value}} des cas à ce jour", source=by,
    )  # fmt: skip


def _moves(name: str, field: str, way: tuple[str, ...], family: str, en: str, fr: str) -> Feature:
    where: Where = (("field", (field,)), *((("way", way),) if way else ()))
    return Feature(
        name, family, "count", "times", *NONE_IS_0, en, fr, source="moves", where=where, kinds=(DEALS,),
    )  # fmt: skip


CATALOG: tuple[Feature, ...] = (
    # source and process
    _word("process", "source", "process", "process", "processus"),
    _word("source", "source", "source", "source", "source", feminine=True),
    _word("campaign", "source", "campaign", "campaign", "campagne", kinds=(LEADS,), feminine=True),
    _word("product", "source", "product", "product", "produit", kinds=(DEALS,)),
    _word("currency", "source", "currency", "currency", "devise", kinds=(DEALS,), feminine=True),
    _rate_of("source", "source", "leads and deals of this source", "les dossiers de cette source"),
    _rate_of("process", "source", "records of this process", "les dossiers de ce processus"),
    # company
    _word("sector", "company", "account.industry", "sector", "secteur", "sector"),
    _word("country", "company", "country|account.country", "country", "pays"),
    _word("region", "company", "account.postal_code", "region", "région", "region", feminine=True),
    _word("size_band", "company", "account.employees", "head count", "effectif", "size_band"),
    Feature(
        "employees", "company", "value", "people", "no head count recorded", "effectif non renseigné",
        "no employee|1 employee|{value} employees", "aucun salarié|1 salarié|{value} salariés",
        column="account.employees",
    ),
    Feature(
        "annual_revenue", "company", "value", "money", "no annual revenue recorded",
        "chiffre d'affaires non renseigné", "annual revenue {value}", "chiffre d'affaires {value}",
        column="account.annual_revenue", scale=100,
    ),
    # contact
    _word("seniority", "contact", "title|contact.title", "seniority", "niveau hiérarchique", "seniority"),
    _word("function", "contact", "title|contact.title", "function", "fonction", "function", feminine=True),
    Feature(
        "free_mail", "contact", "number", "flag", "no e-mail address recorded", "adresse e-mail non renseignée",
        "e-mail address of a company|e-mail address of a free service",
        "adresse e-mail d'entreprise|adresse e-mail gratuite", column="email|contact.email", through="free_mail",
    ),
    Feature(
        "has_phone", "contact", "filled", "flag", *ALWAYS, "no phone number known|a phone number is known",
        "pas de téléphone connu|téléphone connu", column="phone|contact.phone", actionable=True,
    ),
    Feature(
        "has_email", "contact", "filled", "flag", *ALWAYS, "no e-mail address known|an e-mail address is known",
        "pas d'e-mail connu|e-mail connu", column="email|contact.email", actionable=True,
    ),
    # activity
    *_events(7),
    *_events(30),
    *_events(90),
    *_so_far("activities", (), nouns.ACTIVITY),
    *_so_far("calls", (("kind", ("call",)),), nouns.CALL),
    *_so_far("meetings", (("kind", ("meeting",)),), nouns.MEETING),
    *_so_far("quotes", (("kind", ("quote",)),), nouns.QUOTE),
    *_so_far("inbound", (("direction", ("in",)),), nouns.FROM_THEM),
    *_so_far("outbound", (("direction", ("out",)),), nouns.FROM_US),
    _count_so_far("opened", (("outcome", ("opened", "clicked", "replied")),), nouns.OPENED),
    _count_so_far("missed", (("outcome", ("missed",)),), nouns.MISSED),
    _count_so_far("held", (("outcome", ("held", "answered")),), nouns.HELD),
    Feature(
        "activity_trend_30d", "activity", "trend", "change", *NONE_IS_0,
        "activities of the last 15 days against the 15 before: {value}",
        "activités des 15 derniers jours par rapport aux 15 précédents : {value}", source="activities", window=30,
    ),
    Feature(
        "call_hours", "activity", "total", "hours", *NONE_IS_0,
        "no time on the phone so far|{value} on the phone so far",
        "pas encore de temps passé au téléphone|{value} au téléphone à ce jour", source="activities",
        where=(("kind", ("call",)),), column="duration", scale=HOUR,
    ),
    Feature(
        "worked_hours", "activity", "total", "hours", *NONE_IS_0,
        "no time spent recorded so far|time spent so far: {value}",
        "pas encore de temps passé enregistré|temps passé à ce jour : {value}", source="activities", column="duration",
        scale=HOUR,
    ),
    Feature(
        "days_since_first_activity", "activity", "days_since_first", "days", "no activity yet",
        "aucune activité pour l'instant", "first activity {value} ago", "première activité il y a {value}",
        source="activities",
    ),
    # replies
    Feature(
        "inbound_share_30d", "response", "share", "share", "no contact in the last 30 days",
        "aucun contact ces 30 derniers jours", "{value} of the contacts of the last 30 days came from the customer",
        "{value} des contacts des 30 derniers jours viennent du client", source="activities",
        where=(("direction", ("in",)),), over=(("direction", ("in", "out")),), window=30,
    ),
    Feature(
        "customer_reply_hours", "response", "mean", "hours", "no reply from the customer yet",
        "le client n'a pas encore répondu", "the customer replies in {value} on average",
        "le client répond en {value} en moyenne", source="activities", where=(("reply", ("theirs",)),), column="delay",
        scale=HOUR,
    ),
    Feature(
        "our_reply_hours", "response", "mean", "hours", "no message from the customer to reply to yet",
        "aucun message du client à qui répondre pour l'instant", "we reply in {value} on average",
        "nous répondons en {value} en moyenne", source="activities", where=(("reply", ("ours",)),), column="delay",
        scale=HOUR, actionable=True,
    ),
    # next step
    Feature(
        "planned", "plan", "state", "steps", *NONE_IS_0,
        "no next step planned|1 next step planned|{value} next steps planned",
        "aucune prochaine étape prévue|1 prochaine étape prévue|{value} prochaines étapes prévues", source="plans",
        column="planned", actionable=True,
    ),
    Feature(
        "overdue", "plan", "state", "steps", *NONE_IS_0,
        "no promise overdue|1 promise overdue|{value} promises overdue",
        "aucune promesse en retard|1 promesse en retard|{value} promesses en retard", source="plans", column="overdue",
        actionable=True,
    ),
    Feature(
        "days_to_next_step", "plan", "days_until", "days ahead", "no next step planned",
        "aucune prochaine étape prévue", "next step due {value}", "prochaine étape prévue {value}", source="plans",
        column="next_due",
    ),
    # stage
    _word("stage", "stage", "stage", "stage", "étape", kinds=(DEALS,), feminine=True),
    _word("status", "stage", "status", "status", "statut", kinds=(LEADS,)),
    Feature(
        "stage_place", "stage", "place", "place", "stage not recorded or not one of its process",
        "étape non renseignée ou hors du processus", "step {value} of its process", "étape n° {value} de son processus",
        kinds=(DEALS,),
    ),
    Feature(
        "days_in_stage", "stage", "days_in", "days", "time in this stage not known",
        "durée dans cette étape inconnue", "{value} in this stage", "{value} dans cette étape", column="stage",
        kinds=(DEALS,),
    ),
    Feature(
        "stage_time_over_usual", "stage", "days_in_over_usual", "times",
        "time in this stage not known, or no usual time to compare it with yet",
        "durée dans cette étape inconnue, ou pas encore de durée habituelle à laquelle la comparer",
        "in this stage for {value} × the usual time", "dans cette étape depuis {value} fois la durée habituelle",
        source="opportunities.stage", column="stage", kinds=(DEALS,),
    ),
    _moves(
        "stage_changes", "stage", (), "stage", "never changed stage|changed stage once|changed stage {value} times",
        "n'a jamais changé d'étape|a changé d'étape une fois|a changé d'étape {value} fois",
    ),
    _moves(
        "stage_regressions", "stage", ("down",), "stage",
        "never went back a stage|went back a stage once|went back a stage {value} times",
        "jamais revenue à une étape antérieure|revenue une fois à une étape antérieure"
        "|revenue {value} fois à une étape antérieure",
    ),
    _moves(
        "stage_skips", "stage", ("skip",), "stage",
        "never skipped a stage|skipped a stage once|skipped a stage {value} times",
        "n'a jamais sauté d'étape|a sauté une étape une fois|a sauté une étape {value} fois",
    ),
    # amount
    Feature(
        "amount", "amount", "value", "money", "no amount recorded", "montant non renseigné", "amount {value}",
        "montant {value}", column="amount", scale=100, kinds=(DEALS,),
    ),
    Feature(
        "recurring_amount", "amount", "value", "money", "no recurring amount recorded",
        "montant récurrent non renseigné", "recurring amount {value}", "montant récurrent {value}",
        column="recurring_amount", scale=100, kinds=(DEALS,),
    ),
    _moves(
        "amount_cuts", "amount", ("down",), "amount",
        "the amount was never cut|the amount was cut once|the amount was cut {value} times",
        "montant jamais réduit|montant réduit une fois|montant réduit {value} fois",
    ),
    _moves(
        "amount_raises", "amount", ("up",), "amount",
        "the amount was never raised|the amount was raised once|the amount was raised {value} times",
        "montant jamais augmenté|montant augmenté une fois|montant augmenté {value} fois",
    ),
    # expected close
    Feature(
        "days_to_expected_close", "close", "days_to", "days to deadline", "no expected close recorded",
        "échéance prévue non renseignée", "expected close {value}", "échéance prévue {value}", column="expected_close",
        kinds=(DEALS,),
    ),
    _moves(
        "close_pushes", "expected_close", ("up",), "close",
        "expected close never pushed out|expected close pushed out once|expected close pushed out {value} times",
        "échéance jamais repoussée|échéance repoussée une fois|échéance repoussée {value} fois",
    ),
    _moves(
        "close_pulls", "expected_close", ("down",), "close",
        "expected close never pulled in|expected close pulled in once|expected close pulled in {value} times",
        "échéance jamais avancée|échéance avancée une fois|échéance avancée {value} fois",
    ),
    # account history
    Feature(
        "account_wins", "account", "total", "deals", *NONE_IS_0,
        "no deal won with this account yet|1 deal already won with this account"
        "|{value} deals already won with this account",
        "aucune affaire encore gagnée avec ce compte|1 affaire déjà gagnée avec ce compte"
        "|{value} affaires déjà gagnées avec ce compte", source="opportunities.account", column="reached",
    ),
    Feature(
        "account_deals", "account", "count", "deals", *NONE_IS_0,
        "no deal closed with this account yet|1 deal closed with this account|{value} deals closed with this account",
        "aucune affaire encore close avec ce compte|1 affaire close avec ce compte"
        "|{value} affaires closes avec ce compte", source="opportunities.account",
    ),
    Feature(
        "account_spend", "account", "total", "money", *NONE_IS_0,
        "this account has not bought yet|this account has bought for {value} before",
        "ce compte n'a encore rien acheté|ce compte a déjà acheté pour {value}", source="opportunities.account",
        column="worth", scale=100,
    ),
    Feature(
        "days_since_account_deal", "account", "days_since_last", "days", "no deal closed with this account yet",
        "aucune affaire encore close avec ce compte", "last deal with this account closed {value} ago",
        "dernière affaire close avec ce compte il y a {value}", source="opportunities.account",
    ),
    # owner history
    _word("owner", "owner", "owner_id", "owner", "commercial"),
    _rate_of("owner", "owner", "this owner's records", "les dossiers de ce commercial"),
    Feature(
        "owner_ended", "owner", "count", "records", *NONE_IS_0,
        "this owner has closed no record yet|this owner has closed 1 record|this owner has closed {value} records",
        "ce commercial n'a encore clos aucun dossier|ce commercial a clos 1 dossier"
        "|ce commercial a clos {value} dossiers", source="owner",
    ),
    Feature(
        "owner_load", "owner", "total", "records", *NONE_IS_0,
        "this owner has no open record|this owner has 1 open record|this owner has {value} open records",
        "ce commercial n'a aucun dossier en cours|ce commercial a 1 dossier en cours"
        "|ce commercial a {value} dossiers en cours", source="load", column="open",
    ),
    _moves(
        "owner_changes", "owner_id", (), "owner", "never changed owner|changed owner once|changed owner {value} times",
        "n'a jamais changé de commercial|a changé de commercial une fois|a changé de commercial {value} fois",
    ),
    # the person's own guess, age, calendar
    Feature(
        "own_probability", "own_probability", "value", "probability", "no percentage given by the owner",
        "pas de probabilité donnée par le commercial", "the owner says {value}", "le commercial dit {value}",
        column="own_probability", kinds=(DEALS,),
    ),
    Feature("age_days", "age", "age", "age", *ALWAYS, "{value}", "{value}"),
    *(
        Feature(name, "calendar", "calendar", unit, *ALWAYS, f"{en}: {{value}}", f"{fr} : {{value}}", column=name)
        for name, unit, en, fr in (
            ("weekday", "weekday", "day of the week", "jour de la semaine"),
            ("month", "month", "month", "mois"),
            ("day_of_quarter", "day", "day of the quarter", "jour du trimestre"),
        )
    ),
)  # fmt: skip


def custom_feature(attribute: Attribute, kind: str, owner: str = "") -> Feature:
    """The row of an accepted custom field; `owner` names the linked entity it belongs to.

    >>> custom_feature(Attribute("Budget", "creation", "number"), "leads").name
    'custom:Budget'
    """
    column = f"{owner}.{attribute.field}" if owner else attribute.field
    aggregation = {"date": "days_to"}.get(attribute.type, "value")
    unit = {"date": "days ahead", "number": "number"}.get(attribute.type, "")
    label = attribute.field.replace("{", "{{").replace("}", "}}").replace("|", "/")  # they mean something in a sentence
    return Feature(
        f"custom:{column}", "custom", aggregation, unit, f"{attribute.field}: not recorded",
        f"{attribute.field} : non renseigné", f"{label}: {{value}}", f"{label} : {{value}}", column=column,
        category=attribute.type not in ("number", "date"), kinds=(kind,),
    )  # fmt: skip


def catalog_for(history: History) -> tuple[Feature, ...]:
    """The rows that apply to a history's kind, custom fields last."""
    own = tuple(custom_feature(attribute, history.kind) for attribute in history.own.attributes)
    linked = tuple(
        custom_feature(attribute, history.kind, name)
        for name, entity in history.linked.items()
        for attribute in entity.attributes
    )
    return tuple(row for row in CATALOG if history.kind in row.kinds) + own + linked


def catalog_hash(rows: tuple[Feature, ...]) -> str:
    """SHA-256 of what the rows compute (not of what they say): equal hashes mean interchangeable features."""
    meaning = [repr(astuple(row)[:3] + astuple(row)[8:]) for row in rows]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()
