"""The feature benchmark at a size of seconds: the peers agree on every answer, and the page says so."""

import json
import shutil
from pathlib import Path

import numpy as np

from benchmarks import page
from benchmarks.features.__main__ import main
from benchmarks.features.compare import differing
from benchmarks.features.sql.statements import answered
from benchmarks.measure import run
from features.catalog import CATALOG

TINY = {"rows": 200, "activities": 3000, "seed": 3, "runs": 1}


def test_the_command_writes_its_section_and_leaves_the_others(tmp_path: Path) -> None:
    out = tmp_path / "benchmarks.md"
    page.write("Forecast", "as it was", out)
    main(rows=200, activities=2000, runs=1, steps=2, deals=20, calls=3, cutoffs=0, seed=2, out=out)
    text = out.read_text(encoding="utf-8")
    assert "## Forecast\n\nas it was\n" in text
    assert "`python -m benchmarks.features --rows 200 --activities 2000 --seed 2 --runs 1" in text
    promised = next(line for line in text.splitlines() if line.startswith("| answers equal to DuckDB's"))
    count, of, every = promised.split("|")[2].split()
    assert (of, promised.split("|")[3].strip()) == ("of", "holds")
    assert count == every
    assert "Not asked of DuckDB" not in text


def test_sql_and_engine_agree_on_every_feature_and_a_planted_difference_is_seen(tmp_path: Path) -> None:
    ours = run("benchmarks.features.engine", TINY | {"answers": str(tmp_path)})
    peer = run("benchmarks.features.duck", {"folder": str(tmp_path), "threads": 1, "runs": 1, "keep": True})
    assert peer["features"] == ours["features"] == len(list((tmp_path / "duckdb").glob("*.npy")))
    assert differing(tmp_path / "ours", tmp_path / "duckdb") == {}
    assert all(answered(row) for row in CATALOG if "opportunities" in row.kinds)
    shutil.copytree(tmp_path / "duckdb", tmp_path / "planted")
    numbers, codes = (tmp_path / "planted" / f"{name}.npy" for name in ("age_days", "stage"))
    np.save(numbers, np.nextafter(np.load(numbers), np.inf))
    words = json.loads(codes.with_suffix(".json").read_text(encoding="utf-8"))
    codes.with_suffix(".json").write_text(json.dumps([*words[1:], words[0]]), encoding="utf-8")
    assert set(differing(tmp_path / "ours", tmp_path / "planted")) == {"age_days", "stage"}
