"""Where an opportunity stands: stage, amount, expected close, and how they moved; and the owner's own guess."""

from features.columns import MICROSECONDS_A_DAY
from features.feature import Feature
from features.rows.making import DEALS, LEADS, NONE_IS_0, moves, word

STAGE: tuple[Feature, ...] = (
    word("stage", "stage", "stage", "stage", "étape", kinds=DEALS, feminine=True),
    word("status", "stage", "status", "status", "statut", kinds=LEADS),
    Feature(
        "stage_place", "stage", "place", "place", "stage not recorded or not one of its process",
        "étape non renseignée ou hors du processus", "step {value} of its process", "étape n° {value} de son processus",
        kinds=DEALS,
    ),
    Feature(
        "days_in_stage", "stage", "days_in", "days", "time in this stage not known",
        "durée dans cette étape inconnue", "{value} in this stage", "{value} dans cette étape", column="stage",
        kinds=DEALS,
    ),
    Feature(
        "stage_time_over_usual", "stage", "days_in_over_usual", "times",
        "time in this stage not known, or no usual time to compare it with yet",
        "durée dans cette étape inconnue, ou pas encore de durée habituelle à laquelle la comparer",
        "in this stage for {value} × the usual time", "dans cette étape depuis {value} fois la durée habituelle",
        source="opportunities.stage", column="stage", kinds=DEALS,
    ),
    moves(
        "stage_changes", "stage", (), "stage", "never changed stage|changed stage once|changed stage {value} times",
        "n'a jamais changé d'étape|a changé d'étape une fois|a changé d'étape {value} fois",
    ),
    moves(
        "stage_changes_30d", "stage", (), "stage",
        "no change of stage in the last 30 days|changed stage once in the last 30 days"
        "|changed stage {value} times in the last 30 days",
        "aucun changement d'étape ces 30 derniers jours|a changé d'étape une fois ces 30 derniers jours"
        "|a changé d'étape {value} fois ces 30 derniers jours", window=30,
    ),
    moves(
        "stage_regressions", "stage", ("down",), "stage",
        "never went back a stage|went back a stage once|went back a stage {value} times",
        "jamais revenue à une étape antérieure|revenue une fois à une étape antérieure"
        "|revenue {value} fois à une étape antérieure",
    ),
    moves(
        "stage_skips", "stage", ("skip",), "stage",
        "never skipped a stage|skipped a stage once|skipped a stage {value} times",
        "n'a jamais sauté d'étape|a sauté une étape une fois|a sauté une étape {value} fois",
    ),
)  # fmt: skip

AMOUNT: tuple[Feature, ...] = (
    Feature(
        "amount", "amount", "money", "money", "no amount recorded", "montant non renseigné", "amount {value}",
        "montant {value}", column="amount", kinds=DEALS,
    ),
    Feature(
        "recurring_amount", "amount", "money", "money", "no recurring amount recorded",
        "montant récurrent non renseigné", "recurring amount {value}", "montant récurrent {value}",
        column="recurring_amount", kinds=DEALS,
    ),
    Feature(
        "amount_over_usual", "amount", "value_over_usual", "times", "no amount, or nothing won in this process yet",
        "pas de montant, ou rien de gagné encore dans ce processus", "{value} × the usual amount won in this process",
        "{value} fois le montant gagné habituel de ce processus", source="process", column="amount", kinds=DEALS,
    ),
    moves(
        "amount_cuts", "amount", ("down",), "amount",
        "the amount was never cut|the amount was cut once|the amount was cut {value} times",
        "montant jamais réduit|montant réduit une fois|montant réduit {value} fois",
    ),
    moves(
        "amount_raises", "amount", ("up",), "amount",
        "the amount was never raised|the amount was raised once|the amount was raised {value} times",
        "montant jamais augmenté|montant augmenté une fois|montant augmenté {value} fois",
    ),
    Feature(
        "amount_growth", "amount", "growth", "growth", "no amount recorded, now or at first",
        "montant non renseigné, à présent ou au départ", "amount {value} since the first one",
        "montant {value} depuis le premier", source="moves", where=(("field", ("amount",)),), column="amount",
        kinds=DEALS,
    ),
)  # fmt: skip

CLOSE: tuple[Feature, ...] = (
    Feature(
        "days_to_expected_close", "close", "days_to", "days to deadline", "no expected close recorded",
        "échéance prévue non renseignée", "expected close {value}", "échéance prévue {value}", column="expected_close",
        kinds=DEALS,
    ),
    moves(
        "close_pushes", "expected_close", ("up",), "close",
        "expected close never pushed out|expected close pushed out once|expected close pushed out {value} times",
        "échéance jamais repoussée|échéance repoussée une fois|échéance repoussée {value} fois",
    ),
    moves(
        "close_pulls", "expected_close", ("down",), "close",
        "expected close never pulled in|expected close pulled in once|expected close pulled in {value} times",
        "échéance jamais avancée|échéance avancée une fois|échéance avancée {value} fois",
    ),
    Feature(
        "close_pushed_days", "close", "total", "days", *NONE_IS_0, "expected close pushed out by {value} in all",
        "échéance repoussée de {value} au total", source="moves",
        where=(("field", ("expected_close",)), ("way", ("up",))), column="by", scale=MICROSECONDS_A_DAY, kinds=DEALS,
    ),
    Feature(
        "days_since_close_moved", "close", "days_since_last", "days", "expected close never moved",
        "échéance jamais déplacée", "expected close last moved {value} ago", "échéance déplacée il y a {value}",
        source="moves", where=(("field", ("expected_close",)),), kinds=DEALS,
    ),
)  # fmt: skip

OWN_GUESS: tuple[Feature, ...] = (
    Feature(
        "own_probability", "own_probability", "value", "probability", "no percentage given by the owner",
        "pas de probabilité donnée par le commercial", "the owner says {value}", "le commercial dit {value}",
        column="own_probability", kinds=DEALS,
    ),
)  # fmt: skip
