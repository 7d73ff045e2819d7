"""THE CATALOGUE: one row per feature. The engine knows none by name; reasons, docs and the oracle read these rows.

`says` is the sentence a reason prints; `{value}` is the record's own value with its unit.
"""

import hashlib
from dataclasses import astuple

from features.columns import MICROSECONDS_A_DAY
from features.entity import Attribute
from features.feature import BOTH, FAMILIES, Feature
from features.history import History
from features.stream import Where

__all__ = ["CATALOG", "FAMILIES", "Feature", "catalog_for", "catalog_hash", "custom_feature"]

LEADS, DEALS = BOTH
HOUR = MICROSECONDS_A_DAY // 24


def _word(
    name: str, family: str, column: str, en: str, fr: str, through: str = "", kinds: tuple[str, ...] = BOTH
) -> Feature:
    return Feature(
        name, family, "value", "", "not recorded", f"{en}: {{value}}", f"{fr} : {{value}}",
        column=column, through=through, category=True, kinds=kinds,
    )  # fmt: skip


def _events(window: int) -> tuple[Feature, ...]:
    """Counts over one window of days."""
    rows = (
        ("activities", (), "activities", "activités"),
        ("calls", (("kind", ("call",)),), "calls", "appels"),
        ("meetings", (("kind", ("meeting",)),), "meetings", "rendez-vous"),
        ("emails_in", (("kind", ("email",)), ("direction", ("in",))), "e-mails received", "e-mails reçus"),
        ("emails_out", (("kind", ("email",)), ("direction", ("out",))), "e-mails sent", "e-mails envoyés"),
        ("inbound", (("direction", ("in",)),), "contacts from the customer", "contacts venant du client"),
        ("web_visits", (("kind", ("web_visit", "form")),), "visits and forms", "visites et formulaires"),
    )
    return tuple(
        Feature(
            f"{name}_{window}d", "activity", "count", "events", "never: none is 0",
            f"{{value}} {en} in the last {window} days", f"{{value}} {fr} ces {window} derniers jours",
            source="activities", where=where, window=window, actionable=name in ("calls", "meetings", "emails_out"),
        )
        for name, where, en, fr in rows
    )  # fmt: skip


def _so_far(name: str, where: Where, en: str, fr: str) -> tuple[Feature, ...]:
    """How many ever, and days since the last."""
    return (
        Feature(
            f"{name}_so_far", "activity", "count", "events", "never: none is 0",
            f"{{value}} {en} so far", f"{{value}} {fr} à ce jour", source="activities", where=where,
        ),
        Feature(
            f"days_since_{name}", "activity", "days_since_last", "days", f"no {en} yet",
            f"last of the {en} {{value}} ago", f"dernier des {fr} il y a {{value}}",
            source="activities", where=where, actionable=True,
        ),
    )  # fmt: skip


def _rate_of(by: str, family: str, en: str, fr: str) -> Feature:
    return Feature(
        f"{by}_rate", family, "rate", "share", "never: without history it is the rate of all",
        f"{en} reach the goal in {{value}} of cases so far", f"{fr} aboutissent dans {{value}} des cas à ce jour",
        source=by,
    )  # fmt: skip


def _moves(name: str, field: str, way: tuple[str, ...], family: str, en: str, fr: str) -> Feature:
    where: Where = (("field", (field,)), *((("way", way),) if way else ()))
    return Feature(
        name, family, "count", "times", "never: none is 0", f"{en} {{value}} times", f"{fr} {{value}} fois",
        source="moves", where=where, kinds=(DEALS,),
    )  # fmt: skip


_OUTCOME_WORDS: dict[str, tuple[str, ...]] = {
    "opened": ("opened", "clicked", "replied"), "missed": ("missed",), "held": ("held", "answered"),
}  # fmt: skip

