"""Running it: the service, the doctor and the demo."""

import json
import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.answers import forecast, score
from commands.asking import AsJson, StoreUrl, settings_of
from commands.data import import_, world
from commands.learning import train

if TYPE_CHECKING:
    from serving.settings import ServiceSettings

keys_app = typer.Typer(no_args_is_help=True, help="Keys that programs present to the service.")

_AFTER_DEMO = """
The demo took {seconds:.0f} s. Forecast: {folder}/forecast.csv; scored opportunities: {folder}/opportunities.csv
Score a new lead:
  curl -s -X POST http://127.0.0.1:{port}/v1/leads/score -H 'Content-Type: application/json'{key} \\
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

    run(ServiceSettings(host=host, port=port, workers=workers, store=settings_of(store).store))


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
    host: Annotated[str, typer.Option(help="Address to listen on; other than loopback, a key is made.")] = "127.0.0.1",
    folder: Annotated[Path, typer.Option(help="Where the demo lives; an earlier demo there is replaced.")] = Path(
        "demo"
    ),
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve at the end, or stop before.")] = True,
) -> None:
    """A seeded CRM from nothing to a served score: world, import, train, promote, forecast, serve."""
    started = time.monotonic()
    _make_anew(folder)
    database = f"sqlite:///{folder / 'plumbline.db'}"
    world(out=folder / "crm", seed=1, size=1500, until=f"{datetime.now(UTC):%Y-%m-%d}")
    import_(folder / "crm", store=database)
    train("leads", store=database)
    train("opportunities", store=database)
    forecast(out=folder / "forecast.csv", by="team", store=database)
    score("opportunities", out=folder / "opportunities.csv", store=database)
    settings = _demo_service(folder, database, host, port)
    key = "" if settings.keyless else _new_key(folder / "keys.txt", "demo")
    typer.echo(
        _AFTER_DEMO.format(
            seconds=time.monotonic() - started,
            port=port,
            folder=folder,
            key=f" -H 'Authorization: Bearer {key}'" if key else "",
        )
    )
    if serve:
        from serving.app import run

        run(settings)


def _make_anew(folder: Path) -> None:
    """An empty folder for the demo; everything it makes stays there. Only an earlier demo is ever removed."""
    mark = folder / ".plumbline-demo"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise ValueError(f"{folder} holds something else than a demo: name another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    os.environ["PLUMBLINE_ARTIFACTS"] = str(folder / "artifacts")
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"


def _demo_service(folder: Path, database: str, host: str, port: int) -> "ServiceSettings":
    from serving.settings import ServiceSettings

    return ServiceSettings(host=host, port=port, store=database, demo=True, api_keys=folder / "keys.txt")


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    file: Annotated[Path, typer.Option(help="The list of accepted keys (PLUMBLINE_API_KEYS).")] = Path("keys.txt"),
) -> None:
    """Make a key, keep its hash in the list, and show it this once."""
    typer.echo(_new_key(file, name))


def _new_key(file: Path, name: str) -> str:
    from serving.keys import hash_of, make_key

    key = make_key()
    with file.open("a", encoding="utf-8") as listed:
        listed.write(f"{hash_of(key)} {' '.join(name.split())}\n")
    file.chmod(0o600)
    return key
