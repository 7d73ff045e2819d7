"""The demo: a seeded CRM from nothing to a served score, and what to try next."""

import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.answers import forecast, score
from commands.asking import plain_settings
from commands.data import import_, world
from commands.keyring import new_key
from commands.learning import train
from commands.ports import check_port

if TYPE_CHECKING:
    from serving.settings import ServiceSettings

_LEAD = (
    '{"lead": {"lead_id": "demo-1", "process": "entreprises", "source": "Salon", "status": "Nouveau", '
    '"title": "Directeur achats", "email": "c.martin@menuiserie-martin.example", "phone": "+33639981234", '
    '"country": "FR"}}'
)
_RESULT = """
The demo took {seconds:.0f} s. Forecast: {folder}/forecast.csv; scored opportunities: {folder}/scores.csv

To look at the demo with every command (in a second terminal, from this folder):
  export PLUMBLINE_STORE={store}
  export PLUMBLINE_ARTIFACTS={artifacts}
  export MLFLOW_TRACKING_URI={tracking}
  {program} models list
  {program} forecast --period {quarter} --by team
  {program} report --out {folder}/report.html
Your own data, in a terminal without these variables:
  {program} import FOLDER
  {program} report
"""
_SERVED = """
{begin}
Score a new lead:
  curl -s -X POST http://127.0.0.1:{port}/v1/leads/score -H 'Content-Type: application/json'{key} \\
    -d '{lead}'
The API: http://127.0.0.1:{port}/docs
"""
_NOW = "Serving now, in this terminal; Ctrl+C stops it. The lines to try go into a second terminal."
_LATER = "To serve it{again}, with these variables set (Ctrl+C stops it):\n  {program} serve --port {port}"


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
    if serve:
        check_port(host, port)
    _make_anew(folder)
    database = f"sqlite:///{folder / 'plumbline.db'}"
    world(out=folder / "crm", seed=1, size=1500, until=f"{datetime.now(UTC):%Y-%m-%d}")
    import_(folder / "crm", store=database)
    train("leads", store=database)
    train("opportunities", store=database)
    forecast(out=folder / "forecast.csv", by="team", store=database)
    score("opportunities", out=folder / "scores.csv", store=database)
    settings = _service(folder, database, host, port)
    key = "" if settings.keyless else new_key(folder / "keys.txt", "demo")
    typer.echo(_what_next(settings, folder, key, seconds=time.monotonic() - started, serving=serve))
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


def _service(folder: Path, database: str, host: str, port: int) -> "ServiceSettings":
    from serving.settings import ServiceSettings

    with plain_settings():
        return ServiceSettings(host=host, port=port, store=database, demo=True, api_keys=folder / "keys.txt")


def _what_next(settings: "ServiceSettings", folder: Path, key: str, *, seconds: float, serving: bool) -> str:
    """The closing lines: what was made, and commands that work as they are printed from the present folder."""
    program, now = _program(sys.argv[0]), datetime.now(UTC)
    later = _LATER.format(again=" again" if serving else "", program=program, port=settings.port)
    served = _SERVED.format(
        begin=f"{_NOW}\n{later}" if serving else later,
        port=settings.port,
        key=f" -H 'Authorization: Bearer {key}'" if key else "",
        lead=_LEAD,
    )
    result = _RESULT.format(
        seconds=seconds, folder=folder, program=program, quarter=f"{now.year}-Q{(now.month + 2) // 3}",
        store=settings.store, artifacts=os.environ["PLUMBLINE_ARTIFACTS"], tracking=os.environ["MLFLOW_TRACKING_URI"],
    )  # fmt: skip
    return (result + served).rstrip() + "\n"


def _program(called: str) -> str:
    """How the command was called, from the present folder where it is under it.

    >>> _program(".venv/bin/plumbline"), _program("plumbline"), _program("/app/plumbline.py")
    ('.venv/bin/plumbline', '.venv/bin/plumbline', '.venv/bin/plumbline')
    """
    path = Path(called)
    if "/" not in called or path.name != "plumbline":
        return ".venv/bin/plumbline"
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else called
