"""The rows of an accepted custom field, by its type: what it reads like, and how often its words reached the goal."""

from features.entity import Attribute
from features.feature import Feature
from features.rows.making import NO_HISTORY, NONE_IS_0, told
from features.terms import BUCKETS
from features.view import WORD


def custom_features(attribute: Attribute, kind: str, owner: str = "") -> tuple[Feature, ...]:
    """The rows of one field; `owner` names the linked entity it belongs to ("": the record itself).

    A number or a flag is as it is; a date is how far ahead it lies; a category is its word, how often records of that
    word reached the goal by as-of (so that thousands of words tell something), and how many those were; a text is its
    hashed terms.

    >>> [row.name for row in custom_features(Attribute("Budget", "creation", "number"), "leads")]
    ['custom:Budget']
    >>> [row.name for row in custom_features(Attribute("Sector", "creation", "category"), "leads", "account")]
    ['custom:account.Sector', 'custom:account.Sector:rate', 'custom:account.Sector:known']
    """
    column = f"{owner}.{attribute.field}" if owner else attribute.field
    if attribute.type == "text":
        return tuple(_term(attribute.field, column, kind, bucket) for bucket in range(BUCKETS))
    itself = _itself(attribute, column, kind)
    return (itself, *_history(attribute.field, column, kind)) if attribute.type == "category" else (itself,)


def _itself(attribute: Attribute, column: str, kind: str) -> Feature:
    label = told(attribute.field)
    return Feature(
        f"custom:{column}", "custom", "days_to" if attribute.type == "date" else "value",
        {"date": "days ahead", "number": "number"}.get(attribute.type, ""), f"{attribute.field}: not recorded",
        f"{attribute.field} : non renseigné", f"{label}: {{value}}", f"{label} : {{value}}", column=column,
        category=attribute.type not in ("number", "date"), kinds=(kind,),
        group=f"custom:{column}",
    )  # fmt: skip


def _history(field: str, column: str, kind: str) -> tuple[Feature, Feature]:
    label = told(field)
    return (
        Feature(
            f"custom:{column}:rate", "custom", "rate", "share", *NO_HISTORY,
            f"records with this {label} reach the goal in {{value}} of cases so far",
            f"les dossiers avec ce « {label} » aboutissent dans {{value}} des cas à ce jour", source=f"{WORD}{column}",
            kinds=(kind,), group=f"custom:{column}",
        ),
        Feature(
            f"custom:{column}:known", "custom", "count", "records", *NONE_IS_0,
            f"no record with this {label} closed yet|1 record with this {label} closed"
            f"|{{value}} records with this {label} closed",
            f"aucun dossier avec ce « {label} » encore clos|1 dossier avec ce « {label} » clos"
            f"|{{value}} dossiers avec ce « {label} » clos", source=f"{WORD}{column}", kinds=(kind,),
            group=f"custom:{column}",
        ),
    )  # fmt: skip


def _term(field: str, column: str, kind: str, bucket: int) -> Feature:
    label = told(field)
    return Feature(
        f"custom:{column}:terms{bucket}", "custom", "terms", "terms", f"{field}: not recorded",
        f"{field} : non renseigné", f"the wording of {label}", f"les termes de « {label} »", column=column,
        kinds=(kind,), bucket=bucket, group=f"custom:{column}",
    )  # fmt: skip
