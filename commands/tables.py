"""Tables for people: aligned plain text, the same on a terminal and in a file."""

import re
from collections.abc import Sequence


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their heads, two spaces between columns; columns of figures to the right.

    >>> print(aligned(["group", "EUR"], [["whole", "1,200"], ["Nord", "-"]]))
    group    EUR
    whole  1,200
    Nord       -
    """
    columns = list(zip(head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(_is_figure, column[1:])) for column in columns]
    lines = (
        "  ".join(cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in zip(
            row, widths, right, strict=True
        ))
        for row in (head, *rows)
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"-|[\d.,% ]+(to [\d.,]+)?|(under|over) \d+%|\d+ \([\d,]+ to [\d,]+\)", cell))
