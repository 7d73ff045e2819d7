"""The section of docs/benchmarks.md about features: what was measured, and which of the promised figures hold."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.measure import Timing
from benchmarks.page import table

TITLE = "Features"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the contenders answered; `duckdb` by threads, `curve` by rows, `shared` ours on what Featuretools says."""

    engine: Mapping[str, Any]
    duckdb: Mapping[int, Mapping[str, Any]]
    unequal: Mapping[str, str]
    curve: Mapping[int, Mapping[str, Any]]
    online: Mapping[str, Any]
    shared: Mapping[str, Any] | None
    featuretools: Mapping[str, Any] | None
    featuretools_unequal: Mapping[str, str]


def section(measured: Measured, command: str, machine: str) -> str:
    """The whole section."""
    parts = [f"`{command}`\n\n{machine}.", _figures(measured), _batch(measured), _curve(measured), _online(measured)]
    if measured.shared and measured.featuretools:
        parts.append(_featuretools(measured, measured.shared, measured.featuretools))
    return "\n\n".join(parts)


def _holds(held: bool) -> str:
    return "holds" if held else "**does not hold**"


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.2f} GB"


def _figures(m: Measured) -> str:
    """The promises, each with its figure."""
    cold, peak = Timing.of(m.engine["cold"]), max(m.engine["peak"], m.engine["loading_peak"])
    best = min((Timing.of(peer["runs"]) for peer in m.duckdb.values()), key=lambda timing: timing.median)
    online = Timing.of(m.online["features"])
    steps = _steps(m)
    rows = [
        ("memory of one process, at most 8 GB", f"{_gigabytes(peak)} at {_size(m.engine)}", peak <= 8e9),
        (
            "times faster than DuckDB SQL, at least 3",
            f"{best.median / cold.median:.1f}",
            best.median >= 3 * cold.median,
        ),
        (
            "answers equal to DuckDB's",
            f"{m.engine['features'] - len(m.unequal)} of {m.engine['features']}",
            not m.unequal,
        ),
        ("one record online, median under 1 ms", str(online), online.median < 1e-3),
    ]
    if steps:
        worst = max(steps)
        rows.append(("10 times the rows, at most 11 times the time", f"{worst:.1f} at worst", worst <= 11))
    if m.shared and m.featuretools:
        ratio = Timing.of(m.featuretools["runs"]).median / Timing.of(m.shared["cold"]).median
        rows.append(("times faster than Featuretools, at least 100", f"{ratio:,.0f}", ratio >= 100))
    return table(["promised", "measured", ""], [(promised, figure, _holds(held)) for promised, figure, held in rows])


def _size(engine: Mapping[str, Any]) -> str:
    return f"{engine['rows']:,} rows over {engine['activities']:,} activities"


def _batch(m: Measured) -> str:
    cold, warm, loading = (Timing.of(m.engine[name]) for name in ("cold", "warm", "loading"))
    lines = [
        ("ours, first call", cold, f"{cold.busy:.1f} s", _gigabytes(m.engine["peak"]), ""),
        ("ours, called again", warm, f"{warm.busy:.1f} s", "", ""),
    ]
    for threads, peer in m.duckdb.items():
        runs = Timing.of(peer["runs"])
        ratio = f"{runs.median / cold.median:.1f} (processor {runs.busy / cold.busy:.1f})"
        name = f"DuckDB, {threads} thread{'s' if threads > 1 else ''}"
        lines.append((name, runs, f"{runs.busy:.1f} s", _gigabytes(peer["peak"]), ratio))
    drawn = table(["", "time", "processor", "most memory", "times ours"], lines)
    told = _wrapped(
        f"{m.engine['records']:,} opportunities of a drawn CRM, each asked at several instants; {m.engine['events']:,}",
        "events, as an activity of a person belongs to each of the person's deals. Both start from history in memory.",
        f"Ours: reading it took {sum(loading.seconds):.1f} s (at most {_gigabytes(m.engine['loading_peak'])}); every",
        "timed run is a first call in a process of its own. DuckDB: the same events in its own memory,",
        "stamped with when each was known, words as ENUMs; what ours turns words into (sectors, free mail)",
        f"is given as tables, not counted ({m.engine['turning']:.1f} s, a part of our first call); the best SQL",
        "we found, features left side by side in one table.",
        f"Its slowest statements (s): {_slowest(m)}. Every answer of every row is compared with ==.",
        *_left_out(m),
        *_differing(m.unequal),
    )
    return f"### A batch: {m.engine['features']} features of {_size(m.engine)}\n\n{drawn}\n\n{told}"


