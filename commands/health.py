"""What is wrong with the data, and what to do about it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.asking import AsJson, Language, StoreUrl, opened, shown, warn_unfinished


def check(
    out: Annotated[Path | None, typer.Option(help="Also write every finding: .csv, .parquet or .json.")] = None,
    language: Language = "en",
    as_json: AsJson = False,
    store: StoreUrl = "",
) -> None:
    """Check the health of the data: duplicates, impossible dates, missing losses... Exit 0, whatever is found."""
    from features.crm.health import check_store, render, row, table
    from features.crm.shapes import escaped
    from serving.tables import check_path, write_table

    if out:
        check_path(out)
    settings, kept = opened(store)
    warn_unfinished(kept, language)
    with shown() as steps:
        health = check_store(kept, settings, lambda _, done, total: steps.count("checking", done, total))
    rows = [row(finding, language) for finding in health.findings]
    if out:
        write_table(table(health, language), out)
    answer = {"rows": health.rows, "findings": rows, "silent": list(health.silent)}
    typer.echo(escaped(json.dumps(answer, ensure_ascii=False)) if as_json else render(health, language))
    if out and not as_json:
        typer.echo(f"{out}: {len(rows):,} rows")
