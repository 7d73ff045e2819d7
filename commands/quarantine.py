"""Rows that an import set aside: what they are, and files to mend and import again."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.asking import StoreUrl, opened

if TYPE_CHECKING:
    from features.crm.store import Quarantined


def quarantine(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write: a CSV file a table, each row with its reason; mend and import it."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there already.")] = False,
    store: StoreUrl = "",
) -> None:
    """Rows set aside: how many by file and reason, or (with --out) the rows themselves, to mend and import again."""
    from features.crm.quarantine import write_quarantine

    kept = opened(store)[1]
    if out is None:
        _list(kept.quarantined())
        return
    written = write_quarantine(kept, out, force=force)
    for path in written:
        typer.echo(f"wrote {path}")
    for folder in dict.fromkeys(path.parent for path in written):
        source = "" if folder == out else f" --source {folder.name}"
        typer.echo(f"mend the rows there (they hold people's data), then: plumbline import {folder}{source}")
    if not written:
        typer.echo("no row is set aside")


def _list(rows: "Sequence[Quarantined]") -> None:
    from features.crm.rules import RULES
    from features.crm.shapes import visible

    counts = Counter((row.crm, row.file, row.column, row.rule) for row in rows)
    for (crm, file, column, rule), count in sorted(counts.items()):
        where = visible(", ".join(part for part in (f"{crm}:{file}" if crm else file, column) if part))
        typer.echo(f"{count:>7,}  {where}: {RULES[rule].says}\n         {RULES[rule].advice}")
    typer.echo("to mend them: plumbline quarantine --out FOLDER" if counts else "no row is set aside")
