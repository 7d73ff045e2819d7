"""Running it: the service and the doctor."""

import json
from typing import Annotated

import typer

from commands.asking import AsJson, StoreUrl, empty, opened, plain_settings, settings_of
from commands.ports import check_port


def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on, default 127.0.0.1; keys are required unless it is a loopback one."),
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default 8000.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, default 1; more than one wants PostgreSQL.")
    ] = None,
    store: StoreUrl = "",
) -> None:
    """Serve scores and forecasts over HTTP. What is not given is as the environment says (PLUMBLINE_PORT...)."""
    from features.calendar import Zone
    from serving.app import run
    from serving.settings import ServiceSettings

    given = {"host": host, "port": port, "workers": workers, "store": store or None}
    with plain_settings():
        service = ServiceSettings.model_validate({name: value for name, value in given.items() if value is not None})
    Zone(service.timezone)  # a name that is none is told now, not from inside the server
    check_port(service.host, service.port)
    _, kept = opened(service.store)
    if says := empty(kept):
        typer.echo(f"{says}; until then, or until rows are sent to it, the service knows no history", err=True)
    kept.close()
    run(service)


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