def _wrapped(*parts: str) -> str:
    return textwrap.fill(" ".join(parts), 120)


def _slowest(m: Measured) -> str:
    peer = next(iter(m.duckdb.values()))["statements"]
    slowest = sorted(peer.items(), key=lambda item: -item[1][0])[:6]
    return ", ".join(f"{name} {took[0]:.2f}" for name, took in slowest)


def _left_out(m: Measured) -> list[str]:
    names = next(iter(m.duckdb.values()))["left_out"]
    return [f"Not asked of DuckDB: {', '.join(names)}."] if names else []


def _differing(unequal: Mapping[str, str]) -> list[str]:
    return [f"`{name}` differs: {told}." for name, told in unequal.items()]


def _steps(m: Measured) -> list[float]:
    """How many times the time, corrected to 10 times the rows, from each size to the next."""
    return [
        (Timing.of(after["cold"]).median / Timing.of(before["cold"]).median) * (10 * few / many)
        for (few, before), (many, after) in pairwise(sorted(m.curve.items()))
    ]


def _curve(m: Measured) -> str:
    lines = []
    for (rows, run), step in zip(sorted(m.curve.items()), ["", *(f"{step:.1f}" for step in _steps(m))], strict=True):
        cold, loading = Timing.of(run["cold"]), Timing.of(run["loading"])
        most = _gigabytes(max(run["peak"], run["loading_peak"]))
        lines.append(
            (
                f"{rows:,}",
                f"{run['activities']:,}",
                f"{sum(loading.seconds):.1f} s",
                cold,
                f"{cold.busy:.2f} s",
                step,
                most,
            )
        )
    header = [
        "rows",
        "activities",
        "reading",
        "features, first call",
        "processor",
        "for 10 times the rows",
        "most memory",
    ]
    return f"### As the work grows\n\n{table(header, lines)}"


def _online(m: Measured) -> str:
    features, loading = Timing.of(m.online["features"]), Timing.of(m.online["loading"])
    lines = [
        (name, f"{timing.median * 1e3:.2f} ms", f"{_late(timing) * 1e3:.2f} ms", f"{timing.busy * 1e3:.2f} ms")
        for name, timing in (("its features, streams in memory", features), ("reading its history first", loading))
    ]
    told = _wrapped(
        f"{m.online['names']} features of one record: {len(features.seconds):,} records drawn at random, one after the",
        f"other as the service asks, the streams of {m.online['deals']:,} deals in memory, the record's own history",
        f"read from SQLite. From store to history: writing the {m.online['activities']:,} activities and all else took",
        f"{m.online['writing'][0]:.0f} s, reading the streams {m.online['streams'][0]:.1f} s, the whole history",
        f"{m.online['whole'][0]:.1f} s ({_gigabytes(m.online['resident'])} resident then).",
    )
    return f"### One record now\n\n{table(['', 'median', '95 %', 'processor'], lines)}\n\n{told}"


def _late(timing: Timing) -> float:
    return sorted(timing.seconds)[int(0.95 * len(timing.seconds))]


def _featuretools(m: Measured, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    runs, cold = Timing.of(theirs["runs"]), Timing.of(ours["cold"])
    values = theirs["rows"] * theirs["features"]
    lines = [
        (name, timing, f"{timing.median / values * 1e6:,.1f} us")
        for name, timing in (("ours, first call", cold), (f"Featuretools {theirs['version']}", runs))
    ]
    told = _wrapped(
        f"{theirs['features']} features that both can say (filtered counts, sums, days since the last) of",
        f"{theirs['rows']:,} rows over {ours['activities']:,} activities, every row at an instant of its own.",
        "Featuretools runs in an environment of its own, in one process, one call a window, its filters as columns.",
        "Every answer is compared with ==.",
        *_differing(m.featuretools_unequal),
    )
    return f"### Featuretools with cutoff times\n\n{table(['', 'time', 'each value'], lines)}\n\n{told}"
