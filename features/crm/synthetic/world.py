"""`make_world`: draw a world and write it, some thousands of records at a time."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING
from features.crm.synthetic.deals import draw_cast
from features.crm.synthetic.dirt import Dirt
from features.crm.synthetic.export import Export
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.law import Law
from features.crm.synthetic.records import Cast
from features.crm.synthetic.sums import write_calls, write_quotas, write_spend
from features.crm.synthetic.tables import (
    Ids,
    write_accounts,
    write_attributes,
    write_contacts,
    write_owners,
    write_roles,
    write_stages,
)
from features.crm.synthetic.truth import write_truth

SMALLEST, LARGEST = 300, 1_000_000
_AT_ONCE = 20_000

Progress = Callable[[str, int, int], None]
"""Told the table being written, how many records are done, and how many there will be in all."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What really happens in a process: shares of its opportunities, and days from creation to the end."""

    opportunities: int
    won: float
    lost: float
    never: float
    days_won: tuple[float, ...]
    days_lost: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WorldReport:
    """What was written: rows by table, spoilt rows, truth rows, and the true figures of each process.

    `converted` is the share of leads that ever convert; quantiles of days are those at 10, 50, 90 and 99 %.
    """

    out: Path
    truth: Path
    rows: dict[str, int]
    spoilt: int
    truth_rows: int
    converted: float
    processes: dict[str, ProcessFigures]


def make_world(
    law: Law, *, seed: int, size: int, out: Path, until: date | None = None, progress: Progress | None = None
) -> WorldReport:
    """Write a canonical folder of `size` opportunities in `out`, and its truth in the folder beside it, `out`-truth.

    The history ends at the local midnight `until` starts with (the law's own when None): nothing is written down
    after it, though things may be due. The bytes depend only on (law, seed, size, until). Raises ValueError for a
    size out of 300..1,000,000, FileExistsError when `out` holds anything.
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size: {size} opportunities; it must be {SMALLEST} to {LARGEST:,}")
    truth = out.with_name(out.name + "-truth")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; choose another folder or empty it")
    shutil.rmtree(truth, ignore_errors=True)
    for folder in (out, truth):
        folder.mkdir(parents=True, exist_ok=True)
    frame = Frame.of(law, seed, size, until or law.until)
    cast = draw_cast(frame)
    ids = Ids.of(frame, cast)
    rows = _things(frame, cast, ids, out)
    unsaid = frame.rng("unsaid").random(size) < law.unsaid
    wrong = frame.rng("reopened").random(size) < law.reopened
    dirt = Dirt(frame, (cast.opportunities.paths.finish < frame.work_until - 40) & ~wrong)
    rows |= _moving(frame, cast, Export(frame, cast, ids, out, dirt, unsaid, wrong), progress)
    dirt.write(truth)
    truth_rows = write_truth(frame, cast, truth, dirt.spoilt | wrong, unsaid)
    return _report(frame, cast, out, truth, rows, len(dirt.listed), truth_rows)


def _things(frame: Frame, cast: Cast, ids: Ids, out: Path) -> dict[str, int]:
    return {
        "accounts": write_accounts(frame, cast, ids, out),
        "contacts": write_contacts(frame, cast, ids, out),
        "roles": write_roles(frame, cast, ids, out),
        "owners": write_owners(frame, cast, out),
        "quotas": write_quotas(frame, cast, out),
        "stages": write_stages(frame, out),
        "calls": write_calls(frame, cast, out),
        "spend": write_spend(frame, out),
        "attributes": write_attributes(out),
    }


def _moving(frame: Frame, cast: Cast, export: Export, progress: Progress | None) -> dict[str, int]:
    total = len(cast.leads.created) + frame.size
    done = 0
    kinds = (("leads", len(cast.leads.created), export.leads), ("opportunities", frame.size, export.opportunities))
    for name, count, write in kinds:
        for low in range(0, count, _AT_ONCE):
            high = min(count, low + _AT_ONCE)
            write(low, high)
            done += high - low
            if progress is not None:
                progress(name, done, total)
    export.close()
    return {name: file.rows for name, file in export.files.items()}


def _report(
    frame: Frame, cast: Cast, out: Path, truth: Path, rows: dict[str, int], spoilt: int, truth_rows: int
) -> WorldReport:
    deals, figures = cast.opportunities, {}
    finish = frame.clock.instants(deals.paths.finish)
    days = np.where(finish == MISSING, np.nan, (finish - deals.created) / MICROSECONDS_A_DAY)
    for p, name in enumerate(frame.law.processes):
        mine, cause = deals.process == p, deals.paths.cause
        if mine.any():
            shares = [float((own & mine).sum() / mine.sum()) for own in (cause == 0, cause > 0, cause < 0)]
            spans = [_quantiles(days[mine & own & ~np.isnan(days)]) for own in (cause == 0, cause > 0)]
            figures[name] = ProcessFigures(int(mine.sum()), shares[0], shares[1], shares[2], spans[0], spans[1])
    converted = float((cast.leads.paths.cause == 0).mean())
    return WorldReport(out, truth, dict(sorted(rows.items())), spoilt, truth_rows, converted, figures)


def _quantiles(days: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, ...]:
    return tuple(round(float(q), 1) for q in np.quantile(days, (0.1, 0.5, 0.9, 0.99))) if len(days) else ()
