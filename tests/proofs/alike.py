"""Proofs that neither the order of the rows in the files nor the machine's clock changes anything."""

import csv
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from features.crm.schema import TABLES
from features.settings import Settings
from tests.crm_folder import rows_in, seeded
from tests.proofs.comparing import Side, compare, until
from tests.proofs.cutting import FEW, Trained, microseconds, six_in_ten
from tests.proofs.proof import Verdict, same
from tests.proofs.sources import imported, world

CLOCKS = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati")


def in_any_order(size: int, seed: int) -> Iterator[Verdict]:
    """A world of `size` deals, and the same files with their rows in another order."""
    with tempfile.TemporaryDirectory() as scratch, world(size, seed, dirt=False) as folder:
        home = Path(scratch)
        settings = Settings(artifacts=home / "artifacts")
        _permute(folder, home / "permuted", seeded(seed))
        stores = [
            imported(path, f"sqlite:///{home / name}.db", settings)
            for name, path in (("given", folder), ("other", home / "permuted"))
        ]
        held = [rows_in(store) for store in stores]
        for name in TABLES:
            yield same(len(held[0][name]), len(held[1][name]), f"rows of {name}")
            for row, same_row in zip(held[0][name], held[1][name], strict=False):
                yield same(row, same_row, f"a row of {name}")
        at = microseconds(six_in_ten(folder))
        one, other = (Trained(store, settings, at, size < FEW).version("opportunities") for store in stores)
        yield same(one, other, "the bundle of opportunities")


def _permute(folder: Path, out: Path, random: Random) -> None:
    """The same files with their rows in another order."""
    out.mkdir()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        random.shuffle(rows)
        with (out / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


def on_any_clock(size: int, seed: int) -> Iterator[Verdict]:
    """A world of `size` deals imported and asked by processes in other time zones."""
    with world(size, seed, dirt=False) as folder:
        (first, *others), at = CLOCKS, microseconds(six_in_ten(folder))
        with clock(first):
            side, held = Side(imported(folder)), rows_in(imported(folder))
        for name in others:
            with clock(name):
                store = imported(folder)
                other = Side(store)
                yield same(held, rows_in(store), f"the rows imported under {name}")
                for kind in side.histories:
                    asked = until(side, kind, at, seeded(seed), earlier=1)
                    yield compare(side.matrix(kind, asked), other.matrix(kind, asked), asked)


@contextmanager
def clock(name: str) -> Iterator[None]:
    """The process in a time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
