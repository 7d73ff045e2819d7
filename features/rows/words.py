"""The rows of the CRM's own words: what it writes of an activity beside the canonical results, each word counted."""

from features.feature import Feature
from features.filters import Where
from features.rows.making import NONE_IS_0, told


def own_words(word: str) -> tuple[Feature, Feature]:
    """How often an activity was given this word, and how long ago last.

    >>> [row.name for row in own_words("site survey")]
    ['activity:site survey:so_far', 'activity:site survey:days_since']
    """
    where: Where = (("outcome", (word,)),)
    label, group = told(word), f"activity:{word}"
    return (
        Feature(
            f"{group}:so_far", "activity", "count", "events", *NONE_IS_0,
            f"never “{label}” so far|“{label}” once so far|“{label}” {{value}} times so far",
            f"jamais « {label} » à ce jour|« {label} » une fois à ce jour|« {label} » {{value}} fois à ce jour",
            source="activities", where=where, group=group,
        ),
        Feature(
            f"{group}:days_since", "activity", "days_since_last", "days", f"never “{label}” so far",
            f"jamais « {label} » à ce jour", f"last “{label}” {{value}} ago", f"dernier « {label} » il y a {{value}}",
            source="activities", where=where, group=group,
        ),
    )  # fmt: skip
