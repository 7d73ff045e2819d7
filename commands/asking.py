"""What commands share: their common options, the store and settings they open, and how they show long work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from commands.terminal import Steps
    from features.crm.store import Store
    from features.settings import Settings

What = Annotated[Literal["leads", "opportunities"], typer.Argument(help="Which records.")]
StoreUrl = Annotated[
    str, typer.Option("--store", help="Database (SQLAlchemy URL); default $PLUMBLINE_STORE or sqlite:///plumbline.db.")
]
AsOf = Annotated[str, typer.Option(help="As if it were this instant, e.g. 2012-01-01T00:00:00+01:00; default now.")]
Target = Annotated[str, typer.Option(help="What is predicted: leads converted (default) or won; opportunities won.")]
OutFile = Annotated[Path, typer.Option("--out", help="Where to write: .csv, .parquet or .json.")]
ModelName = Annotated[str, typer.Option("--model", help="champion, latest or a version.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def settings_of(store: str) -> "Settings":
    """The settings, with another store when one is named."""
    from features.settings import Settings

    return Settings(store=store) if store else Settings()


def opened(store: str) -> "tuple[Settings, Store]":
    """The settings and the open store."""
    from features.crm.store import Store

    settings = settings_of(store)
    return settings, Store.open(settings.store)


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
