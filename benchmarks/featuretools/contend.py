"""Featuretools' contender; run by the Python of its own environment, so it imports nothing of ours.

Reads an exported folder (see benchmarks/features/export.py) and computes the features of `asked.json`, which must be
counts, sums or days since the last of filtered activities in a window: one call a window as its interface wants, with
`include_cutoff_time=False`, which means [cutoff - window, cutoff). Filters are handed to it as columns.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
from featuretools.primitives import Count, Max, Sum

DAY = 86_400_000_000


def main(folder: str) -> dict[str, Any]:
    """Seconds for all features of all rows, and the answers kept in `featuretools/` beside ours."""
    home = Path(folder)
    asked = json.loads((home / "asked.json").read_text())["features"]
    rows = pd.read_parquet(home / "rows.parquet")
    entities, filters = entity_set(home, asked)
    cutoffs = pd.DataFrame(
        {"record": rows["record"], "time": pd.to_datetime(rows["as_of"], unit="us"), "id": rows["id"]}
    )
    began, busy = time.perf_counter(), time.process_time()
    answers: dict[str, Any] = {}
    for window in {row["window"] for row in asked}:
        chosen = [row for row in asked if row["window"] == window]
        answers |= calculated(entities, chosen, filters, cutoffs, window)
    took = time.perf_counter() - began, time.process_time() - busy
    kept = home / "featuretools"
    kept.mkdir(exist_ok=True)
    for name, values in answers.items():
        np.save(kept / f"{name}.npy", values)
    return {"runs": [took], "features": len(asked), "rows": len(rows), "version": ft.__version__}


def entity_set(home: Path, asked: list[dict[str, Any]]) -> tuple[Any, dict[str, str]]:
    """Deals and their activities, with a column for each filter asked."""
    activities = pd.read_parquet(home / "activities.parquet")
    filters: dict[str, str] = {}
    for row in asked:
        name = filters.setdefault(json.dumps(row["where"]), f"passes_{len(filters)}")
        passes = np.ones(len(activities), bool)
        for column, words in row["where"]:
            passes &= activities[column].isin(words).to_numpy()
        activities[name] = passes
    activities["known"] = pd.to_datetime(activities["time"], unit="us")
    activities["instant"] = activities["time"].astype("float64")
    activities["event"] = np.arange(len(activities))
    deals = pd.read_parquet(home / "own.parquet", columns=["record"])
    wanted = ["event", "record", "known", "instant", "duration", *filters.values()]
    entities = ft.EntitySet("crm")
    entities.add_dataframe(deals, "deals", index="record")
    entities.add_dataframe(activities[wanted], "activities", index="event", time_index="known")
    entities.add_relationship("deals", "record", "activities", "record")
    return entities, filters


def calculated(
    entities: Any, asked: list[dict[str, Any]], filters: dict[str, str], cutoffs: pd.DataFrame, window: float | None
) -> dict[str, Any]:
    """The features of one window, in order of row."""
    features = [feature(entities, row, filters[json.dumps(row["where"])]).rename(row["name"]) for row in asked]
    matrix = ft.calculate_feature_matrix(
        features, entities, cutoff_time=cutoffs, training_window=None if window is None else f"{window} days",
        include_cutoff_time=False, cutoff_time_in_index=True, n_jobs=1, verbose=False,
    )  # fmt: skip
    ordered = matrix.set_index("id").loc[cutoffs["id"]] if "id" in matrix else matrix
    as_of = cutoffs["time"].astype("datetime64[us]").astype("int64").to_numpy()
    return {row["name"]: in_days(ordered[row["name"]], row, as_of) for row in asked}


def feature(entities: Any, row: dict[str, Any], flag: str) -> Any:
    """One aggregation of the passing activities of a deal."""
    column, primitive = {
        "count": ("event", Count), "total": (row["column"], Sum), "days_since_last": ("instant", Max),
    }[row["aggregation"]]  # fmt: skip
    passing = ft.Feature(entities["activities"].ww[flag]) == True  # noqa: E712
    of = ft.Feature(entities["activities"].ww[column])
    return ft.Feature(of, parent_dataframe_name="deals", primitive=primitive, where=passing)


def in_days(values: pd.Series, row: dict[str, Any], as_of: Any) -> Any:
    """The feature in its unit: a sum scaled, the latest instant as days before as-of, a count as it is."""
    numbers = values.astype("float64").to_numpy()
    if row["aggregation"] == "days_since_last":
        return (as_of - numbers) / DAY
    return np.nan_to_num(numbers) / row["scale"] if row["aggregation"] == "total" else np.nan_to_num(numbers)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
