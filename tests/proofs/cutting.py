"""Proof that training as of T needs nothing later: the same bundle, scores and forecast from files cut at T."""

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from unittest.mock import patch

from features.crm.store import Store
from features.history import Kind
from features.settings import Settings
from serving.batch import score_table
from serving.champion import chosen
from serving.forecasting import CUTS, ask, forecast_store
from tests.cut import cut
from tests.proofs.proof import Verdict, same
from tests.proofs.sources import imported
from training import job
from training.estimators import ESTIMATORS

Table: TypeAlias = list[dict[str, object]]
QUICK = ("base_rate", "stage_table")
"""The rungs tried where there are few records."""
FEW = 1_000


class Trained:
    """A folder in a store of its own with all that is learnt from it as of an instant."""

    def __init__(self, store: Store, settings: Settings, at: int, quick: bool) -> None:
        self.store, self.settings, self.at, self.quick = store, settings, at, quick

    def version(self, kind: Kind) -> str:
        """The version of the bundle that training gives."""
        with ExitStack() as patched:
            patched.enter_context(patch.object(job, "track", lambda _: "not tracked"))
            patched.enter_context(patch.object(job, "pictures", lambda *_: {}))
            if self.quick:
                rungs = [ESTIMATORS[name] for name in QUICK]
                patched.enter_context(patch.object(job, "allowed", lambda *_: rungs))
            return job.train(self.store, self.settings, kind, self.at, promote=False).version

    def scores(self, kind: Kind, version: str) -> Table:
        """The rows of `score --out` of every record open then."""
        rows: Table = score_table(self.store, self.settings, kind, as_of=self.at, model=version).to_pylist()
        return rows

    def forecast(self, version: str) -> Table:
        """The rows of `forecast --out`: the whole, and cut by owner or each way."""
        model = chosen(self.store, self.settings, "opportunities", "won", version).model
        asked = [ask(self.settings, self.at, days=60, by=by) for by in ("owner", *(() if self.quick else CUTS))]
        return [row for one in asked for row in forecast_store(self.store, self.settings, model, one)]


def of_folder(
    open_folder: Callable[[int, int], AbstractContextManager[Path]], kinds: tuple[Kind, ...]
) -> Callable[[int, int], Iterator[Verdict]]:
    """A folder, and what an export of it would have held when six in ten of its deals had been created."""

    def parts(size: int, seed: int) -> Iterator[Verdict]:
        with tempfile.TemporaryDirectory() as scratch, open_folder(size, seed) as folder:
            home, at = Path(scratch), six_in_ten(folder)
            cut(folder, home / "past", at)
            settings = Settings(artifacts=home / "artifacts")
            sides = [
                Trained(imported(path, f"sqlite:///{home / name}.db", settings), settings, microseconds(at), size < FEW)
                for name, path in (("whole", folder), ("cut", home / "past"))
            ]
            for kind in kinds:
                yield from _equal(sides, kind)

    return parts


def _equal(sides: list[Trained], kind: Kind) -> Iterator[Verdict]:
    version, other = (side.version(kind) for side in sides)
    yield same(version, other, f"the bundle of {kind}")
    yield from _rows(f"the scores of {kind}", *(side.scores(kind, version) for side in sides))
    if kind == "opportunities":
        yield from _rows("the forecast", *(side.forecast(version) for side in sides))


def _rows(what: str, left: Table, right: Table) -> Iterator[Verdict]:
    """How many rows there are, and each of them."""
    yield same(len(left), len(right), f"rows of {what}")
    for one, other in zip(left, right, strict=False):
        yield same(one, other, f"a row of {what}")


def six_in_ten(folder: Path) -> datetime:
    """The microsecond after which four in ten opportunities are still to be created."""
    with (folder / "opportunities.csv").open(encoding="utf-8", newline="") as file:
        created = sorted(datetime.fromisoformat(row["created_at"]) for row in csv.DictReader(file))
    return created[len(created) * 6 // 10] + timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """An instant as int64 microseconds."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
