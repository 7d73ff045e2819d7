"""Batch scoring: the rows of `plumbline score` for open records, every record, or a file of ids, in bounded memory."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from features.asof import Rows, features_at
from features.calendar import Zone
from features.catalog import Catalog, catalog_for
from features.columns import MICROSECONDS_A_DAY, Bools, Floats, Ints, words
from features.crm.schema import TABLES
from features.crm.store import Store
from features.history import History, Kind, load_history
from features.matrix import Matrix
from features.settings import Settings
from features.streams import Streams, load_streams
from models.model import DAYS, Model, Prediction
from models.reasons import explain
from models.wording import Language
from serving.champion import Served, chosen, default_target
from serving.completing import completed, lacking
from serving.ladder import amount_of
from serving.languages import note
from serving.selection import Listed, Selection, read_ids, select, select_listed
from serving.tables import Table

__all__ = ["score_table"]

CHUNK = 20_000
PART = 1_024
"""Rows explained by one thread at a time."""
FEW = 2_000
"""So many listed ids are looked up one by one; more are found in the whole history."""
REASONS = 5


def score_table(
    store: Store,
    settings: Settings,
    kind: Kind,
    *,
    as_of: int,
    target: str = "",
    model: str = "champion",
    which: Literal["open", "all"] | Path = "open",
    language: Language = "en",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Table:
    """The rows of `score --out` as an Arrow table: columns named and ordered as DESIGN section 6 has them.

    `which`: the records open at `as_of`, all created by then, or a CSV of ids. Raises NoModelError, SelectionError.
    """
    target = target or default_target(kind)
    served = chosen(store, settings, kind, target, model)
    listed = read_ids(which) if isinstance(which, Path) else None
    streams = load_streams(store, settings)
    history = load_history(store, settings, kind, _few(store, kind, listed), starts=streams.starts)
    if listed is None:
        rows = select(history, target, as_of, settings, every=which == "all")
    else:
        rows = select_listed(history, target, as_of, settings, listed)
    scored = _Scoring(history, streams, served, target, settings, language)
    return pa.Table.from_batches(list(scored.batches(rows, progress)), scored.schema)


def _few(store: Store, kind: Kind, listed: Listed | None) -> list[str] | None:
    """The records to read: those listed that exist, where they are few; None for all."""
    if listed is None or len(set(listed.ids)) > FEW:
        return None
    key = TABLES[kind].key[0]
    held = words(store.read(kind, [key], {key: sorted(set(listed.ids))}), key)
    return list(held.words) or None


@dataclass(frozen=True)
class _Scoring:
    """One model over one history."""

    history: History
    streams: Streams
    served: Served
    target: str
    settings: Settings
    language: Language

    @property
    def model(self) -> Model:
        return self.served.model

    @property
    def schema(self) -> Any:
        """The columns of the answer."""
        number, text = pa.float64(), pa.string()
        lost = [(f"p_lost_{name}", number) for name in _slugs(self.model.losses.reasons)]
        return pa.schema([
            ("id", text), ("as_of", text), ("target", text), ("horizon_days", number),
            ("probability", number), ("probability_low", number), ("probability_high", number), ("p_open", number),
            ("score", number), ("grade", text), ("evidence", text), *((f"p_{days}d", number) for days in DAYS),
            ("predicted_close", text), ("predicted_close_low", text), ("predicted_close_high", text),
            ("amount_if_won", number), ("currency", text), *lost,
            *((f"reason_{place}", text) for place in range(1, REASONS + 1)),
            ("model", text), ("hindsight", pa.bool_()), ("note", text),
        ])  # fmt: skip

    def batches(self, rows: Selection, progress: Callable[[int, int], None]) -> Iterator[Any]:
        """The answers, chunk by chunk."""
        progress(0, len(rows))
        for start in range(0, len(rows), CHUNK):
            part = rows.part(start, start + CHUNK)
            yield self._batch(part)
            progress(start + len(part), len(rows))

    def _batch(self, part: Selection) -> Any:
        if self.model.evidence.nothing:
            part = replace(part, notes=[name or "too few" for name in part.notes])
        open_rows = np.array([not name for name in part.notes], np.bool_)
        columns = self._told(part) | self._answers(Rows(part.record[open_rows], part.as_of[open_rows]), open_rows)
        if self.model.evidence.nothing:
            columns["evidence"] = pa.array(["none"] * len(part), pa.string())
        return pa.record_batch([columns[field.name] for field in self.schema], schema=self.schema)

    def _told(self, part: Selection) -> dict[str, Any]:
        """What is said of every row, scored or not."""
        trained = int(self.model.meta.get("as_of", np.iinfo(np.int64).min))
        return {
            "id": pa.array(part.ids, pa.string()),
            "as_of": pa.array(part.texts, pa.string()),
            "target": pa.array([self.target] * len(part), pa.string()),
            "model": pa.array([self.served.version] * len(part), pa.string()),
            "hindsight": pa.array(trained > part.as_of),
            "note": pa.array([note(name, self.language) if name else self._lacks for name in part.notes], pa.string()),
        }

    @cached_property
    def _asked(self) -> Catalog:
        """The features the model reads: others would cost time for nothing."""
        return catalog_for(self.history).only(self.model.reads)

    @cached_property
    def _lacks(self) -> str | None:
        """What is noted of every answer: the features it goes without."""
        names = lacking(self.model, catalog_for(self.history))
        return note("lacking", self.language, names) if names else None

    def _answers(self, rows: Rows, where: Bools) -> dict[str, Any]:
        """The answers to the rows that have one, spread over all of them."""
        matrix = completed(self.model, features_at(self.history, self.streams, rows, self._asked))
        said = self.model.predict(matrix)
        told = self._reasons(matrix)
        amounts, currencies = amount_of(self.history, self.streams, rows, self.settings)
        texts = {f"reason_{n}": [why[n - 1] if len(why) >= n else None for why in told] for n in range(1, REASONS + 1)}
        texts |= {"grade": said.grade.tolist(), "evidence": said.evidence.tolist(), "currency": currencies}
        texts |= _closes(said, rows, self.history.zone)
        numbers = _figures(said) | {"amount_if_won": np.array(amounts, np.float64)}
        return {name: _numbers(column, where) for name, column in numbers.items()} | {
            name: _texts(column, where) for name, column in texts.items()
        }

    def _reasons(self, matrix: Matrix) -> list[list[str]]:
        """The weightiest reasons of each row, in words; LightGBM lets threads work side by side."""
        features = catalog_for(self.history).by_name

        def tell(start: int) -> list[list[str]]:
            part = matrix.take(np.arange(start, min(start + PART, len(matrix))))
            reasons = explain(self.model, part, features, top=REASONS, currency=self.settings.currency)
            return [[_sentence(reason, self.language) for reason in why] for _, why in reasons]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return [why for part in pool.map(tell, range(0, len(matrix), PART)) for why in part]


def _figures(said: Prediction) -> dict[str, Floats]:
    lost: dict[str, Floats] = {}
    for name, column in zip(_slugs_of(said.reasons_names), said.p_lost.T, strict=True):
        lost[f"p_lost_{name}"] = lost.get(f"p_lost_{name}", 0.0) + column
    return {
        "horizon_days": said.horizon_days, "probability": said.probability, "probability_low": said.low,
        "probability_high": said.high, "p_open": said.p_open, "score": said.score,
    } | {f"p_{days}d": said.by[days] for days in DAYS} | lost  # fmt: skip


def _closes(said: Prediction, rows: Rows, zone: Zone) -> dict[str, list[str | None]]:
    """Predicted closes as local dates."""
    days = {"predicted_close": said.close_days, "predicted_close_low": said.close_low}
    days["predicted_close_high"] = said.close_high
    return {name: _dates(rows.as_of, after, zone) for name, after in days.items()}


def _dates(as_of: Ints, days: Floats, zone: Zone) -> list[str | None]:
    known = np.isfinite(days)
    instants = as_of[known] + np.rint(days[known] * MICROSECONDS_A_DAY).astype(np.int64)
    dates = np.full(len(days), None, object)
    dates[known] = zone.day(instants).astype("datetime64[D]").astype(str)
    return list(dates)


def _sentence(reason: Any, language: Language) -> str:
    sentence: str = reason.sentence_fr if language == "fr" else reason.sentence_en
    return f"{sentence} ({reason.log_odds:+.2f})"


def _slugs_of(reasons: Sequence[str]) -> list[str]:
    """Each loss reason in lower case, letters and digits, others `_`.

    >>> _slugs_of(["Prix trop élevé", "not said"])
    ['prix_trop_élevé', 'not_said']
    """
    return [re.sub(r"[\W_]", "_", reason.lower()) for reason in reasons]


def _slugs(reasons: Sequence[str]) -> list[str]:
    """The columns of these loss reasons: two that read alike share one."""
    return list(dict.fromkeys(_slugs_of(reasons)))


def _numbers(column: Floats, where: Bools) -> Any:
    whole = np.full(len(where), np.nan)
    whole[where] = column
    return pa.array(whole, pa.float64(), from_pandas=True)


def _texts(column: Sequence[str | None], where: Bools) -> Any:
    whole = np.full(len(where), None, object)
    whole[where] = np.array([*column, None], object)[:-1]
    return pa.array(whole, pa.string())
