"""The forecast."""

from typing import Annotated, Literal

from fastapi import Query

from serving.dependencies import ServiceOf, secured
from serving.errors import InvalidError, UnavailableError, documented
from serving.schemas import ForecastAnswer

router = secured("forecast")
Period = Annotated[str, Query(max_length=16, description="2026-Q4, 2026-11, 2026-W47, 2026-H2 or 2026.")]
Days = Annotated[int, Query(ge=0, le=3660, description="Or so many days from now.")]
Cut = Annotated[
    Literal["", "owner", "team", "process", "product", "source", "region"],
    Query(description="Groups beside the whole."),
]


@router.get("/forecast", responses=documented(InvalidError, UnavailableError))
def forecast(service: ServiceOf, period: Period = "", days: Days = 0, by: Cut = "") -> ForecastAnswer:
    """Wins of a period as seen now: closed, from what is open, and from what is not made yet, with their range."""
    return ForecastAnswer.model_validate({"rows": service.forecast(period, days or (0 if period else 90), by)})
