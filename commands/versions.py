"""Trained versions as a person reads them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from commands.tables import aligned
from features.crm.store import Champion
from features.settings import Settings


def listed(rows: Sequence[dict[str, Any]], promotions: Sequence[Champion], settings: Settings) -> str:
    """A table of the versions, "" without any; the log losses are those of the replay, lower is better."""
    head = ["version", "predicts", "rung", "as of", "log loss", "base rate", "serves", "promoted"]
    cells = [
        [
            row["version"], f"{row['kind']} {row['target']}", row["rung"], row["as_of"][:10],
            _figure(row["metrics"], "log_loss"), _figure(row["metrics"], "log_loss_base_rate"),
            "yes" if row["champion"] else "", _promoted(row["version"], promotions, settings),
        ]
        for row in rows
    ]  # fmt: skip
    return aligned(head, cells) if cells else ""


def summary(meta: dict[str, Any], promotions: Sequence[Champion], settings: Settings) -> str:
    """What one version was made from and how it did, a line each."""
    counts, metrics = meta["counts"], meta["metrics"]
    lines = {
        "predicts": f"{meta['kind']} {meta['target']}",
        "horizon": f"{meta['horizon_days']:.0f} days, unless the record's process has its own",
        "as of": _day(int(meta["as_of"]), settings),
        "learnt from": f"{counts['records']:,} {meta['kind']}: {counts['closed']:,} closed, of which {counts['won']:,} "
        f"{meta['target']}; {counts['open']:,} still open",
        "model": f"{meta['rung']}: {short(str(meta['why']))}",
        "replay": _replay(metrics),
        "left out": ", ".join(meta["left_out"]) or "no feature",
        "promoted": _promoted(meta["version"], promotions, settings) or "never",
    }
    return "\n".join([meta["version"], *(f"  {name:<12} {said}" for name, said in lines.items())])


def short(why: str) -> str:
    """Why a rung was chosen, without the log loss of every one, which the metrics hold.

    >>> short("blend is the best on the replay (log loss: base_rate 0.5394, blend 0.4252)")
    'blend is the best on the replay'
    """
    return re.sub(r" \(log loss: [^)]*\)", "", why)


def _replay(metrics: dict[str, float]) -> str:
    if "log_loss" not in metrics:
        return "too few closed records for one"
    losses = (
        f"log loss {_figure(metrics, 'log_loss')} against {_figure(metrics, 'log_loss_base_rate')} of the base rate"
    )
    return f"{losses}; AUC {_figure(metrics, 'auc')}, slope {_figure(metrics, 'slope')} (1 is right)"


def _figure(metrics: dict[str, float], name: str) -> str:
    return f"{metrics[name]:.4f}" if name in metrics else "-"


def _promoted(version: str, promotions: Sequence[Champion], settings: Settings) -> str:
    """When a version was last promoted, and why."""
    last = next((row for row in reversed(promotions) if row.version == version), None)
    return " ".join([_day(last.at, settings), last.note]).strip() if last else ""


def _day(instant: int, settings: Settings) -> str:
    return f"{datetime.fromtimestamp(instant // 1_000_000, UTC).astimezone(ZoneInfo(settings.timezone)):%Y-%m-%d}"
