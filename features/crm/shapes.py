"""How a value looks, without what it says: what reports show of people's data."""

import unicodedata

LONGEST = 24
"""Characters of a value whose pattern is shown; of a longer one only the length is."""
_PLAIN = frozenset("€£¥’\u00a0\u202f")
"""Signs beyond ASCII that are shown: they explain why a number is not one."""


def shape(text: str) -> str:
    """How a value looks without what it says: letters as a, digits as 9; a long one only by its length.

    >>> shape("12/31/2024"), shape("soon"), shape("x" * 50), shape("jeanne.dupont@exemple.example")
    ('99/99/9999', 'aaaa', 'text of 50 characters', 'text of 29 characters with an @')
    """
    if len(text) > LONGEST:
        return f"text of {len(text):,} characters{' with an @' if '@' in text else ''}"
    return "".join(_masked(letter) for letter in text)


def _masked(letter: str) -> str:
    kind = unicodedata.category(letter)[0]
    if kind in "LM":
        return "a"
    if kind == "N":
        return "9"
    return letter if letter.isascii() or letter in _PLAIN else "?"
