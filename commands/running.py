"""Running it: the service and the doctor."""

import json
from typing import Annotated

import typer

from commands.asking import AsJson, StoreUrl, settings_of
from commands.ports import check_port


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

    check_port(host, port)
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
