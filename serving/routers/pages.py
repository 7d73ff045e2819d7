"""The documentation page: plain HTML made from the OpenAPI description; nothing is loaded from elsewhere."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from serving.pages import docs_page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every endpoint with its curl line."""
    return HTMLResponse(
        docs_page(request.app.openapi(), str(request.base_url).rstrip("/"), request.app.state.keys is None)
    )


@router.get("/")
def root() -> RedirectResponse:
    """The documentation."""
    return RedirectResponse("/docs")
