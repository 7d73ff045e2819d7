"""What routes are given: the service, the language, the names callers may pass."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.routing import APIRouter
from fastapi.security import HTTPBearer

from features.crm.names import SOURCE
from models.wording import Language
from serving.errors import UnauthorizedError, documented
from serving.languages import preferred
from serving.service import Service
from serving.strict import StrictRoute

_BEARER = HTTPBearer(auto_error=False, description="A key, as `Authorization: Bearer plk_...`.")


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", ""))


ServiceOf = Annotated[Service, Depends(_service)]
LanguageOf = Annotated[Language, Depends(_language)]
Source = Annotated[
    str,
    Query(max_length=64, pattern=f"^({SOURCE})?$", description="Namespace of the ids, as `import --source` has it."),
]
RecordId = Annotated[str, Path(max_length=300, pattern=r"^[^\x00]+$", description="The id as scored, with its source.")]
Keep = Annotated[bool, Query(alias="store", description="false: answer without keeping anything.")]


def secured(tag: str, route: type[StrictRoute] = StrictRoute) -> APIRouter:
    """A router whose routes ask for a key."""
    return APIRouter(
        prefix="/v1", tags=[tag], route_class=route, dependencies=[Depends(_BEARER)],
        responses=documented(UnauthorizedError),
    )  # fmt: skip
