"""Our contender: the history read once, then every feature of every row, each run in a fresh process of its own."""

import pickle
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.crm import Size, rows_of, tables
from benchmarks.measure import contend, forget_peak, peak_bytes, run, timed
from features.history import load_history
from features.settings import Settings
from features.streams import load_streams


def main(rows: int, activities: int, seed: int, runs: int, answers: str = "", simple: bool = False) -> dict[str, Any]:
    """Time `features_at` over (rows, activities). With a folder of `answers`: keep them, and what they follow from.

    `simple`: only the features that a library of general aggregations can say as well.
    """
    with tempfile.TemporaryDirectory() as folder:
        loaded = _load(Size(rows, activities, seed), Path(folder) / "history")
        once = {"file": str(Path(folder) / "history"), "simple": simple}
        measured = [run("benchmarks.features.once", once) for _ in range(runs)]
        kept = run("benchmarks.features.once", once | {"answers": answers}) if answers else {}
    return measured[0] | kept | loaded | {
        "rows": rows, "activities": activities, "cold": [one["cold"] for one in measured],
        "warm": [one["warm"] for one in measured], "peak": max(one["peak"] for one in measured),
    }  # fmt: skip


def _load(size: Size, file: Path) -> dict[str, Any]:
    """Read the history and streams of a drawn CRM into a file: how long that took, streams first, and its peak."""
    store = tables(size)
    forget_peak()
    of_streams, streams = timed(lambda: load_streams(store, Settings()))
    of_history, history = timed(lambda: load_history(store, Settings(), "opportunities", starts=streams.starts))
    peak = peak_bytes()
    with file.open("wb") as out:
        pickle.dump((history, streams, rows_of(history, size)), out, protocol=5)
    return {"loading": [of_streams, of_history], "loading_peak": peak, "records": len(history.ids)}


if __name__ == "__main__":
    contend(main)
