"""Models: training, the versions there are, and the report on one's own data."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.asking import (
    AsJson,
    AsOf,
    Language,
    StoreUrl,
    Target,
    What,
    empty,
    instant,
    opened,
    shown,
    warn_unfinished,
)

if TYPE_CHECKING:
    from features.crm.store import Champion

models_app = typer.Typer(no_args_is_help=True, help="The trained versions: list, show, promote, roll back, verify.")


def train(
    what: What,
    as_of: AsOf = "",
    target: Target = "",
    within: Annotated[float | None, typer.Option(min=0.04, help="Horizon in days; default the process's own.")] = None,
    without: Annotated[str, typer.Option(help="Features to leave out (see docs/features.md), comma separated.")] = "",
    note: Annotated[str, typer.Option(help="Kept with the run.")] = "",
    promote: Annotated[bool, typer.Option("--promote/--no-promote", help="Let it serve if the gate agrees.")] = True,
    store: StoreUrl = "",
) -> None:
    """Fit a model on what was known, track it, judge it, let it serve if it may. The last line is JSON."""
    from commands.versions import short
    from features.crm.shapes import visible
    from training.job import train as run
    from training.leaks.result import accepted_leaks

    settings, kept = opened(store)
    warn_unfinished(kept)
    with shown() as steps:
        left_out = [name for name in without.split(",") if name]
        result = run(
            kept, settings, what, instant(as_of, settings), target or None, within, left_out, note, promote,
            progress=steps.step,
        )  # fmt: skip
    for warning in accepted_leaks(kept, settings, what, instant(as_of, settings)):
        typer.echo(visible(f"warning: {warning}"), err=True)
    typer.echo(result.why, err=True)
    said = result.to_json() | {"why": short(result.why)}
    typer.echo(json.dumps(said, ensure_ascii=False))


def report(
    out: Annotated[Path, typer.Option(help="The HTML page to write.")] = Path("plumbline-report.html"),
    as_of: AsOf = "",
    language: Language = "en",
    store: StoreUrl = "",
) -> None:
    """One page on your own data: its health, base rates, a replay, and what the CRM's own percentages were worth."""
    from training.report import write_report

    settings, kept = opened(store)
    warn_unfinished(kept, language)
    with shown() as steps:
        write_report(kept, settings, instant(as_of, settings), out, language=language, progress=steps.step)
    typer.echo(f"{out}: open it in a browser")


@models_app.command("list")
def models_list(as_json: AsJson = False, store: StoreUrl = "") -> None:
    """Every trained version, the newest first: what it predicts, how it did on the replay, and which one serves."""
    from commands.versions import listed
    from serving.champion import catalogue

    settings, kept = opened(store)
    rows = catalogue(kept, settings)
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        typer.echo(listed(rows, kept.champions(), settings) or "No model yet: plumbline train opportunities")


@models_app.command("show")
def models_show(version: str, as_json: AsJson = False, store: StoreUrl = "") -> None:
    """What a version was made from and how it did on the replay."""
    from commands.versions import summary
    from models.bundle import describe

    settings, kept = opened(store)
    meta = describe(settings.artifacts, version)
    typer.echo(json.dumps(meta, indent=2, ensure_ascii=False) if as_json else summary(meta, kept.champions(), settings))


@models_app.command("promote")
def models_promote(version: str, note: Annotated[str, typer.Option(help="Why.")] = "", store: StoreUrl = "") -> None:
    """Let a version serve, by hand."""
    from models.bundle import load_bundle
    from models.keys import load_public
    from training.promote import promote

    settings, kept = opened(store)
    meta = load_bundle(settings.artifacts, version, load_public(settings.verify_key_path)).meta
    kind, target = str(meta["kind"]), str(meta["target"])
    before = kept.champion(kind, target)
    mirrored = promote(kept, kind, target, version, by="command line", note=note)
    if before and before.version == version:
        typer.echo(f"{version} serves {kind} {target} already. {mirrored}")
    else:
        typer.echo(f"{version} serves {kind} {target} from now on{_instead(before)}. {mirrored}")


@models_app.command("rollback")
def models_rollback(what: What, target: Target = "", store: StoreUrl = "") -> None:
    """Let the version that served before serve again."""
    from features.history import TARGETS
    from training.promote import rollback

    kept, target = opened(store)[1], target or TARGETS[what]
    before = kept.champion(what, target)
    version = rollback(kept, what, target, by="command line")
    typer.echo(f"{version} serves {what} {target} again{_instead(before)}.")


def _instead(before: "Champion | None") -> str:
    return f", instead of {before.version}" if before else ""


@models_app.command("verify")
def models_verify(
    version: Annotated[str, typer.Argument(help="A version; all of them when left out.")] = "", store: StoreUrl = ""
) -> None:
    """Check hashes, signature and golden rows. Exit 1 when a bundle is not what was signed."""
    from models.bundle import BundleError, load_bundle, versions
    from models.keys import load_public

    (settings, kept), bad = opened(store), 0
    names = [version] if version else versions(settings.artifacts)
    if not names:
        typer.echo(f"no model in {settings.artifacts} yet: {empty(kept) or 'plumbline train opportunities'}")
    for name in names:
        try:
            load_bundle(settings.artifacts, name, load_public(settings.verify_key_path))
            typer.echo(f"ok   {name}")
        except BundleError as error:
            bad += 1
            typer.echo(f"bad  {name}: {error}")
    if bad:
        raise typer.Exit(1)
