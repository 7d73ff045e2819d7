"""Requests read strictly: the key first, then the media type, the size, and JSON as the standard has it."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from serving.errors import (
    InvalidError,
    MalformedError,
    TooLargeError,
    UnauthorizedError,
    WrongMediaTypeError,
    field_name,
)
from serving.keys import KeyRing
from serving.settings import ServiceSettings

_LOCAL = ("127.0.0.1", "::1", "localhost")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose body was read and parsed already."""

    def __init__(self, request: Request, body: bytes, parsed: Any) -> None:
        super().__init__(request.scope, request.receive)
        self.read, self.parsed = body, parsed

    async def body(self) -> bytes:
        """The body as it came."""
        return self.read

    async def json(self) -> Any:
        """The parsed body."""
        return self.parsed


class StrictRoute(APIRoute):
    """A route that asks for a key before it reads anything, and takes the body of one record."""

    def limit(self, settings: ServiceSettings) -> int:
        """The largest body, in bytes."""
        return settings.record_limit

    def get_route_handler(self) -> Handler:
        """The handler behind the key."""
        answer = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle(request: Request) -> Response:
            authorise(request)
            if not takes_body:
                return await answer(request)
            _check_media_type(request)
            body = await read_body(request, self.limit(request.app.state.settings))
            return await answer(StrictRequest(request, body, parse(body)))

        return handle


class BatchRoute(StrictRoute):
    """A route that takes many records."""

    def limit(self, settings: ServiceSettings) -> int:
        """The largest body, in bytes."""
        return settings.batch_limit


async def read_body(request: Request, limit: int) -> bytes:
    """The body. Raises TooLargeError as soon as it is known to be too large, whether or not its length was declared."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooLargeError(f"must have at most {limit} bytes")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise TooLargeError(f"must have at most {limit} bytes")
        parts.append(part)
    return b"".join(parts)


def authorise(request: Request) -> None:
    """Pass on a request with an accepted key (or any, in a demonstration on loopback); raises UnauthorizedError."""
    ring: KeyRing | None = request.app.state.keys
    if ring is None:
        _check_host(request)
        return
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise UnauthorizedError("send your key as `Authorization: Bearer plk_...`")
    if not ring.opens(key.strip()):
        raise UnauthorizedError("this key is not accepted")


def _check_host(request: Request) -> None:
    """Without keys only this machine may ask: a page elsewhere whose name was pointed at it may not."""
    if request.url.hostname not in _LOCAL:
        raise UnauthorizedError("without a key, ask by the address 127.0.0.1 or localhost")


def _check_media_type(request: Request) -> None:
    main = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if main != "application/json" and not (main.startswith("application/") and main.endswith("+json")):
        raise WrongMediaTypeError("send the body with `Content-Type: application/json`", "Content-Type")


def parse(body: bytes) -> Any:
    """JSON text as plain values. Raises MalformedError for what is not JSON, InvalidError for a NUL character.

    >>> parse(b'{"amount": 1200.5}')
    {'amount': 1200.5}
    >>> parse(b'{"amount": NaN}')
    Traceback (most recent call last):
    serving.errors.MalformedError: 400: the body is not JSON: expected value at line 1 column 12
    """
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise MalformedError(f"the body is not JSON: {error}") from None
    if b"\\u0000" in body:
        _refuse_nul(value, ("body",))
    return value


def _refuse_nul(value: Any, place: tuple[int | str, ...]) -> None:
    """Databases hold no NUL character; a text with one was damaged, or is an attack."""
    if isinstance(value, str):
        if "\0" in value:
            raise InvalidError("must not hold a NUL character", field_name(place))
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        _refuse_nul(key, place)
        _refuse_nul(part, (*place, key))
