"""The history: rows of any canonical table."""

from serving.dependencies import ServiceOf, Source, secured
from serving.errors import BODY, documented
from serving.records import HistoryRows
from serving.schemas import HistoryAnswer
from serving.strict import BatchRoute

router = secured("history", BatchRoute)


@router.post("/history", responses=documented(*BODY))
def upsert_history(body: HistoryRows, service: ServiceOf, source: Source = "") -> HistoryAnswer:
    """Upsert rows of any canonical tables, at most 5,000; each is accepted, repaired or quarantined, and counted."""
    return service.upsert(body.rows(), source)
