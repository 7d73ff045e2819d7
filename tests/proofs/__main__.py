"""`make proofs`: the proofs at full size, one line each. Exit 1 where one does not hold (or does not see its fault)."""

import time
from typing import Annotated

import typer

from tests.proofs.catalogue import PROOFS
from tests.proofs.proof import Proof, Verdict


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Proofs to run; all of them if none is named.")] = None,
    size: Annotated[int, typer.Option(help="In the proof's own unit; 0 for the full size.")] = 0,
    seed: Annotated[int, typer.Option(help="Of what is drawn at random.")] = 1,
    fault: Annotated[bool, typer.Option("--fault", help="Plant each proof's fault: it must be seen.")] = False,
) -> None:
    """Run the proofs."""
    unknown = sorted(set(names or ()) - set(PROOFS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(PROOFS)}")
    began = time.monotonic()
    results = [_run(PROOFS[name], size or PROOFS[name].full, seed, fault) for name in names or PROOFS]
    typer.echo(f"{sum(results)} of {len(results)} as they should be, {_minutes(began)}")
    raise typer.Exit(0 if all(results) else 1)


def _run(proof: Proof, size: int, seed: int, fault: bool) -> bool:
    typer.echo(f"{proof.name}: {proof.says}" + (f" - planted: {proof.plants}" if fault else ""))
    if lack := proof.lacks():
        typer.echo(f"  SKIPPED: {lack}")
        return True
    began = time.monotonic()
    verdict = proof.run(size, seed, fault, Progress())
    good = bool(verdict.differing) if fault else verdict.holds
    word = ("SEEN" if good else "NOT SEEN") if fault else ("HOLDS" if good else "FAILS")
    figures = f"{size} {proof.unit}, {verdict.compared:,} values compared, {verdict.differing:,} differ"
    typer.echo(f"  {word}: {figures}, {_minutes(began)}" + (f" ({verdict.said})" if verdict.said else ""))
    for example in () if good and not fault else verdict.examples:
        typer.echo(f"    {example}")
    return good


class Progress:
    """A line to standard error from time to time."""

    def __init__(self, every: float = 15.0) -> None:
        self._every, self._next = every, time.monotonic() + every

    def __call__(self, verdict: Verdict) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            typer.echo(f"  ... {verdict.compared:,} values compared, {verdict.differing:,} differ", err=True)


def _minutes(began: float) -> str:
    """How long since, in minutes and seconds."""
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    return f"{minutes} min {seconds:02} s"


if __name__ == "__main__":
    typer.run(main)
