"""What routes call: one method a question, no HTTP in it."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from features.crm.accept import AcceptReport, accept_rows
from features.crm.reader import ORDER
from features.crm.store import Store
from serving.champion import catalogue
from serving.errors import InvalidError, UnavailableError
from serving.forecasting import ask, forecast_store
from serving.instants import now
from serving.live import Live
from serving.schemas import HistoryAnswer, Readiness, RowProblem, TableReport
from serving.scorer import Scorer
from serving.settings import ServiceSettings
from serving.store import DATABASE_ERRORS


@dataclass
class Service:
    """The parts of a running service."""

    settings: ServiceSettings
    store: Store
    live: Live
    scorer: Scorer
    _forecasts: dict[tuple[str, int, str], tuple[float, list[dict[str, Any]]]] = field(default_factory=dict)
    _forecasting: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Let go of the store."""
        self.live.stop()
        self.store.close()

    def readiness(self) -> Readiness:
        """What is missing to answer at its best; not ready when the store cannot be read."""
        missing = [*self.live.state.missing, *self.live.state.lacking]
        try:
            self.store.version("champions")
        except DATABASE_ERRORS:
            return Readiness(ready=False, degraded=True, missing=["the store does not answer", *missing])
        if self.live.state.streams is None:
            missing.append("the history across records is not loaded yet")
        return Readiness(ready=True, degraded=bool(missing), missing=missing)

    def upsert(self, rows: dict[str, list[dict[str, object]]], source: str) -> HistoryAnswer:
        """Write rows of any canonical tables, all in one transaction."""
        with self.scorer.writing, self.store.transaction():
            arrival = self.scorer.arrival()
            reports = {
                table: accept_rows(self.store, table, rows[table], settings=self.settings, crm=source, arrival=arrival)
                for table in ORDER
                if rows.get(table)
            }
        return _history_answer(reports)

    def models(self) -> list[dict[str, Any]]:
        """The trained versions."""
        return catalogue(self.store, self.settings)

    def forecast(self, period: str, days: int, by: str) -> list[dict[str, Any]]:
        """The forecast as of now; one computed a moment ago is given again. Raises InvalidError, UnavailableError."""
        key = (period, days, by)
        with self._forecasting:
            made, rows = self._forecasts.get(key, (float("-inf"), []))
            if time.monotonic() - made > self.settings.forecast_seconds:
                rows = self._forecast(period, days, by)
                self._forecasts = {**dict(list(self._forecasts.items())[-15:]), key: (time.monotonic(), rows)}
        return rows

    def _forecast(self, period: str, days: int, by: str) -> list[dict[str, Any]]:
        try:
            asked = ask(self.settings, now(), period=period, days=days, by=by)
        except ValueError:
            raise InvalidError(
                "name one period: period=2026-Q4 (2026, 2026-H2, 2026-11, 2026-W47) or days=90", "period"
            ) from None
        rungs = self.live.state.ladder("opportunities", "won")
        if not rungs:
            raise UnavailableError("no model of opportunities is trained yet: run `plumbline train opportunities`", 60)
        served = rungs[0].served
        return forecast_store(self.store, self.settings, served.model, asked, version=served.version)


def _history_answer(reports: dict[str, AcceptReport]) -> HistoryAnswer:
    names = TableReport.model_fields
    problems = [
        RowProblem(
            table=table, field=item.column, rule=item.rule, outcome=item.outcome, count=item.count,
            rows=list(item.lines), says=item.says, advice=item.advice,
        )
        for table, report in reports.items()
        for item in report.problems
    ]  # fmt: skip
    return HistoryAnswer(
        tables={t: TableReport(**{name: getattr(r.counts, name) for name in names}) for t, r in reports.items()},
        problems=problems,
        custom_fields=sorted({name for report in reports.values() for name in report.unknown}),
    )
