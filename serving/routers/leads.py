"""Scores of leads."""

from typing import Annotated, Literal

from fastapi import Query

from serving.dependencies import Keep, LanguageOf, RecordId, ServiceOf, Source, secured
from serving.errors import BODY, InvalidError, NotFoundError, documented
from serving.records import LeadToScore
from serving.schemas import ScoreAnswer

router = secured("leads")
Target = Annotated[Literal["converted", "won"], Query(description="What is predicted.")]


@router.post("/leads/score", responses=documented(*BODY))
def score_lead(
    body: LeadToScore,
    service: ServiceOf,
    language: LanguageOf,
    target: Target = "converted",
    store: Keep = True,
    source: Source = "",
) -> ScoreAnswer:
    """Score one lead from all that is known of it, and keep both."""
    answer = service.scorer.score("leads", body, body.record(), target=target, store=store, source=source)
    return answer.told(language)


@router.get("/leads/{lead_id}", responses=documented(NotFoundError, InvalidError))
def latest_lead_score(lead_id: RecordId, service: ServiceOf, language: LanguageOf) -> ScoreAnswer:
    """The latest score kept of one lead."""
    return service.scorer.latest("leads", lead_id, language)
