"""One record now, as the service asks: its own history read from a store, the streams of the whole world in memory."""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.crm import Size, tables
from benchmarks.drawing import END
from benchmarks.measure import contend, resident_bytes, timed
from benchmarks.tables import Tables
from features.asof import features_at
from features.columns import Words, words
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crowds import Crowds, load_crowds
from features.history import load_history
from features.settings import Settings
from features.stream import take
from features.streams import Streams, load_streams
from features.view import Rows

BATCH = 100_000
"""Rows written to the store at a time."""
SETTINGS = Settings()


def main(rows: int, activities: int, seed: int, calls: int) -> dict[str, Any]:
    """Write a world to a SQLite store, load it whole, then ask for `calls` records one at a time."""
    made = tables(Size(rows, activities, seed))
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'world.db'}")
        writing, _ = timed(lambda: _write(store, made))
        of_streams, (streams, crowds) = timed(lambda: (load_streams(store, SETTINGS), load_crowds(store)))
        whole, history = timed(lambda: load_history(store, SETTINGS, "opportunities", starts=streams.starts))
        resident = resident_bytes()
        ids = [history.ids[at] for at in np.random.default_rng(seed).integers(0, len(history.ids), calls)]
        events = len(history.activities.time)
        del history
        asked = [_ask(store, streams, crowds, name) for name in ids]
        store.close()
    return {
        "deals": made.count("opportunities"), "activities": made.count("activities"), "events": events,
        "writing": writing, "streams": of_streams, "whole": whole, "resident": resident,
        "loading": [one[0] for one in asked], "features": [one[1] for one in asked], "names": asked[0][2],
    }  # fmt: skip


def _write(store: Store, made: Tables) -> None:
    """Every table into the store, as an import does once it has judged the rows."""
    for name in made.tables:
        schema = [column.name for column in TABLES[name].columns]
        table = {column: values for column, values in made.tables[name].items() if column in schema}
        if name == "activities":
            table["activity_id"] = Words.of([f"A{number}" for number in range(made.count(name))])
        custom = words(made.read(name), "custom")
        fields = [*(json.loads(word) for word in custom.words), {}]
        for start in range(0, made.count(name), BATCH):
            part = slice(start, start + BATCH)
            rows = np.arange(made.count(name))[part]
            batch = {column: take(values, rows) for column, values in table.items()}
            store.upsert(name, batch, [fields[code] for code in custom.codes[part]], seen_at=END)


def _ask(
    store: Store, streams: Streams, crowds: Crowds, name: str
) -> tuple[tuple[float, float], tuple[float, float], int]:
    """Seconds to read one record's history, seconds for its features, and how many these are."""
    starts = streams.starts
    loading, history = timed(
        lambda: load_history(store, SETTINGS, "opportunities", [name], starts=starts, crowds=crowds)
    )
    row = Rows(np.array([0]), np.array([END]))
    features, matrix = timed(lambda: features_at(history, streams, row))
    return loading, features, len(matrix.numbers) + len(matrix.categories)


if __name__ == "__main__":
    contend(main)
