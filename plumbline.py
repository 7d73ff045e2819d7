"""The `plumbline` command: scores leads, gives opportunities calibrated win probabilities, and forecasts revenue."""

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import typer

from commands.answers import forecast, score
from commands.data import import_, world
from commands.demonstration import demo
from commands.fields import fields_app
from commands.health import check
from commands.keyring import keys_app
from commands.learning import models_app, report, train
from commands.quarantine import quarantine
from commands.running import doctor, serve
from features.crm.shapes import visible

ROOMS = ("commands", "features", "models", "training", "serving")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(demo)
app.command()(world)
app.command("import")(import_)
app.command()(quarantine)
app.command()(check)
app.command()(train)
app.command()(score)
app.command()(forecast)
app.command()(report)
app.command()(serve)
app.command()(doctor)
app.add_typer(models_app, name="models")
app.add_typer(fields_app, name="fields")
app.add_typer(keys_app, name="keys")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; what a user can mend is one line on standard error, never a traceback."""
    try:
        app(args=arguments)
    except Exception as error:
        if not _said_by_us(error):
            raise
        typer.echo("\n".join(map(visible, f"plumbline: {error}".split("\n"))), err=True)
        sys.exit(1)


def _said_by_us(error: Exception) -> bool:
    """Whether one of our rooms raised it to tell the user something, rather than a fault of ours."""
    if type(error).__module__.split(".")[0] in ROOMS or isinstance(error, OSError):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    here = Path(__file__).resolve().parent
    raised_in = Path(frames[-1].filename).resolve()
    return isinstance(error, ValueError) and any(raised_in.is_relative_to(here / room) for room in ROOMS)


if __name__ == "__main__":
    main()