CATALOG: tuple[Feature, ...] = (
    # source and process
    _word("process", "source", "process", "process", "processus"),
    _word("source", "source", "source", "source", "source"),
    _word("campaign", "source", "campaign", "campaign", "campagne", kinds=(LEADS,)),
    _word("product", "source", "product", "product", "produit", kinds=(DEALS,)),
    _word("currency", "source", "currency", "currency", "devise", kinds=(DEALS,)),
    _rate_of("source", "source", "leads and deals of this source", "les dossiers de cette source"),
    _rate_of("process", "source", "records of this process", "les dossiers de ce processus"),
    # company
    _word("sector", "company", "account.industry", "sector", "secteur", "sector"),
    _word("country", "company", "country|account.country", "country", "pays"),
    _word("region", "company", "account.postal_code", "region", "région", "region"),
    _word("size_band", "company", "account.employees", "staff", "effectif", "size_band"),
    Feature(
        "employees", "company", "value", "people", "head count not recorded", "{value} people", "{value} personnes",
        column="account.employees",
    ),
    Feature(
        "annual_revenue", "company", "value", "money", "revenue not recorded", "annual revenue {value}",
        "chiffre d'affaires {value}", column="account.annual_revenue", scale=100,
    ),
    # contact
    _word("seniority", "contact", "title|contact.title", "seniority", "niveau", "seniority"),
    _word("function", "contact", "title|contact.title", "function", "fonction", "function"),
    Feature(
        "free_mail", "contact", "number", "flag", "no e-mail address", "the e-mail address is a free one: {value}",
        "adresse e-mail gratuite : {value}", column="email|contact.email", through="free_mail",
    ),
    Feature(
        "has_phone", "contact", "filled", "flag", "never", "a phone number is known: {value}",
        "téléphone connu : {value}", column="phone|contact.phone", actionable=True,
    ),
    Feature(
        "has_email", "contact", "filled", "flag", "never", "an e-mail address is known: {value}",
        "e-mail connu : {value}", column="email|contact.email", actionable=True,
    ),
    # activity
    *_events(7),
    *_events(30),
    *_events(90),
    *_so_far("activities", (), "activities", "activités"),
    *_so_far("calls", (("kind", ("call",)),), "calls", "appels"),
    *_so_far("meetings", (("kind", ("meeting",)),), "meetings", "rendez-vous"),
    *_so_far("quotes", (("kind", ("quote",)),), "quotes", "devis"),
    *_so_far("inbound", (("direction", ("in",)),), "contacts from the customer", "contacts venant du client"),
    *_so_far("outbound", (("direction", ("out",)),), "contacts from us", "contacts de notre part"),
    *(
        Feature(
            f"{name}_so_far", "activity", "count", "events", "never: none is 0", f"{{value}} {name} so far",
            f"{{value}} « {name} » à ce jour", source="activities", where=(("outcome", words),),
        )
        for name, words in _OUTCOME_WORDS.items()
    ),
    Feature(
        "activity_trend_30d", "activity", "trend", "events", "never: none is 0",
        "{value} more activities in the last 15 days than in the 15 before",
        "{value} activités de plus ces 15 derniers jours que les 15 précédents", source="activities", window=30,
    ),
    Feature(
        "call_hours", "activity", "total", "hours", "never: none is 0", "{value} on the phone so far",
        "{value} au téléphone à ce jour", source="activities", where=(("kind", ("call",)),), column="duration",
        scale=HOUR,
    ),
    Feature(
        "worked_hours", "activity", "total", "hours", "never: none is 0", "{value} of work recorded so far",
        "{value} de travail enregistrées à ce jour", source="activities", column="duration", scale=HOUR,
    ),
    Feature(
        "days_since_first_activity", "activity", "days_since_first", "days", "no activity yet",
        "first activity {value} ago", "première activité il y a {value}", source="activities",
    ),
    # replies
    Feature(
        "inbound_share_30d", "response", "share", "share", "no contact in 30 days",
        "{value} of the contacts of the last 30 days came from the customer",
        "{value} des contacts des 30 derniers jours viennent du client", source="activities",
        where=(("direction", ("in",)),), over=(("direction", ("in", "out")),), window=30,
    ),
    Feature(
        "customer_reply_hours", "response", "mean", "hours", "the customer has not replied yet",
        "the customer replies within {value} on average", "le client répond en {value} en moyenne", source="activities",
        where=(("reply", ("theirs",)),), column="delay", scale=HOUR,
    ),
    Feature(
        "our_reply_hours", "response", "mean", "hours", "nothing to reply to yet", "we reply within {value} on average",
        "nous répondons en {value} en moyenne", source="activities", where=(("reply", ("ours",)),), column="delay",
        scale=HOUR, actionable=True,
    ),
    # next step
    Feature(
        "planned", "plan", "state", "steps", "never: none is 0", "{value} next steps planned",
        "{value} prochaines étapes prévues", source="plans", column="planned", actionable=True,
    ),
    Feature(
        "overdue", "plan", "state", "steps", "never: none is 0", "{value} promises overdue",
        "{value} promesses en retard", source="plans", column="overdue", actionable=True,
    ),
    Feature(
        "days_to_next_step", "plan", "days_until", "days", "no next step planned", "next step in {value}",
        "prochaine étape dans {value}", source="plans", column="next_due",
    ),
    # stage
    _word("stage", "stage", "stage", "stage", "étape", kinds=(DEALS,)),
    _word("status", "stage", "status", "status", "statut", kinds=(LEADS,)),
    Feature(
        "stage_place", "stage", "place", "place", "stage unknown or not in the process", "step {value} of its process",
        "étape {value} de son processus", kinds=(DEALS,),
    ),
    Feature(
        "days_in_stage", "stage", "days_in", "days", "not known since when", "{value} in this stage",
        "{value} dans cette étape", column="stage", kinds=(DEALS,),
    ),
    Feature(
        "stage_time_over_usual", "stage", "days_in_over_usual", "times",
        "not known since when, or a stage none has left yet",
        "{value} times the usual time in this stage", "{value} fois la durée habituelle de cette étape",
        source="opportunities.stage", column="stage", kinds=(DEALS,),
    ),
    _moves("stage_changes", "stage", (), "stage", "changed stage", "a changé d'étape"),
    _moves("stage_regressions", "stage", ("down",), "stage", "went back a stage", "est revenue en arrière"),
    _moves("stage_skips", "stage", ("skip",), "stage", "skipped a stage", "a sauté une étape"),
    # amount
    Feature(
        "amount", "amount", "value", "money", "no amount yet", "amount {value}", "montant {value}", column="amount",
        scale=100, kinds=(DEALS,),
    ),
    Feature(
        "recurring_amount", "amount", "value", "money", "no recurring amount", "recurring amount {value}",
        "montant récurrent {value}", column="recurring_amount", scale=100, kinds=(DEALS,),
    ),
    _moves("amount_cuts", "amount", ("down",), "amount", "the amount was cut", "le montant a été réduit"),
    _moves("amount_raises", "amount", ("up",), "amount", "the amount was raised", "le montant a été augmenté"),
    # expected close
    Feature(
        "days_to_expected_close", "close", "days_to", "days", "no expected close", "expected close in {value}",
        "échéance prévue dans {value}", column="expected_close", kinds=(DEALS,),
    ),
    _moves("close_pushes", "expected_close", ("up",), "close", "close pushed out", "échéance repoussée"),
    _moves("close_pulls", "expected_close", ("down",), "close", "close pulled in", "échéance avancée"),
    # account history
    Feature(
        "account_wins", "account", "total", "deals", "never: none is 0", "{value} deals won with this account before",
        "{value} affaires déjà gagnées avec ce compte", source="opportunities.account", column="reached",
    ),
    Feature(
        "account_deals", "account", "count", "deals", "never: none is 0", "{value} deals closed with this account",
        "{value} affaires closes avec ce compte", source="opportunities.account",
    ),
    Feature(
        "account_spend", "account", "total", "money", "never: none is 0", "{value} bought before",
        "{value} achetés auparavant", source="opportunities.account", column="worth", scale=100,
    ),
    Feature(
        "days_since_account_deal", "account", "days_since_last", "days", "no closed deal with this account",
        "last deal with this account closed {value} ago", "dernière affaire close avec ce compte il y a {value}",
        source="opportunities.account",
    ),
    # owner history
    _word("owner", "owner", "owner_id", "owner", "commercial"),
    _rate_of("owner", "owner", "this owner's records", "les dossiers de ce commercial"),
    Feature(
        "owner_ended", "owner", "count", "records", "never: none is 0", "this owner has closed {value} records",
        "ce commercial a clos {value} dossiers", source="owner",
    ),
    Feature(
        "owner_load", "owner", "total", "records", "never: none is 0", "this owner has {value} open records",
        "ce commercial a {value} dossiers en cours", source="load", column="open",
    ),
    _moves("owner_changes", "owner_id", (), "owner", "changed owner", "a changé de commercial"),
    # the person's own guess, age, calendar
    Feature(
        "own_probability", "own_probability", "value", "probability", "no own guess", "the owner says {value}",
        "le commercial dit {value}", column="own_probability", kinds=(DEALS,),
    ),
    Feature("age_days", "age", "age", "days", "never", "created {value} ago", "créée il y a {value}"),
    *(
        Feature(
            name, "calendar", "calendar", unit, "never", f"{en} {{value}}", f"{fr} {{value}}", column=name,
        )
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
    unit = {"date": "days", "number": "number"}.get(attribute.type, "")
    return Feature(
        f"custom:{column}", "custom", aggregation, unit, "not recorded", f"{attribute.field}: {{value}}",
        f"{attribute.field} : {{value}}", column=column, category=attribute.type not in ("number", "date"),
        kinds=(kind,),
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
    meaning = [repr(astuple(row)[:3] + astuple(row)[7:]) for row in rows]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()
