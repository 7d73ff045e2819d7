"""The SQL of the service: every score given, with its features and the version that gave it, to be replayed."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from features.crm.store import Store
from serving.answers import Answer, matrix_json

METADATA = MetaData()
SCORES = Table(
    "scores",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "record_id", "target")),
    Column("as_of", BigInteger, nullable=False),
    Column("model_kind", Text, nullable=False),
    Column("version", Text),
    Column("probability", Double),
    Column("log_odds", Double),
    Column("features", Text),
    Column("answer", Text, nullable=False),
)
Index("scores_by_record", SCORES.c.kind, SCORES.c.record_id, SCORES.c.id)


DATABASE_ERRORS: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout)
"""The database did not do what was asked; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class KeptScore:
    """A score as kept: the answer in both languages, the features as JSON (None when they could not be computed)."""

    kind: str
    record_id: str
    target: str
    as_of: int
    model_kind: str
    version: str | None
    log_odds: float | None
    features: str | None
    answer: dict[str, Any]


class ScoreStore:
    """The scores given, beside the history in the same database."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.transaction() as connection:
            METADATA.create_all(connection)

    def add(self, answer: Answer) -> None:
        """Keep one score."""
        kept = answer.as_dict()
        row = {
            "kind": answer.kind, "record_id": answer.id, "target": answer.target, "as_of": answer.as_of,
            "model_kind": answer.said.kind, "version": answer.said.version,
            "probability": kept.get("probability"), "log_odds": kept.get("log_odds"),
            "features": None if answer.features is None else matrix_json(answer.features),
            "answer": json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
        }  # fmt: skip
        with self.store.transaction() as connection:
            connection.execute(insert(SCORES), row)

    def latest(self, kind: str, record_id: str) -> KeptScore | None:
        """The latest score of a record."""
        names = list(KeptScore.__dataclass_fields__)
        query = select(*(SCORES.c[name] for name in names))
        query = query.where(SCORES.c.kind == kind, SCORES.c.record_id == record_id).order_by(SCORES.c.id.desc())
        with self.store.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else KeptScore(**dict(row._mapping) | {"answer": json.loads(row.answer)})
