"""How a value looks, without what it says: what reports show of people's data; and words of it made safe to print."""

import unicodedata

LONGEST = 24
"""Characters of a value whose pattern is shown; of a longer one only the length is."""
_PLAIN = frozenset("€£¥’\u00a0\u202f")
"""Signs beyond ASCII that are shown: they explain why a number is not one."""
_CONTROLS = dict.fromkeys(
    (*range(32), *range(127, 160), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
"""Control characters (C0 with line ends, C1), line separators, and marks that turn the order of reading."""
_ESCAPED = {code: f"\\u{code:04x}" for code in _CONTROLS if code > 126}
"""The same beyond ASCII, as JSON may write them; those within it writes so anyway."""


def shape(text: str) -> str:
    """How a value looks without what it says: letters as a, digits as 9; a long one only by its length.

    >>> shape("12/31/2024"), shape("soon"), shape("x" * 50), shape("jeanne.dupont@exemple.example")
    ('99/99/9999', 'aaaa', 'text of 50 characters', 'text of 29 characters with an @')
    """
    if len(text) > LONGEST:
        return f"text of {len(text):,} characters{' with an @' if '@' in text else ''}"
    return "".join(_masked(letter) for letter in text)


def visible(text: str) -> str:
    r"""A text as a terminal may be given it: what would move its cursor, hide a text or turn its order is replaced.

    >>> visible("O1\x1b[2J\n\u202egpj"), visible("Été, 5\u00a0%")
    ('O1�[2J��gpj', 'Été, 5\xa0%')
    """
    return text.translate(_CONTROLS)


def escaped(told: str) -> str:
    r"""JSON whose texts a terminal may be given: the same text, such characters escaped.

    >>> import json
    >>> escaped(json.dumps("a\u202eb", ensure_ascii=False))
    '"a\\u202eb"'
    """
    return told.translate(_ESCAPED)


def word(text: str) -> str:
    """A word of a closed list as it is, for it is nobody's; what is no such word only by its shape.

    >>> word("Relance client"), word("anna@exemple.example"), word("12/31/2024")
    ('Relance client', 'aaaa@aaaaaaa.aaaaaaa', '99/99/9999')
    """
    plain = len(text) <= LONGEST and all(letter.isalpha() or letter in " '’-_/" for letter in text)
    return text if plain else shape(text)


def _masked(letter: str) -> str:
    kind = unicodedata.category(letter)[0]
    if kind in "LM":
        return "a"
    if kind == "N":
        return "9"
    return letter if letter.isascii() or letter in _PLAIN else "?"
