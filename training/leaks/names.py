"""What a field's name and words suggest: prior evidence that lowers a threshold, never a verdict of its own."""

import re
from collections.abc import Iterable
from typing import Literal

Meaning = Literal["", "latest", "score"]

_LATEST = re.compile(
    r"\b(last|latest|recent|modified|updated|edited|closed?|closing|closure|reason|final|won|lost|signed|signature"
    r"|invoice\w*|paid|churn\w*|derni\w+|modifi\w+|clotur\w*|motif|finale?|gagne\w*|perdue?s?|signe\w*|factur\w+"
    r"|paye\w*)\b"
)
_SCORE = re.compile(r"\b(scor\w+|rating|grade|index|rank\w*|quality|probabilit\w*|likelihood|qualite|note|indice)\b")
_ENDED = re.compile(
    r"\b(won|lost|closed?|signed|converted|cancell?ed|rejected|refused|gagne\w*|perdue?s?|clotur\w*|signe\w*"
    r"|converti\w*|annule\w*|refuse\w*)\b"
)
_FOLD = str.maketrans("àâäçéèêëîïôöùûü", "aaaceeeeiioouuu")


def plain(text: str) -> str:
    """Lower case, without accents, its parts apart.

    >>> plain("DernièreActivité_le")
    'derniere activite le'
    """
    apart = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|[_\-.:/]+", " ", text)
    return apart.lower().translate(_FOLD)


def meaning(name: str) -> Meaning:
    """Whether a name says that the value is the latest of something, or a score that is computed again and again.

    >>> meaning("Last Notable Activity"), meaning("motif_cloture"), meaning("Lead Score"), meaning("Lastenheft")
    ('latest', 'latest', 'score', '')
    """
    if _LATEST.search(plain(name)):
        return "latest"
    return "score" if _SCORE.search(plain(name)) else ""


def tells_end(words: Iterable[str]) -> list[str]:
    """The words that only make sense once a record has ended.

    >>> tells_end(["Closed by Anna", "Ringing", "perdu - prix"])
    ['Closed by Anna', 'perdu - prix']
    """
    return [word for word in words if _ENDED.search(plain(word))]
