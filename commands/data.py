"""Data in: a made-up CRM, and an import."""

import json
from pathlib import Path
from typing import Annotated

import typer

from commands.asking import AsJson, StoreUrl, instant, opened, shown


def world(
    out: Annotated[Path, typer.Option(help="Folder to write; its hidden truth goes to OUT-truth beside it.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    size: Annotated[int, typer.Option(help="Opportunities, 300 to 1,000,000.")] = 2000,
    law: Annotated[
        str, typer.Option("--world", help="A law file (TOML), or the name of one that comes with us.")
    ] = "french_sme",
    until: Annotated[str, typer.Option(help="The day the history ends, e.g. 2026-09-30; default the law's own.")] = "",
) -> None:
    """Make a seeded CRM whose truth is known."""
    from datetime import date

    from features.crm.synthetic import load_law
    from features.crm.synthetic.world import make_world

    with shown() as steps:
        made = make_world(
            load_law(law), seed=seed, size=size, out=out, until=date.fromisoformat(until) if until else None,
            progress=lambda name, done, total: steps.count(f"writing {name}", done, total),
        )  # fmt: skip
    rows = ", ".join(f"{count:,} {name}" for name, count in made.rows.items())
    typer.echo(f"{made.out}: {rows}\nIts truth, never for training: {made.truth}")


def import_(
    path: Annotated[Path, typer.Argument(help="Folder of CSV or Parquet files named after our tables, or one file.")],
    source: Annotated[str, typer.Option(help="Name of the CRM, so that two CRMs' ids do not collide.")] = "",
    seen_at: Annotated[str, typer.Option(help="When this export was made, for an old one; default now.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Read and judge everything, keep nothing.")] = False,
    as_json: AsJson = False,
    store: StoreUrl = "",
) -> None:
    """Bring a CRM history in. Exit 0; 2 when nothing could be accepted; 3 when something could, but not every file."""
    from features.crm.importer import check_seen_at, import_folder
    from features.crm.report import render
    from features.crm.shapes import escaped

    settings, kept = opened(store)
    try:
        with shown() as steps:
            report = import_folder(
                kept, path, settings=settings, crm=source, dry_run=dry_run,
                seen_at=check_seen_at(instant(seen_at, settings), instant("", settings)),
                progress=lambda name, done, total: steps.count(f"reading {name}", done, total),
            )  # fmt: skip
    except KeyboardInterrupt:
        typer.echo("plumbline: stopped; run the same import again and it goes on where it stopped.", err=True)
        raise typer.Exit(130) from None
    typer.echo(escaped(json.dumps(report.as_dict(), ensure_ascii=False)) if as_json else render(report))
    if report.counts.taken and not as_json and not dry_run:
        typer.echo("Next, what is wrong with the data and what to do about it: plumbline check")
    if not report.counts.taken:
        raise typer.Exit(2)
    if any(file.error for file in report.files):
        raise typer.Exit(3)
