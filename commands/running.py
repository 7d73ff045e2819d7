"""Running it: the service, the doctor and the demo."""

import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.answers import forecast, score
from commands.asking import AsJson, StoreUrl, settings_of
from commands.data import import_, world
from commands.learning import train

_AFTER_DEMO = """
The demo took {seconds:.0f} s. Forecast: {folder}/forecast.csv; scored opportunities: {folder}/opportunities.csv
Score a new lead:
  curl -s -X POST http://127.0.0.1:{port}/v1/leads/score -H 'Content-Type: application/json' \\
    -d '{{"lead": {{"lead_id": "demo-1", "source": "Salon", "title": "Directeur achats"}}}}'
The API: http://127.0.0.1:{port}/docs
Your own data: plumbline import FOLDER && plumbline report
"""


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; keys are required unless it is a loopback one.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one wants PostgreSQL.")] = 1,
    store: StoreUrl = "",
) -> None:
    """Serve scores and forecasts over HTTP."""
    from serving.app import run

    from serving.settings import ServiceSettings

    run(ServiceSettings(host=host, port=port, workers=workers, **({"store": store} if store else {})))


def doctor(as_json: AsJson = False, store: StoreUrl = "") -> None:
    """What is missing or wrong, and the command that mends it. Exit 1 when something is."""
    from serving.doctor import examine

    findings = examine(settings_of(store))
    if as_json:
        typer.echo(json.dumps([finding.as_dict() for finding in findings]))
    else:
        for finding in findings:
            typer.echo(
                f"{finding.state:<4}  {finding.says}" + (f"\n      mend: {finding.mend}" if finding.mend else "")
            )
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo lives; made anew.")] = Path("demo"),
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve at the end, or stop after the forecast.")
    ] = True,
) -> None:
    """A seeded CRM from nothing to a served score: world, import, train, promote, forecast, serve."""

    started = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    crm, database = folder / "crm", f"sqlite:///{folder / 'plumbline.db'}"
    folder.mkdir(parents=True)
    _demo_environment(folder)
    world(out=crm, seed=1, size=1500, until=f"{datetime.now(UTC):%Y-%m-%d}")
    import_(crm, store=database)
    train("leads", store=database)
    train("opportunities", store=database)
    forecast(out=folder / "forecast.csv", by="team", store=database)
    score("opportunities", out=folder / "opportunities.csv", store=database)
    typer.echo(_AFTER_DEMO.format(seconds=time.monotonic() - started, port=port, folder=folder))
    if serve:
        _serve_demo(port, database)


def _demo_environment(folder: Path) -> None:
    """Everything the demo makes stays in its own folder."""

    os.environ["PLUMBLINE_ARTIFACTS"] = str(folder / "artifacts")
    os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")


def _serve_demo(port: int, database: str) -> None:
    from serving.app import run

    from serving.settings import ServiceSettings

    run(ServiceSettings(host="127.0.0.1", port=port, store=database, demo=True))
