"""Tables for people: aligned plain text, the same on a terminal and in a file."""

import re
from collections.abc import Sequence

from features.crm.shapes import visible


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their heads, two spaces between columns; columns of figures to the right. Each cell is made safe
    to print.

    >>> print(aligned(["group", "EUR"], [["all", "1,200"], ["Nord", "-"]]))
    group    EUR
    all    1,200
    Nord       -
    """
    table = [[visible(cell) for cell in row] for row in (head, *rows)]
    columns = list(zip(*table, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(_is_figure, column[1:])) for column in columns]
    lines = (
        "  ".join(cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in zip(
            row, widths, right, strict=True
        ))
        for row in table
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"-|[\d.,%\u202f ]+(to [\d.,]+)?|(under|over) \d+%|\d+ \([\d,]+ to [\d,]+\)", cell))
