"""docs/benchmarks.md: one section a benchmark, each written by its own command."""

from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

TITLE = """# Benchmarks

Measured against what a user would pick instead, in one run of one command, with equal answers. Each section is written
by the command it names and describes its machine. Figures are medians with the lowest and the highest run; a ratio
compares figures of the same run. Machines differ: compare ratios, and run the command on yours.
"""


def write(title: str, text: str, page: Path = PAGE) -> None:
    """Put a section into the page in place of the one of that title, the others as they are, in order of title."""
    held = page.read_text(encoding="utf-8").split("\n## ")[1:] if page.exists() else []
    sections = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in held} | {title: text.strip()}
    body = "".join(f"\n## {name}\n\n{said}\n" for name, said in sorted(sections.items()))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(TITLE + body, encoding="utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [[1, "x"]]))
    | a | b |
    |---|---|
    | 1 | x |
    """
    lines = [header, ["---"] * len(header), *rows]
    drawn = "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
    return drawn.replace("| --- |", "|---|").replace(" --- |", "---|")
