"""What commands share: their common options, the store and settings they open, and how they show long work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from commands.terminal import Steps
    from features.crm.store import Store
    from features.settings import Settings


def _kind(text: str) -> str:
    """A kind of record. Typer's own refusal of another word begins with "Value error"."""
    if text not in ("leads", "opportunities"):
        raise typer.BadParameter(f"{text!r} is neither leads nor opportunities")
    return text


What = Annotated[
    Literal["leads", "opportunities"],
    typer.Argument(help="Which records.", parser=_kind, metavar="leads|opportunities"),
]
Language = Annotated[Literal["en", "fr"], typer.Option(help="English or French.")]
StoreUrl = Annotated[
    str, typer.Option("--store", help="Database (SQLAlchemy URL); default $PLUMBLINE_STORE or sqlite:///plumbline.db.")
]
AsOf = Annotated[str, typer.Option(help="As if it were this instant, e.g. 2012-01-01T00:00:00+01:00; default now.")]
Target = Annotated[str, typer.Option(help="What is predicted: leads converted (default) or won; opportunities won.")]
OutFile = Annotated[Path, typer.Option("--out", help="Where to write: .csv, .parquet or .json.")]
ModelName = Annotated[str, typer.Option("--model", help="champion, latest or a version.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def settings_of(store: str) -> "Settings":
    """The settings, with another store when one is named. ValueError says which cannot be so."""
    from features.settings import Settings

    with plain_settings():
        return Settings(store=store) if store else Settings()


@contextmanager
def plain_settings() -> Iterator[None]:
    """What a setting cannot be as a ValueError that names it as the environment does."""
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        said = (f"PLUMBLINE_{str(one['loc'][0]).upper()}: {_why(one)}" for one in error.errors())
        raise ValueError("; ".join(said)) from None


def _why(error: "ErrorDetails") -> str:
    """What is wrong with a setting: in our own words where a check of ours found it."""
    return str(error.get("ctx", {}).get("error", error["msg"]))


def opened(store: str) -> "tuple[Settings, Store]":
    """The settings and the open store."""
    from features.crm.store import Store

    settings = settings_of(store)
    return settings, Store.open(settings.store)


def empty(store: "Store", language: Literal["en", "fr"] = "en") -> str:
    """What to say, first of all, of a store without any row; "" of one that has some."""
    from features.crm.health import empty_store
    from features.crm.schema import TABLES

    return "" if any(store.count(table) for table in TABLES) else empty_store(store.name, language)


def warn_unfinished(store: "Store", language: Literal["en", "fr"] = "en") -> None:
    """Say on standard error which imports are in only partly: what a command answers rests on that part."""
    from features.crm.journal import unfinished

    warned = ("warning: {says}; run it again and it goes on where it stopped",
              "attention\u00a0: {says}\u202f; relancez-le, il reprend où il s'est arrêté")  # fmt: skip
    for one in unfinished(store):
        french = language == "fr"
        typer.echo(warned[french].format(says=one.says[french]), err=True)


def instant(text: str, settings: "Settings") -> int:
    """An instant as int64 microseconds; a date alone is the start of its day; nothing is now, in whole seconds."""
    from features.crm.values import parse_instant

    return parse_instant(text, settings.timezone, start=True) if text else int(time.time()) * 1_000_000


@contextmanager
def shown() -> "Iterator[Steps]":
    """Steps of long work, shown while they last."""
    from commands.terminal import Steps

    with Steps() as steps:
        yield steps
