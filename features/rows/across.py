"""What other records tell: the account's and the person's past, the owner's record and load; age and time of year."""

from features.feature import REACHED, Feature
from features.rows.making import ALWAYS, DEALS, NONE_IS_0, moves, rate_of, word

_ACCOUNT_DEALS = "opportunities.account"

ACCOUNT: tuple[Feature, ...] = (
    Feature(
        "account_wins", "account", "count", "deals", *NONE_IS_0,
        "no deal won with this account yet|1 deal already won with this account"
        "|{value} deals already won with this account",
        "aucune affaire encore gagnée avec ce compte|1 affaire déjà gagnée avec ce compte"
        "|{value} affaires déjà gagnées avec ce compte", source=_ACCOUNT_DEALS, where=REACHED,
    ),
    Feature(
        "account_wins_365d", "account", "count", "deals", *NONE_IS_0,
        "no deal won with this account in a year|1 deal won with this account in a year"
        "|{value} deals won with this account in a year",
        "aucune affaire gagnée avec ce compte en un an|1 affaire gagnée avec ce compte en un an"
        "|{value} affaires gagnées avec ce compte en un an", source=_ACCOUNT_DEALS, where=REACHED, window=365,
    ),
    Feature(
        "account_deals", "account", "count", "deals", *NONE_IS_0,
        "no deal closed with this account yet|1 deal closed with this account|{value} deals closed with this account",
        "aucune affaire encore close avec ce compte|1 affaire close avec ce compte"
        "|{value} affaires closes avec ce compte", source=_ACCOUNT_DEALS,
    ),
    rate_of("account_rate", "account", _ACCOUNT_DEALS, "deals with this account", "les affaires avec ce compte"),
    Feature(
        "account_open", "account", "total", "deals", *NONE_IS_0,
        "no open deal with this account|1 open deal with this account|{value} open deals with this account",
        "aucune affaire en cours avec ce compte|1 affaire en cours avec ce compte"
        "|{value} affaires en cours avec ce compte", source="opportunities.open", column="open",
    ),
    Feature(
        "account_spend", "account", "total", "money", *NONE_IS_0,
        "this account has not bought yet|this account has bought for {value} before",
        "ce compte n'a encore rien acheté|ce compte a déjà acheté pour {value}", source=_ACCOUNT_DEALS, column="worth",
    ),
    Feature(
        "days_since_account_deal", "account", "days_since_last", "days", "no deal closed with this account yet",
        "aucune affaire encore close avec ce compte", "last deal with this account closed {value} ago",
        "dernière affaire close avec ce compte il y a {value}", source=_ACCOUNT_DEALS,
    ),
    Feature(
        "amount_over_account", "account", "value_over_usual", "times",
        "no amount, or nothing won with this account yet",
        "pas de montant, ou rien de gagné encore avec ce compte", "{value} × what this account usually buys for",
        "{value} fois l'achat habituel de ce compte", source=_ACCOUNT_DEALS, column="amount", kinds=DEALS,
    ),
    Feature(
        "person_wins", "account", "count", "deals", *NONE_IS_0,
        "no deal won with this person yet|1 deal already won with this person"
        "|{value} deals already won with this person",
        "aucune affaire encore gagnée avec cet interlocuteur|1 affaire déjà gagnée avec cet interlocuteur"
        "|{value} affaires déjà gagnées avec cet interlocuteur", source="opportunities.person", where=REACHED,
    ),
    rate_of(
        "person_rate", "account", "opportunities.person", "deals with this person",
        "les affaires avec cet interlocuteur",
    ),
)  # fmt: skip

OWNER: tuple[Feature, ...] = (
    word("owner", "owner", "owner_id", "owner", "commercial"),
    rate_of("owner_rate", "owner", "owner", "this owner's records", "les dossiers de ce commercial"),
    rate_of(
        "owner_rate_90d", "owner", "owner", "this owner's records", "les dossiers de ce commercial", window=90
    ),
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
    moves(
        "owner_changes", "owner_id", (), "owner", "never changed owner|changed owner once|changed owner {value} times",
        "n'a jamais changé de commercial|a changé de commercial une fois|a changé de commercial {value} fois",
    ),
)  # fmt: skip

AGE: tuple[Feature, ...] = (
    Feature("age_days", "age", "age", "age", *ALWAYS, "{value}", "{value}"),
    Feature(
        "age_over_usual", "age", "age_over_usual", "times", "nothing has reached the goal in this process yet",
        "aucun dossier de ce processus n'a encore abouti",
        "{value} × as old as records of this process that reached the goal",
        "{value} fois l'âge auquel aboutissent les dossiers de ce processus", source="process",
    ),
)  # fmt: skip

CALENDAR: tuple[Feature, ...] = (
    *(
        Feature(name, "calendar", "calendar", unit, *ALWAYS, f"{en}: {{value}}", f"{fr} : {{value}}", column=name)
        for name, unit, en, fr in (
            ("weekday", "weekday", "day of the week", "jour de la semaine"),
            ("month", "month", "month", "mois"),
            ("day_of_quarter", "day", "day of the quarter", "jour du trimestre"),
            ("days_to_quarter_end", "day", "days left in the quarter", "jours restants du trimestre"),
        )
    ),
    *(
        Feature(
            f"created_{name}", "calendar", "calendar_at_creation", unit, *ALWAYS, f"{en}: {{value}}",
            f"{fr} : {{value}}", column=name,
        )
        for name, unit, en, fr in (
            ("weekday", "weekday", "created on", "jour de création"),
            ("hour", "hour", "hour of creation", "heure de création"),
        )
    ),
)  # fmt: skip
