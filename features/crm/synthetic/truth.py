"""What is truly probable: exact probabilities of a sample of records at some ages, written beside the world.

One row of probabilities.csv is a record at an instant it is open: P(target within 7, 30, 90 days and the horizon),
P(lost for each reason as it is written down, by the horizon), the day by which it is as likely as not to have reached
the target (given that it does), what generated it, and how it really ended, even after the world's end.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Floats, Ints
from features.crm.synthetic.chain import Chain, Exact
from features.crm.synthetic.deals import lead_chain, opportunity_chains
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.law import Reason, Walk
from features.crm.synthetic.records import Cast, Opportunities, Records
from features.crm.synthetic.text import TableFile, Text, coded, constant, instants, integers, numbered

AGES = (0, 7, 30, 90)
DAYS = (7, 30, 90)
NOT_SAID = "not_said"
_ROWS, _AT_ONCE = 200_000, 4_000
_HEAD = (
    "kind", "id", "process", "as_of", "age", "horizon_days",
    "p_target", "p_7d", "p_30d", "p_90d", "p_lost", "p_open",
)  # fmt: skip
_TAIL = (
    "expected_close", "outcome", "days", "stage", "worked", "source", "amount",
    "visible", "quality", "affinity", "skill", "effect",
)  # fmt: skip


def reason_slug(reason: str) -> str:
    """Lower case, letters and digits, others "_".

    >>> reason_slug("Sans décision")
    'sans_décision'
    """
    return "".join(letter if letter.isalnum() else "_" for letter in reason.lower())


def write_truth(frame: Frame, cast: Cast, folder: Path, excluded: Bools, unsaid: Bools) -> int:
    """probabilities.csv, at most 200,000 rows; opportunities `excluded` (spoilt rows) are left out."""
    law = frame.law
    reasons = [reason_slug(r.label) for r in (*law.reasons, *law.leads.reasons)]
    columns = (*_HEAD, *(f"p_lost_{reason}" for reason in (*dict.fromkeys(reasons), NOT_SAID)), *_TAIL)
    with TableFile(folder / "probabilities.csv", columns) as file:
        leads, deals = cast.leads, cast.opportunities
        sampled = _sample(frame, "truth leads", np.ones(len(leads.created), bool))
        nobody = np.zeros(len(leads.created), bool)
        _write(frame, cast, file, leads, sampled, lead_chain(frame), law.leads, law.leads.reasons, nobody, 0.0)
        sampled = _sample(frame, "truth opportunities", ~excluded)
        for p, (chain, process) in enumerate(zip(opportunity_chains(frame), law.processes.values(), strict=True)):
            rows = sampled[deals.process[sampled] == p]
            _write(frame, cast, file, deals, rows, chain, process, law.reasons, unsaid, law.unsaid)
        return file.rows


def _sample(frame: Frame, name: str, allowed: Bools) -> Ints:
    rows = np.flatnonzero(allowed)
    most = _ROWS // 2 // len(AGES)
    return rows if len(rows) <= most else np.sort(frame.rng(name).choice(rows, most, replace=False))


def _write(
    frame: Frame, cast: Cast, file: TableFile, records: Records, sampled: Ints, chain: Chain, walk: Walk,
    reasons: tuple[Reason, ...], unsaid: Bools, blank: float,
) -> None:  # fmt: skip
    ends = frame.clock.instants(records.paths.finish[sampled])
    for age in AGES:
        as_of = records.created[sampled] + age * MICROSECONDS_A_DAY
        still = (as_of < frame.until) & ((ends == MISSING) | (as_of < ends))
        for at in range(0, int(still.sum()), _AT_ONCE):
            rows, when = sampled[still][at : at + _AT_ONCE], as_of[still][at : at + _AT_ONCE]
            file.write(_rows(frame, cast, records, rows, when, age, chain, walk, reasons, unsaid, blank))


def _rows(
    frame: Frame, cast: Cast, records: Records, rows: Ints, as_of: Ints, age: int, chain: Chain, walk: Walk,
    reasons: tuple[Reason, ...], unsaid: Bools, blank: float,
) -> dict[str, Text]:  # fmt: skip
    work = frame.clock.work(as_of)
    state = records.paths.state[records.paths.segment_at(rows, work)]
    spans = [frame.clock.work(as_of + days * MICROSECONDS_A_DAY) - work for days in (*DAYS, walk.horizon_days)]
    exact = Exact(chain, records.effect[rows], records.tilt[rows], float(spans[-1].max()))
    near = [exact.within(state, span)[:, 0] for span in spans[:-1]]
    ended = exact.within(state, spans[-1])
    close = frame.clock.instants(work + exact.median(state, ended[:, 0]))
    lost = ended[:, 1:]
    finish = frame.clock.instants(records.paths.finish[rows])
    company = records.company[rows]
    number = (rows + 1).astype(np.int64)
    slugs = [reason_slug(reason.label) for reason in reasons]
    cause = np.where(unsaid[rows] & (records.paths.cause[rows] > 0), len(reasons) + 1, records.paths.cause[rows])
    amount = records.amount[rows] // 100 if isinstance(records, Opportunities) else np.full(len(rows), MISSING)
    return {
        "kind": constant(records.kind, len(rows)),
        "id": numbered("L" if records.kind == "lead" else "O", number),
        "process": coded(records.process[rows], list(frame.law.processes)), "as_of": instants(frame.clock, as_of),
        "age": integers(np.full(len(rows), age)), "horizon_days": integers(np.full(len(rows), walk.horizon_days)),
        "p_target": _decimals(ended[:, 0]), "p_7d": _decimals(near[0]), "p_30d": _decimals(near[1]),
        "p_90d": _decimals(near[2]), "p_lost": _decimals(lost.sum(1)), "p_open": _decimals(1 - ended.sum(1)),
        **{f"p_lost_{name}": _decimals(lost[:, r] * (1 - blank)) for r, name in enumerate(slugs)},
        f"p_lost_{NOT_SAID}": _decimals(lost.sum(1) * blank), "expected_close": instants(frame.clock, close),
        "outcome": coded(cause, ("target", *slugs, NOT_SAID)),
        "days": _decimals(np.where(finish == MISSING, np.nan, (finish - as_of) / MICROSECONDS_A_DAY)),
        "stage": integers(np.where(state < 2 * chain.stages, state % chain.stages, -1)),
        "worked": integers((state < chain.stages).astype(np.int64)),
        "source": coded(records.source[rows], [source.label for source in frame.law.sources]),
        "amount": integers(amount), "visible": _decimals(records.visible[rows]),
        "quality": _decimals(records.quality[rows]),
        "affinity": _decimals(np.where(company >= 0, cast.companies.affinity[company], 0)),
        "skill": _decimals(cast.owners.skill[records.owner[rows]]), "effect": _decimals(records.effect[rows]),
    }  # fmt: skip


def _decimals(values: Floats) -> Text:
    """Numbers with six decimals; null where NaN."""
    missing = np.isnan(values)
    return pa.array(np.round(np.where(missing, 0, values), 6) + 0.0, mask=missing).cast(pa.string())
