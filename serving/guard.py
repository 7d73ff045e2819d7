"""What surrounds every request: an id, security headers, and a last net under unexpected errors."""

import logging
import re
import secrets
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import ServiceError, problem

log = logging.getLogger("plumbline.serving")

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Guard:
    """ASGI middleware: the outermost, so that its headers are on every answer, and no error passes it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = _named(scope)
        scope.setdefault("state", {})["request_id"] = name
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(raw=message["headers"])
                headers["X-Request-ID"] = name
                for header, value in SECURITY_HEADERS.items():
                    headers.setdefault(header, value)
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception as error:
            log.error("request %s failed: %s", name, where(error))
            if not started:
                rule = f"an error on our side, recorded under request {name}"
                answer = problem(scope, 500, ServiceError.slug, ServiceError.title, ServiceError(rule).violations)
                await answer(scope, receive, send_guarded)


def _named(scope: Scope) -> str:
    """The caller's own id of the request when it is a harmless one, else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else secrets.token_hex(8)


def where(error: BaseException) -> str:
    """The kind of an error and where it happened, without its message: that may hold a person's data.

    >>> try:
    ...     int("jane@example.com")
    ... except ValueError as error:
    ...     print(where(error).partition(" at ")[0])
    ValueError
    """
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return f"{type(error).__name__} at " + " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))
