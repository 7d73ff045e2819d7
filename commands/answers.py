"""Answers in files: scores and forecasts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands.asking import AsOf, ModelName, OutFile, StoreUrl, Target, What, instant, opened, shown


def score(
    what: What,
    out: OutFile,
    as_of: AsOf = "",
    target: Target = "",
    every: Annotated[bool, typer.Option("--all/--open", help="Every record, or (default) the open ones.")] = False,
    ids: Annotated[Path | None, typer.Option(help="CSV with `id` and optionally `as_of`: these, in order.")] = None,
    model: ModelName = "champion",
    store: StoreUrl = "",
) -> None:
    """Score records into a file."""
    from serving.batch import score_table, write_table

    settings, kept = opened(store)
    which: Any = ids or ("all" if every else "open")
    with shown() as steps:
        table = score_table(
            kept, settings, what, as_of=instant(as_of, settings), target=target, model=model, which=which,
            progress=lambda done, total: steps.count("scoring", done, total),
        )  # fmt: skip
        write_table(table, out)
    typer.echo(f"{out}: {len(table['id']):,} rows")


def forecast(
    out: OutFile,
    as_of: AsOf = "",
    period: Annotated[str, typer.Option(help="2026-Q4, 2026-11, 2026-W47, 2026-H2 or 2026.")] = "",
    days: Annotated[int, typer.Option(min=0, help="Or so many days from as-of.")] = 0,
    by: Annotated[str, typer.Option(help="Also by owner, team, process, product, source or region.")] = "",
    model: ModelName = "champion",
    store: StoreUrl = "",
) -> None:
    """Forecast bookings: already closed, open opportunities, and those not created yet."""
    from serving.batch import write_rows
    from serving.champion import chosen

    from serving.forecasting import ask, forecast_store

    settings, kept = opened(store)
    asked = ask(settings, instant(as_of, settings), period=period, days=days or (0 if period else 90), by=by)
    version, loaded = chosen(kept, settings, "opportunities", "won", model)
    rows = forecast_store(kept, settings, loaded, asked, version=version)
    write_rows(rows, out)
    whole = rows[0]
    typer.echo(
        f"{whole['period_start']} to {whole['period_end']}: {whole['expected']:,.0f} {whole['currency']} expected, "
        f"80 % range {whole['p10']:,.0f} to {whole['p90']:,.0f}; {whole['wins_expected']:.1f} wins. Rows: {out}"
    )
