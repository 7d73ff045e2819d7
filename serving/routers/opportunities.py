"""Scores of opportunities."""

from typing import Annotated, Literal

from fastapi import Query

from serving.dependencies import Keep, LanguageOf, RecordId, ServiceOf, Source, secured
from serving.errors import BODY, InvalidError, NotFoundError, documented
from serving.records import OpportunityToScore
from serving.schemas import ScoreAnswer

router = secured("opportunities")
Target = Annotated[Literal["won"], Query(description="What is predicted.")]


@router.post("/opportunities/score", responses=documented(*BODY))
def score_opportunity(
    body: OpportunityToScore,
    service: ServiceOf,
    language: LanguageOf,
    target: Target = "won",
    store: Keep = True,
    source: Source = "",
) -> ScoreAnswer:
    """Score one opportunity from all that is known of it, and keep both."""
    answer = service.scorer.score("opportunities", body, body.record(), target=target, store=store, source=source)
    return answer.told(language)


@router.get("/opportunities/{opportunity_id}", responses=documented(NotFoundError, InvalidError))
def latest_opportunity_score(opportunity_id: RecordId, service: ServiceOf, language: LanguageOf) -> ScoreAnswer:
    """The latest score kept of one opportunity."""
    return service.scorer.latest("opportunities", opportunity_id, language)
