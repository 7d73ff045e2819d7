"""Health: no key is asked for, and nothing of the data is told."""

from fastapi import APIRouter, Response

from serving.dependencies import ServiceOf
from serving.schemas import Alive, Readiness

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> Alive:
    """The process runs."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "It cannot answer at all"}})
def readyz(service: ServiceOf, response: Response) -> Readiness:
    """Whether it answers, and what it lacks to answer at its best."""
    readiness = service.readiness()
    response.status_code = 200 if readiness.ready else 503
    return readiness
