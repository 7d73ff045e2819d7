"""The error tree of the service and its one shape: RFC 9457 problems, which name a field and a rule, never a value."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from serving.store import DATABASE_ERRORS

log = logging.getLogger("plumbline.serving")

MEDIA_TYPE = "application/problem+json"
_LONGEST_NAME = 80
_MOST_VIOLATIONS = 20


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a request breaks, without the value: the field is a path with dots, "" for the whole."""

    field: str
    rule: str


class ServiceError(HTTPException):
    """An answer that is not the one asked for.

    Subclasses say what kind; `rule` says what this one is about.
    """

    status = 500
    slug = "error"
    title = "The service failed"

    def __init__(
        self, rule: str, field: str = "", *, also: Sequence[Violation] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(self.status, rule, dict(headers or {}))
        self.violations = (Violation(field, rule), *also)


class MalformedError(ServiceError):
    """The body is not what HTTP or JSON allow."""

    status = 400
    slug = "malformed"
    title = "The body cannot be read"


class UnauthorizedError(ServiceError):
    """No key, or one that is not accepted."""

    status = 401
    slug = "unauthorized"
    title = "A valid key is required"

    def __init__(self, rule: str) -> None:
        super().__init__(rule, "Authorization", headers={"WWW-Authenticate": "Bearer"})


class NotFoundError(ServiceError):
    """There is no such thing here."""

    status = 404
    slug = "not-found"
    title = "Not found"


class TooLargeError(ServiceError):
    """The body is larger than it may be."""

    status = 413
    slug = "too-large"
    title = "The body is too large"

    def __init__(self, rule: str) -> None:
        super().__init__(rule, "body", headers={"Connection": "close"})  # the rest of it is not waited for


class WrongMediaTypeError(ServiceError):
    """The body is not declared as JSON."""

    status = 415
    slug = "media-type"
    title = "The body must be JSON"


class InvalidError(ServiceError):
    """A field breaks a rule."""

    status = 422
    slug = "invalid"
    title = "A field breaks a rule"


class UnavailableError(ServiceError):
    """The service cannot do this now; trying again later may work."""

    status = 503
    slug = "unavailable"
    title = "Not possible now"

    def __init__(self, rule: str, seconds: int = 5) -> None:
        super().__init__(rule, headers={"Retry-After": str(seconds)})


KINDS: tuple[type[ServiceError], ...] = (
    MalformedError, UnauthorizedError, NotFoundError, TooLargeError, WrongMediaTypeError, InvalidError,
    UnavailableError, ServiceError,
)  # fmt: skip
"""Every kind of problem, as the documentation lists them."""


def install(app: FastAPI) -> None:
    """Give every error of the application the one shape."""
    app.add_exception_handler(RequestValidationError, _on_validation)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_store_down)
    app.add_exception_handler(HTTPException, _on_http)


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [Violation(field_name(item["loc"]), _rule(item)) for item in error.errors()]
    return problem(request.scope, InvalidError.status, InvalidError.slug, InvalidError.title, found)


def _on_store_down(request: Request, error: Exception) -> Response:
    log.error("request %s: the store failed (%s)", request_id(request.scope), type(error).__name__)
    return _on_http(request, UnavailableError("the store does not answer: nothing was kept, send it again"))


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, ServiceError):
        return problem(request.scope, error.status, error.slug, error.title, error.violations, error.headers)
    phrase = HTTPStatus(error.status_code).phrase
    return problem(request.scope, error.status_code, phrase.lower().replace(" ", "-"), phrase, (), error.headers)


def problem(
    scope: Scope,
    status: int,
    slug: str,
    title: str,
    found: Iterable[Violation] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem+json response. Of many violations the first are told."""
    violations = list(found)
    body: dict[str, Any] = {"type": f"/docs#problem-{slug}", "title": title, "status": status}
    if violations:
        first = violations[0]
        body["detail"] = f"{first.field}: {first.rule}" if first.field else first.rule
        body["errors"] = [{"field": item.field, "rule": item.rule} for item in violations[:_MOST_VIOLATIONS]]
    body["request_id"] = request_id(scope)
    return Response(json.dumps(body, ensure_ascii=False), status, dict(headers or {}), MEDIA_TYPE)


def request_id(scope: Scope) -> str:
    """The id this request has in answers and logs."""
    return str(scope.get("state", {}).get("request_id", ""))


def field_name(place: Sequence[int | str]) -> str:
    """A place in a request as a path with dots; a name too long to be one is cut.

    >>> field_name(("body", "activities", 0, "kind"))
    'activities.0.kind'
    """
    parts = [str(part)[:_LONGEST_NAME] for part in place[0 if place[:1] not in (("body",), ("query",)) else 1 :]]
    return ".".join("".join(c if c.isprintable() else "?" for c in part) for part in parts)


def _rule(item: Mapping[str, Any]) -> str:
    """What a field must be, in words that hold nothing of its value."""
    if item["type"] == "missing":
        return "is required"
    if item["type"] == "extra_forbidden":
        return "this field is not known here"
    if item["type"] == "model_type":
        return "must be an object"
    return str(item["msg"]).removeprefix("Input ").replace("should be", "must be")


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "Where this kind of problem is described."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "rule"],
                "properties": {"field": {"type": "string"}, "rule": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}


BODY: tuple[type[ServiceError], ...] = (
    MalformedError, TooLargeError, WrongMediaTypeError, InvalidError, UnavailableError,
)  # fmt: skip
"""What an operation that takes a body may answer with."""


def documented(*kinds: type[ServiceError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that may answer with these problems."""
    return {
        kind.status: {"description": kind.title, "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}} for kind in kinds
    }
