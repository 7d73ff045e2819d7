"""What was done with the customer, how each side answers, and what is planned."""

from features import nouns
from features.columns import MICROSECONDS_A_DAY
from features.feature import Feature
from features.filters import Where
from features.rows.making import NONE_IS_0, count_so_far, counted, so_far

_HOUR = MICROSECONDS_A_DAY // 24

_CALL: Where = (("kind", ("call",)),)
_MEETING: Where = (("kind", ("meeting",)),)
_VISIT: Where = (("kind", ("web_visit", "form")),)
_INBOUND: Where = (("direction", ("in",)),)
_OUTBOUND: Where = (("direction", ("out",)),)
_MAIL_OUT: Where = (("kind", ("email",)), ("direction", ("out",)))
_MET: Where = (("kind", ("call", "meeting")),)
_REFUSED = ("bounced", "unsubscribed")
_OPENED = ("opened", "clicked", "replied")

_WINDOWS = (7, 30, 90)
_COUNTED = (
    ("activities", (), nouns.ACTIVITY, False),
    ("calls", _CALL, nouns.CALL, True),
    ("meetings", _MEETING, nouns.MEETING, True),
    ("emails_in", (("kind", ("email",)), ("direction", ("in",))), nouns.EMAIL_IN, False),
    ("emails_out", _MAIL_OUT, nouns.EMAIL_OUT, True),
    ("inbound", _INBOUND, nouns.FROM_THEM, False),
    ("web_visits", _VISIT, nouns.VISIT, False),
)


def _trend(name: str, window: int, where: Where, en: str, fr: str) -> Feature:
    half = window // 2
    return Feature(
        f"{name}_{window}d", "activity", "trend", "change", *NONE_IS_0,
        f"{en} of the last {half} days against the {half} before: {{value}}",
        f"{fr} des {half} derniers jours par rapport aux {half} précédents : {{value}}", source="activities",
        where=where, window=window,
    )  # fmt: skip


def _hours(name: str, where: Where, en: tuple[str, str], fr: tuple[str, str]) -> Feature:
    return Feature(
        name, "activity", "total", "hours", *NONE_IS_0, "|".join(en), "|".join(fr), source="activities", where=where,
        column="duration", scale=_HOUR,
    )  # fmt: skip


def _apart(name: str, window: int | None, en: str, fr: str) -> Feature:
    return Feature(
        name, "activity", "days_apart", "days", f"fewer than two activities{en}", f"moins de deux activités{fr}",
        f"{{value}} between two activities on average{en}", f"{{value}} entre deux activités en moyenne{fr}",
        source="activities", window=window,
    )  # fmt: skip


def _latest(name: str, column: str, en: str, fr: str, where: Where = ()) -> Feature:
    return Feature(
        name, "activity", "latest", "", f"no {en} known", f"{fr} : aucun renseignement", f"{en}: {{value}}",
        f"{fr} : {{value}}", source="activities", column=column, where=where, category=True,
    )  # fmt: skip


ACTIVITY: tuple[Feature, ...] = (
    *(counted(name, where, noun, days, act) for days in _WINDOWS for name, where, noun, act in _COUNTED),
    *(counted(name, where, noun, 365) for name, where, noun, _ in _COUNTED if name in ("activities", "inbound")),
    *so_far("activities", (), nouns.ACTIVITY),
    *so_far("calls", _CALL, nouns.CALL),
    *so_far("meetings", _MEETING, nouns.MEETING),
    *so_far("quotes", (("kind", ("quote",)),), nouns.QUOTE),
    *so_far("inbound", _INBOUND, nouns.FROM_THEM),
    *so_far("outbound", _OUTBOUND, nouns.FROM_US),
    *so_far("web_visits", _VISIT, nouns.VISIT),
    count_so_far("notes", (("kind", ("note",)),), nouns.NOTE),
    count_so_far("documents", (("kind", ("document",)),), nouns.DOCUMENT),
    count_so_far("opened", (("outcome", _OPENED),), nouns.OPENED),
    count_so_far("missed", (("outcome", ("missed",)),), nouns.MISSED),
    count_so_far("held", (("outcome", ("held", "answered")),), nouns.HELD),
    count_so_far("refused", (("outcome", _REFUSED),), nouns.REFUSED),
    count_so_far("people", (("person", ("new",)),), nouns.PERSON),
    count_so_far("colleagues", (("colleague", ("new",)),), nouns.COLLEAGUE),
    counted("people", (("person", ("new",)),), nouns.NEW_PERSON, 30),
    _trend("activity_trend", 30, (), "activities", "activités"),
    _trend("activity_trend", 90, (), "activities", "activités"),
    _trend("inbound_trend", 30, _INBOUND, "contacts from the customer", "contacts venant du client"),
    _hours(
        "call_hours", _CALL, ("no time on the phone so far", "{value} on the phone so far"),
        ("pas encore de temps passé au téléphone", "{value} au téléphone à ce jour"),
    ),
    _hours(
        "worked_hours", (), ("no time spent recorded so far", "time spent so far: {value}"),
        ("pas encore de temps passé enregistré", "temps passé à ce jour : {value}"),
    ),
    Feature(
        "days_since_first_activity", "activity", "days_since_first", "days", "no activity yet",
        "aucune activité pour l'instant", "first activity {value} ago", "première activité il y a {value}",
        source="activities",
    ),
    _apart("days_apart", None, "", ""),
    _apart("days_apart_90d", 90, " in the last 90 days", " ces 90 derniers jours"),
    _latest("last_kind", "kind", "last activity", "dernière activité"),
    _latest("last_outcome", "outcome", "result of the last call or meeting", "issue du dernier échange", _MET),
)  # fmt: skip


