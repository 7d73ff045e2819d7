"""The tables of sums: monthly quotas of owners, what they call for the month, and what is spent on sources.

A call is made on the third day of the month from what is open then, never from what will be won.
"""

from pathlib import Path

import numpy as np

from features.columns import MISSING, Ints
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.records import Cast
from features.crm.synthetic.text import TableFile, coded, constant, hundredths, instants, numbered

CATEGORIES = ("commit", "best_case", "pipeline")
_MONTHS_AHEAD = 3


def _months(frame: Frame, ahead: int) -> tuple[list[str], Ints]:
    """The months of the span (and some after), as periods, and the local day each starts at."""
    first, last = np.array([frame.first_day, frame.last_day - 1]).astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(first, last + np.timedelta64(1 + ahead, "M"))
    return [str(month) for month in months], months.astype("datetime64[D]").astype(np.int64)


def write_quotas(frame: Frame, cast: Cast, folder: Path) -> int:
    """quotas.csv: a quota a month for each owner who is there, near what the process's owners bring in."""
    periods, days = _months(frame, _MONTHS_AHEAD)
    owners, rng, deals = cast.owners, frame.rng("quotas"), cast.opportunities
    won = np.bincount(deals.process, deals.amount * 0.3, minlength=len(frame.law.processes))
    usual = won / frame.law.months / np.maximum(1, np.bincount(owners.process, minlength=len(won)))
    owner, month = np.divmod(np.arange(len(owners.team) * len(periods)), len(periods))
    starts = frame.clock.midnight(days)[month]
    there = (owners.since[owner] <= starts) & ((owners.left[owner] == MISSING) | (owners.left[owner] > starts))
    owner, month = owner[there], month[there]
    stretch = rng.uniform(0.8, 1.4, len(owners.team))
    amount = np.round(usual[owners.process[owner]] * stretch[owner] / 100_000) * 100_000
    with TableFile.canonical(folder, "quotas") as file:
        file.write({
            "period": coded(month, periods), "amount": hundredths(np.maximum(amount, 100_000).astype(np.int64)),
            "currency": constant(frame.law.currency, len(owner)),
            "owner_id": numbered("U", owner + 1, 4),
        })  # fmt: skip
        return file.rows


def write_calls(frame: Frame, cast: Cast, folder: Path) -> int:
    """calls.csv: commit, best case and pipeline of each owner with open deals, month by month."""
    periods, days = _months(frame, 0)
    rng, deals, parts = frame.rng("calls"), cast.opportunities, []
    bias = np.exp(rng.normal(0.1, 0.25, len(cast.owners.team)))
    for at, made in enumerate(frame.clock.midnight(days + 2) + 10 * 3_600_000_000):
        if not frame.start <= made < frame.until:
            continue
        working = frame.clock.work(np.array([made]))[0]
        still = (deals.created < made) & (deals.paths.finish > working) & (deals.created > made - 240 * 86_400_000_000)
        total = np.bincount(deals.owner[still], deals.amount[still], minlength=len(bias))
        owner = np.flatnonzero(total > 0)
        for rank, share in enumerate((0.12, 0.3, 1.0)):
            said = total[owner] * share * bias[owner] * np.exp(rng.normal(0, 0.15, len(owner)))
            same = [np.full(len(owner), value, np.int64) for value in (at, made, rank)]
            parts.append((*same, owner, said))
    month, when, category, owner, amount = (np.concatenate(column) for column in zip(*parts, strict=True))
    who = numbered("U", owner + 1, 4)
    with TableFile.canonical(folder, "calls") as file:
        file.write({
            "period": coded(month, periods), "made_at": instants(frame.clock, when), "by": who, "owner_id": who,
            "category": coded(category, CATEGORIES),
            "amount": hundredths((np.round(amount / 100_000) * 100_000).astype(np.int64)),
            "currency": constant(frame.law.currency, len(owner)),
        })  # fmt: skip
        return file.rows


def write_spend(frame: Frame, folder: Path) -> int:
    """spend.csv: month by month, by source and campaign, with the size of the company."""
    periods, _ = _months(frame, 0)
    rng, law = frame.rng("spend"), frame.law
    paid = [source for source in law.sources if source.spend > 0]
    campaigns = [(source, campaign) for source in paid for campaign in source.campaigns or ("",)]
    usual = np.array([source.spend / max(1, len(source.campaigns)) for source, _ in campaigns]) * frame.size / 2000
    month, row = np.divmod(np.arange(len(periods) * len(campaigns)), max(1, len(campaigns)))
    amount = np.round(usual[row] * np.exp(rng.normal(0, 0.3, len(month)))) * 100
    with TableFile.canonical(folder, "spend") as file:
        if campaigns:
            file.write({
                "period": coded(month, periods), "source": coded(row, [source.label for source, _ in campaigns]),
                "campaign": coded(row, [campaign for _, campaign in campaigns]),
                "amount": hundredths(amount.astype(np.int64)), "currency": constant(law.currency, len(month)),
            })  # fmt: skip
        return file.rows
