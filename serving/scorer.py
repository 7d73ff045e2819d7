"""Score-on-create: one record in, its answer out, both kept in one transaction; the online path of the engine."""

import threading
from zoneinfo import ZoneInfo

import numpy as np

from features.asof import Rows
from features.columns import MICROSECONDS_A_DAY
from features.crm.store import Store
from features.history import Kind, load_history
from models.wording import Language
from serving.answers import Answer, told
from serving.errors import InvalidError, NotFoundError
from serving.instants import iso, now
from serving.intake import ONE, Intake, Taken
from serving.ladder import say
from serving.live import Live
from serving.records import ToScore
from serving.schemas import ScoreAnswer
from serving.settings import ServiceSettings
from serving.store import ScoreStore

AHEAD = MICROSECONDS_A_DAY
"""How far a record's creation may lie ahead of our clock."""


class Scorer:
    """Scores one record at a time. Safe for threads: writes go one after the other."""

    def __init__(self, store: Store, scores: ScoreStore, live: Live, settings: ServiceSettings) -> None:
        self.store, self.scores, self.live, self.settings = store, scores, live, settings
        self.zone = ZoneInfo(settings.timezone)
        self.writing = threading.Lock()
        self._last_arrival = 0

    def score(
        self, kind: Kind, body: ToScore, record: dict[str, object], *, target: str, store: bool, source: str
    ) -> Answer:
        """Take the record in and answer, from all that is known once it has arrived; keep both, or (not `store`) none.

        Raises InvalidError when a row breaks a rule.
        """
        with self.writing, self.store.transaction(rollback=not store):
            arrival = self.arrival()
            taken = Intake(self.store, self.settings, source, arrival).take(kind, body, record)
            answer = self._answer(kind, taken, target, arrival, stored=store)
            if store:
                self.scores.add(answer)
        return answer

    def latest(self, kind: Kind, record_id: str, language: Language) -> ScoreAnswer:
        """The latest score kept of a record. Raises NotFoundError."""
        kept = self.scores.latest(kind, record_id)
        if kept is None:
            raise NotFoundError("no score is kept of this id", "id")
        return told(kept.answer, language)

    def arrival(self) -> int:
        """Now, and never the same instant twice: what arrives later is later, even when the clock is set back."""
        self._last_arrival = max(now(), self._last_arrival + 2)
        return self._last_arrival

    def _answer(self, kind: Kind, taken: Taken, target: str, arrival: int, *, stored: bool) -> Answer:
        state = self.live.state
        starts = state.streams.starts if state.streams else None
        history = load_history(self.store, self.settings, kind, [taken.id], starts=starts, crowds=state.crowds)
        row = int(history.rows_of([taken.id])[0])
        if row < 0:
            raise InvalidError("is kept under another id: send it as the CRM has it", f"{ONE[kind]}.{ONE[kind]}_id")
        created = int(history.created[row])
        if created > arrival + AHEAD:
            raise InvalidError("must not lie in the future", f"{ONE[kind]}.created_at")
        as_of = max(arrival + 1, created)  # what has just arrived is known before this instant
        rows = Rows(np.array([row]), np.array([as_of]))
        said, features = say(state, history, rows, target, self.settings)
        return Answer(kind, taken.id, target, as_of, iso(as_of, self.zone), said, features, taken.notes, stored)
