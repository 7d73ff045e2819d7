"""What the proofs are run on: small random CRMs, seeded worlds, and real loans where they are beside the project."""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law, make_world
from features.crm.synthetic.law import Dirt
from features.settings import Settings
from tests.asking import SETTINGS
from tests.crm_folder import LATER, Crm, make_crm, rows_in, seeded

CONVERT = Path(__file__).parents[3] / "shared" / "data" / "to_canonical.py"
FEWEST = 300
"""The smallest world there is."""


def no_loans() -> str:
    """Why the real data cannot be used here, "" when it can."""
    return "" if CONVERT.exists() else "the real data is not beside the project (../shared/data)"


@cache
def _converted() -> tempfile.TemporaryDirectory[str]:
    """The real data as canonical folders, made once and gone with the process."""
    home = tempfile.TemporaryDirectory()
    subprocess.run([sys.executable, str(CONVERT), home.name], check=True, capture_output=True)
    return home


@contextmanager
def loans(applications: int = 0) -> Iterator[Path]:
    """The loan applications of bpi2012 as a canonical folder: the first so many, all of them if 0."""
    whole = Path(_converted().name) / "bpi2012"
    if not applications:
        yield whole
        return
    with tempfile.TemporaryDirectory() as home:
        _first(whole, Path(home), applications)
        yield Path(home)


def _first(folder: Path, out: Path, how_many: int) -> None:
    """The first opportunities of a folder and all that names them."""
    chosen: set[str] = set()
    for name in ("opportunities", "changes", "activities", "owners", "stages"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        key = {"changes": "entity_id"}.get(name, "opportunity_id")
        chosen = {row[key] for row in rows[:how_many]} if name == "opportunities" else chosen
        kept = [row for row in rows if row.get(key) is None or row[key] in chosen]
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(kept)


@contextmanager
def world(opportunities: int, seed: int, dirt: bool = True) -> Iterator[Path]:
    """A seeded world as a canonical folder; without `dirt` no row of it is spoilt."""
    law = load_law() if dirt else load_law().model_copy(update={"dirt": Dirt(rate=0.0)})
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "world"
        make_world(law, seed=seed, size=max(opportunities, FEWEST), out=folder)
        yield folder


def imported(folder: Path, url: str = "sqlite://", settings: Settings = SETTINGS) -> Store:
    """A store of a folder seen much later than anything in it."""
    store = Store.open(url)
    import_folder(store, folder, settings=settings, seen_at=LATER)
    return store


def rows_of(folder: Path) -> Crm:
    """The rows of a folder as they are held once imported."""
    return rows_in(imported(folder))


def random_crm(seed: int) -> Crm:
    """A small CRM full of edges, each seed its own."""
    return make_crm(seeded(seed))
