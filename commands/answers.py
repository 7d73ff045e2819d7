"""Answers in files: scores and forecasts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.asking import AsOf, ModelName, OutFile, StoreUrl, Target, What, instant, opened, shown
from commands.tables import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    from serving.batch import score_table
    from serving.tables import check_path, write_table

    check_path(out)
    settings, kept = opened(store)
    which: Any = ids or ("all" if every else "open")
    with shown() as steps:
        table = score_table(
            kept, settings, what, as_of=instant(as_of, settings), target=target, model=model, which=which,
            progress=lambda done, total: steps.count("scoring", done, total, what),
        )  # fmt: skip
        write_table(table, out)
    typer.echo(f"{out}: {len(table['id']):,} rows")


def forecast(
    out: Annotated[Path | None, typer.Option(help="Also write every figure: .csv, .parquet or .json.")] = None,
    as_of: AsOf = "",
    period: Annotated[str, typer.Option(help="2026-Q4, 2026-11, 2026-W47, 2026-H2 or 2026.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="Or so many days from as-of; default 90.")] = None,
    by: Annotated[str, typer.Option(help="Also by owner, team, process, product, source or region.")] = "",
    model: ModelName = "champion",
    store: StoreUrl = "",
) -> None:
    """Forecast bookings: already closed, open opportunities, and those not created yet."""
    from serving.champion import chosen
    from serving.forecasting import ask, forecast_store
    from serving.tables import check_path, write_rows

    if out:
        check_path(out)
    settings, kept = opened(store)
    asked = ask(settings, instant(as_of, settings), period=period, days=days or (0 if period else 90), by=by)
    version, loaded = chosen(kept, settings, "opportunities", "won", model)
    rows = forecast_store(kept, settings, loaded, asked, version=version)
    if out:
        write_rows(rows, out)
    typer.echo(forecast_table(rows))
    if out:
        typer.echo(f"{out}: {len(rows):,} rows")


def forecast_table(rows: "Sequence[dict[str, Any]]") -> str:
    """The rows of a forecast as a person reads them: one table a currency, money in whole units."""
    whole = rows[0]
    start, end, as_of = (_short(str(whole[name])) for name in ("period_start", "period_end", "as_of"))
    lines = [f"Bookings from {start} until {end}, as known {as_of}; model {whole['model']}"]
    if whole["hindsight"]:
        lines.append("The model was trained later than that: it may know what came of these opportunities.")
    for currency in dict.fromkeys(row["currency"] for row in rows):
        head = [currency, "closed", "from open", "from new", "expected", "80% range", "quota", "P(quota)", "wins"]
        cells = [_cells(row) for row in rows if row["currency"] == currency]
        lines += ["", aligned(head, cells)]
    return "\n".join(lines)


def _cells(row: "dict[str, Any]") -> list[str]:
    from models.wording import spell

    closed, still_open, new, expected, low, high = (
        f"{row[name]:,.0f}" for name in ("closed", "from_open", "from_new", "expected", "p10", "p90")
    )
    quota = "-" if row["quota"] is None else f"{row['quota']:,.0f}"
    reached = "-" if row["p_quota"] is None else spell(row["p_quota"], "probability", "en")
    wins = f"{row['wins_expected']:.0f} ({row['wins_p10']:,} to {row['wins_p90']:,})"
    return [row["group"] or "all", closed, still_open, new, expected, f"{low} to {high}", quota, reached, wins]


def _short(instant: str) -> str:
    """A local instant without seconds and offset, and without a time of day that is midnight.

    >>> _short("2026-11-21T23:41:58+01:00"), _short("2026-10-01T00:00:00+02:00")
    ('2026-11-21 23:41', '2026-10-01')
    """
    return instant[:16].replace("T", " ").removesuffix(" 00:00")