def _share(name: str, where: Where, over: Where, window: int | None, words: tuple[str, str, str, str]) -> Feature:
    return Feature(
        name, "response", "share", "share", *words, source="activities", where=where, over=over, window=window
    )


def _inbound_share(days: int) -> Feature:
    return _share(
        f"inbound_share_{days}d", _INBOUND, (("direction", ("in", "out")),), days,
        (f"no contact in the last {days} days", f"aucun contact ces {days} derniers jours",
         f"{{value}} of the contacts of the last {days} days came from the customer",
         f"{{value}} des contacts des {days} derniers jours viennent du client"),
    )  # fmt: skip


def _reply(name: str, side: str, words: tuple[str, str, str, str], actionable: bool = False) -> Feature:
    return Feature(
        name, "response", "mean", "hours", *words, source="activities", where=(("reply", (side,)),), column="delay",
        scale=_HOUR, actionable=actionable,
    )  # fmt: skip


def _waited(name: str, where: Where, words: tuple[str, str, str, str], actionable: bool = False) -> Feature:
    return Feature(
        name, "response", "after_creation", "hours", *words, source="activities", where=where, scale=_HOUR,
        actionable=actionable,
    )  # fmt: skip


RESPONSE: tuple[Feature, ...] = (
    _inbound_share(30),
    _inbound_share(90),
    _reply(
        "customer_reply_hours", "theirs",
        ("no reply from the customer yet", "le client n'a pas encore répondu",
         "the customer replies in {value} on average", "le client répond en {value} en moyenne"),
    ),
    _reply(
        "our_reply_hours", "ours",
        ("no message from the customer to reply to yet", "aucun message du client à qui répondre pour l'instant",
         "we reply in {value} on average", "nous répondons en {value} en moyenne"), actionable=True,
    ),
    _waited(
        "hours_to_first_contact", _OUTBOUND,
        ("we have not contacted the customer yet", "nous n'avons pas encore contacté le client",
         "we first contacted the customer after {value}", "premier contact de notre part après {value}"),
        actionable=True,
    ),
    _waited(
        "hours_to_first_answer", _INBOUND,
        ("the customer has not contacted us yet", "le client ne nous a pas encore contactés",
         "the customer first contacted us after {value}", "premier contact du client après {value}"),
    ),
    _share(
        "opened_share", (*_MAIL_OUT, ("outcome", _OPENED)), _MAIL_OUT, None,
        ("no e-mail sent yet", "aucun e-mail envoyé pour l'instant", "{value} of our e-mails were opened",
         "{value} de nos e-mails ont été ouverts"),
    ),
    _share(
        "missed_share", (*_MET, ("outcome", ("missed", "cancelled"))), _MET, None,
        ("no call or meeting yet", "aucun appel ni rendez-vous pour l'instant",
         "{value} of the calls and meetings were missed or cancelled",
         "{value} des appels et rendez-vous ont été manqués ou annulés"),
    ),
)  # fmt: skip

PLAN: tuple[Feature, ...] = (
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
)  # fmt: skip
