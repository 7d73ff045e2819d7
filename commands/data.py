"""Data in: a made-up CRM, an import, and which custom fields a model may use."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.asking import AsJson, StoreUrl, instant, opened, shown

fields_app = typer.Typer(
    no_args_is_help=True, help="Custom fields: which a model may use, and from when they are known."
)


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
    path: Annotated[Path, typer.Argument(help="Folder of CSV or Parquet files named after the canonical tables.")],
    source: Annotated[str, typer.Option(help="Name of the CRM, so that two CRMs' ids do not collide.")] = "",
    seen_at: Annotated[str, typer.Option(help="When this export was made, for an old one; default now.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Read and judge everything, keep nothing.")] = False,
    as_json: AsJson = False,
    store: StoreUrl = "",
) -> None:
    """Bring a CRM history in. Exit 0; 2 when nothing could be accepted."""
    from features.crm.importer import check_seen_at, import_folder
    from features.crm.report import render

    settings, kept = opened(store)
    with shown() as steps:
        report = import_folder(
            kept, path, settings=settings, crm=source, dry_run=dry_run,
            seen_at=check_seen_at(instant(seen_at, settings), instant("", settings)),
            progress=lambda name, done, total: steps.count(f"reading {name}", done, total),
        )  # fmt: skip
    typer.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else render(report))
    if not report.counts.accepted + report.counts.repaired:
        raise typer.Exit(2)


@fields_app.command("list")
def fields_list(store: StoreUrl = "") -> None:
    """Custom fields found in the history: accepted ones, refused ones, and those nobody has judged."""
    from features.crm.fields import custom_fields

    for field in custom_fields(opened(store)[1]):
        known_at, sort = field.known_at or "proposed", field.type or "-"
        typer.echo(f"{field.entity:<12} {known_at:<9} {sort:<9} filled {field.filled:>4.0%}  {field.name}")


@fields_app.command("set")
def fields_set(
    entity: str,
    field: str,
    known_at: Annotated[Literal["creation", "changes", "never"], typer.Option(help="From when its value is known.")],
    sort: Annotated[Literal["number", "category", "text", "date", "flag"], typer.Option("--type")] = "category",
    store: StoreUrl = "",
) -> None:
    """Say of one custom field from when it is known, or that it may never be used."""
    from features.crm.fields import set_field

    settings, kept = opened(store)
    set_field(kept, entity, field, known_at, sort, seen_at=instant("", settings))
    typer.echo(f"{entity} {field}: {known_at}, {sort}")


@fields_app.command("accept")
def fields_accept(
    names: Annotated[list[str], typer.Argument(help="ENTITY.FIELD, or ENTITY.* for all that are proposed.")],
    store: StoreUrl = "",
) -> None:
    """Accept proposed custom fields as known from creation, with the type their values show."""
    from features.crm.fields import accept_fields

    settings, kept = opened(store)
    for field in accept_fields(kept, names, seen_at=instant("", settings)):
        typer.echo(f"{field.entity} {field.name}: {field.known_at}, {field.type}")
