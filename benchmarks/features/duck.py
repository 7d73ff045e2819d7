"""DuckDB's contender: the exported tables in its memory, then the statements of `sql`, each run from the start."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.features.export import Vocabularies, read_asked
from benchmarks.features.sql.phrases import quoted
from benchmarks.features.sql.statements import answered, statements
from benchmarks.measure import contend, forget_peak, peak_bytes, timed
from features.feature import Feature


def main(folder: str, threads: int, runs: int, keep: bool) -> dict[str, Any]:
    """Time the statements over an exported folder; `keep` their answers beside ours."""
    exported = read_asked(Path(folder))
    asked = tuple(row for row in exported.features if answered(row))
    with duckdb.connect(config={"threads": threads}) as connection:
        loading, tables = timed(lambda: load(connection, Path(folder), exported.vocabularies))
        said = list(statements(tables, exported.kind, exported.zone, exported.minor, asked))
        forget_peak()
        runs_of = [[timed(lambda sql=sql: connection.execute(sql))[0] for sql in said] for _ in range(runs)]  # type: ignore[misc]
        peak = peak_bytes()
        if keep:
            keep_answers(connection, Path(folder) / "duckdb", asked)
    return {
        "runs": [np.sum(run, axis=0).tolist() for run in runs_of], "assembling": [run[-1] for run in runs_of],
        "statements": {_made(sql): took for sql, took in zip(said, runs_of[-1], strict=True)}, "loading": loading,
        "features": len(asked), "left_out": [row.name for row in exported.features if not answered(row)], "peak": peak,
    }  # fmt: skip


def _made(sql: str) -> str:
    """The table a statement makes."""
    return sql.partition(" AS")[0].removeprefix("CREATE OR REPLACE TABLE ").strip('"')


def load(connection: duckdb.DuckDBPyConnection, folder: Path, vocabularies: Vocabularies) -> dict[str, list[str]]:
    """Every table into memory, words as ENUMs of one type a vocabulary; the columns of each table."""
    of_words: dict[str, list[str]] = {}
    for table, columns in vocabularies.items():
        for column, vocabulary in columns.items():
            file = folder / f"{table}.parquet"
            of_words.setdefault(vocabulary, []).append(f"SELECT {quoted(column)} AS word FROM '{file}'")
    for vocabulary, parts in of_words.items():
        words = f"SELECT DISTINCT word FROM ({' UNION ALL '.join(parts)}) WHERE word IS NOT NULL ORDER BY word"
        if connection.execute(f"SELECT count(*) FROM ({words})").fetchone() == (0,):
            words = "SELECT ''"
        connection.execute(f"CREATE TYPE {quoted(f'word {vocabulary}')} AS ENUM ({words})")
    tables = {}
    for table, columns in vocabularies.items():
        casts = [
            f"{quoted(name)}::{quoted(f'word {vocabulary}')} AS {quoted(name)}" for name, vocabulary in columns.items()
        ]
        replaced = f"REPLACE ({', '.join(casts)})" if casts else ""
        connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * {replaced} FROM '{folder / f'{table}.parquet'}'")
        tables[table] = [str(row[0]) for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()]
    return tables


def keep_answers(connection: duckdb.DuckDBPyConnection, folder: Path, catalog: tuple[Feature, ...]) -> None:
    """One file a column, in order of row."""
    folder.mkdir(exist_ok=True)
    for row, column in _columns(connection, catalog):
        if row.category:
            coded = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
            np.save(folder / f"{row.name}.npy", pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False))
            (folder / f"{row.name}.json").write_text(json.dumps(coded.dictionary.to_pylist()), encoding="utf-8")
        else:
            numbers = pc.fill_null(column.cast(pa.float64()), np.nan)
            np.save(folder / f"{row.name}.npy", numbers.to_numpy())


def _columns(
    connection: duckdb.DuckDBPyConnection, catalog: tuple[Feature, ...]
) -> Iterator[tuple[Feature, pa.ChunkedArray]]:
    for row in catalog:
        said = f"SELECT {quoted(row.name)} FROM answers ORDER BY id"
        yield row, connection.sql(said).to_arrow_table().column(0)


if __name__ == "__main__":
    contend(main)
