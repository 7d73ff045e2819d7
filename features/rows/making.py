"""How rows of one shape are written: a word of a record, counts over windows, rates, moves."""

from features.feature import BOTH, Feature
from features.filters import Where
from features.nouns import Noun

LEADS, DEALS = (BOTH[0],), (BOTH[1],)

NONE_IS_0 = ("never missing: none is 0", "jamais manquant : aucun compte pour 0")
ALWAYS = ("never missing", "jamais manquant")
NO_HISTORY = (
    "never missing: without history it is the rate of all", "jamais manquant : sans historique, le taux de tous",
)  # fmt: skip
CODED = ("sector", "division", "size_band", "seniority", "function", "phone_kind", "country")
"""What a word is turned `through` into codes, which are spelled in the reader's language."""


def word(
    name: str,
    family: str,
    column: str,
    en: str,
    fr: str,
    through: str = "",
    kinds: tuple[str, ...] = BOTH,
    feminine: bool = False,
) -> Feature:
    """A word as it was known at as-of, turned `through` another."""
    unit = "country" if through == "phone_country" else through if through in CODED else ""
    return Feature(
        name, family, "value", unit, f"no {en} recorded", f"{fr} non renseigné{'e' if feminine else ''}",
        f"{en}: {{value}}", f"{fr} : {{value}}", column=column, through=through, category=True, kinds=kinds,
    )  # fmt: skip


def flag(
    name: str, column: str, through: str, missing: tuple[str, str], says: tuple[str, str], family: str = "contact"
) -> Feature:
    """1 where a word, or two together, have a property; `says` in English and French, each `not so|so`."""
    return Feature(name, family, "number", "flag", *missing, *says, column=column, through=through)


def counted(name: str, where: Where, noun: Noun, window: int, actionable: bool = False) -> Feature:
    """How many events in the last `window` days."""
    return Feature(
        f"{name}_{window}d", "activity", "count", "events", *NONE_IS_0,
        *noun.counted(f"in the last {window} days", f"ces {window} derniers jours"),
        source="activities", where=where, window=window, actionable=actionable,
    )  # fmt: skip


def count_so_far(name: str, where: Where, noun: Noun) -> Feature:
    """How many events ever."""
    return Feature(
        f"{name}_so_far", "activity", "count", "events", *NONE_IS_0, *noun.counted("so far", "à ce jour"),
        source="activities", where=where,
    )  # fmt: skip


def so_far(name: str, where: Where, noun: Noun) -> tuple[Feature, ...]:
    """How many events ever, and days since the last."""
    last = "dernière" if noun.feminine else "dernier"
    return (
        count_so_far(name, where, noun),
        Feature(
            f"days_since_{name}", "activity", "days_since_last", "days", f"no {noun.en[0]} yet",
            f"{noun.none_fr} pour l'instant", f"last {noun.en[0]} {{value}} ago",
            f"{last} {noun.fr[0]} il y a {{value}}", source="activities", where=where, actionable=True,
        ),
    )  # fmt: skip


def rate_of(
    name: str,
    family: str,
    source: str,
    en: str,
    fr: str,
    window: int | None = None,
    kinds: tuple[str, ...] = BOTH,
) -> Feature:
    """How often the records of one owner, source ... reached the target, ever or in the last `window` days."""
    ago, depuis = (f"in the last {window} days", f"ces {window} derniers jours") if window else ("so far", "à ce jour")
    return Feature(
        name, family, "rate", "share", *NO_HISTORY, f"{en} reach the goal in {{value}} of cases {ago}",
        f"{fr} aboutissent dans {{value}} des cas {depuis}", source=source, window=window, kinds=kinds,
    )  # fmt: skip


def moves(
    name: str, field: str, way: tuple[str, ...], family: str, en: str, fr: str, window: int | None = None
) -> Feature:
    """How often a field of an opportunity changed, one way or any."""
    where: Where = (("field", (field,)), *((("way", way),) if way else ()))
    return Feature(
        name, family, "count", "times", *NONE_IS_0, en, fr, source="moves", where=where, window=window, kinds=DEALS,
    )  # fmt: skip


def told(name: str) -> str:
    """A name of the CRM's inside a sentence, where braces and bars mean something.

    >>> told("{a|b}")
    '{{a/b}}'
    """
    return name.replace("{", "{{").replace("}", "}}").replace("|", "/")
