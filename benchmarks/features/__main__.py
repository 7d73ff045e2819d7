"""`python -m benchmarks.features`: measures, compares the answers, and writes its section of docs/benchmarks.md."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import machine, page
from benchmarks.features.compare import differing
from benchmarks.features.report import TITLE, Measured, section
from benchmarks.featuretools.environment import python
from benchmarks.measure import ROOT, run

Count = Annotated[int, typer.Option(min=1)]


def main(
    rows: Annotated[int, typer.Option(min=4, help="Rows asked, of a quarter as many opportunities.")] = 100_000,
    activities: Annotated[int, typer.Option(min=1, help="Activities of the drawn CRM.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Timed runs of each contender.")] = 3,
    steps: Annotated[int, typer.Option(min=1, help="Sizes of the curve: rows, a tenth of them, and so on.")] = 2,
    deals: Annotated[int, typer.Option(min=1, help="Opportunities in the store of the online measurement.")] = 20_000,
    calls: Annotated[int, typer.Option(min=1, help="Records asked one at a time.")] = 2_000,
    cutoffs: Annotated[
        int, typer.Option(min=0, help="Rows given to Featuretools, with 25 activities each; 0: none.")
    ] = 40,
    seed: Annotated[int, typer.Option(help="Of the drawn CRM.")] = 1,
    out: Annotated[Path, typer.Option(help="The page written.")] = page.PAGE,
) -> None:
    """Time every feature of ROWS rows over ACTIVITIES activities: ours, DuckDB SQL, Featuretools, one record online."""
    described = machine.describe("numpy", "duckdb")
    size = {"rows": rows, "activities": activities, "seed": seed, "runs": runs}
    with tempfile.TemporaryDirectory() as work:
        engine = _told("ours", run("benchmarks.features.engine", size | {"answers": work}))
        threads = dict.fromkeys((os.cpu_count() or 1, 1))
        duckdb = {count: _duckdb(work, count, runs, keep=not place) for place, count in enumerate(threads)}
        unequal = differing(Path(work) / "ours", Path(work) / "duckdb")
    curve = {rows: engine} | {
        rows // 10**step: _told("ours", run("benchmarks.features.engine", size | _tenth(size, step)))
        for step in range(1, steps)
    }
    world = {"rows": 4 * deals, "activities": 40 * deals, "seed": seed, "calls": calls}
    online = run("benchmarks.features.online", world)
    shared, featuretools, differs = _featuretools(cutoffs, seed) if cutoffs else (None, None, {})
    measured = Measured(engine, duckdb, unequal, curve, online, shared, featuretools, differs)
    asked = size | {"steps": steps, "deals": deals, "calls": calls, "cutoffs": cutoffs}
    command = " ".join(["python -m benchmarks.features", *(f"--{name} {number}" for name, number in asked.items())])
    page.write(TITLE, section(measured, command, described), out)
    typer.echo(f"written: {out}")
    if unequal or differs:
        typer.echo(f"answers differ: {', '.join([*unequal, *differs])}", err=True)
        raise typer.Exit(1)


def _tenth(size: Mapping[str, int], step: int) -> dict[str, int]:
    return {name: max(size[name] // 10**step, 4) for name in ("rows", "activities")}


def _duckdb(work: str, threads: int, runs: int, keep: bool) -> dict[str, Any]:
    asked = {"folder": work, "threads": threads, "runs": runs, "keep": keep}
    return _told(f"DuckDB, {threads} threads", run("benchmarks.features.duck", asked))


def _told(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Say on the screen what came in."""
    seconds = [f"{took:.2f}" for took, _ in answer.get("cold", answer.get("runs", []))]
    typer.echo(f"{name}: {answer.get('rows', '')} {answer['features']} features in {', '.join(seconds)} s")
    return answer


def _featuretools(cutoffs: int, seed: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """Ours and theirs on the features that both can say, and where they differ."""
    size = {"rows": cutoffs, "activities": 25 * cutoffs, "seed": seed, "runs": 3}
    with tempfile.TemporaryDirectory() as work:
        shared = run("benchmarks.features.engine", size | {"answers": work, "simple": True})
        script = str(ROOT / "benchmarks" / "featuretools" / "contend.py")
        theirs = _told("Featuretools", run(script, {"folder": work}, (str(python()), "-W", "ignore")))
        return shared, theirs, differing(Path(work) / "ours", Path(work) / "featuretools")


if __name__ == "__main__":
    typer.run(main)
