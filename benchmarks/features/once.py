"""One run of our contender: a history that was read before, and the first and second call of `features_at` on it."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.features.export import export
from benchmarks.measure import contend, peak_bytes, timed
from features.asof import features_at
from features.catalog import catalog_for
from features.matrix import Matrix

SIMPLE = ("count", "total", "days_since_last")


def main(file: str, simple: bool, answers: str = "") -> dict[str, Any]:
    """Seconds of the first call (`cold`) and the second (`warm`); with `answers`, keep them there instead."""
    history, streams, asked = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by our own process
    catalog = catalog_for(history)
    if simple:
        wanted = [row.name for row in catalog if row.source == "activities" and row.aggregation in SIMPLE]
        catalog = catalog.only(wanted)
    if answers:
        turning = export(Path(answers), history, streams, asked, catalog)
        keep_answers(Path(answers) / "ours", features_at(history, streams, asked, catalog))
        return {"turning": turning}
    cold, _ = timed(lambda: features_at(history, streams, asked, catalog))
    peak = peak_bytes()
    warm, _ = timed(lambda: features_at(history, streams, asked, catalog))
    events = len(history.activities.time)
    return {"features": len(catalog), "events": events, "cold": cold, "warm": warm, "peak": peak}


def keep_answers(folder: Path, matrix: Matrix) -> None:
    """One file a column: float64, or codes and their words."""
    folder.mkdir(exist_ok=True)
    for name, numbers in matrix.numbers.items():
        np.save(folder / f"{name}.npy", numbers)
    for name, words in matrix.categories.items():
        np.save(folder / f"{name}.npy", words.codes)
        (folder / f"{name}.json").write_text(json.dumps(words.words), encoding="utf-8")


if __name__ == "__main__":
    contend(main)
