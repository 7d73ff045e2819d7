"""The service: one application made from its settings, and the command that runs it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from features.crm.store import Store
from serving.errors import install
from serving.guard import Guard
from serving.keys import KeyRing
from serving.live import Live
from serving.routers import forecast, health, history, leads, models, opportunities, pages
from serving.scorer import Scorer
from serving.service import Service
from serving.settings import ServiceSettings
from serving.store import ScoreStore

_SAYS = """Scores leads and opportunities as they are made, and forecasts what they bring.

Send JSON; read JSON. A probability means what it says: of the records said 30 %, 3 in 10 reach the target within the
horizon. Where something less than the trained model answers, `degraded` is true and `model.kind` says what it was.
"""


class ServeError(Exception):
    """The service cannot be run so; the message says what to set."""


def create_app(settings: ServiceSettings) -> FastAPI:
    """The application. It opens the store when it starts, and answers whatever it lacks."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = open_service(settings)
        app.state.service = service
        yield
        service.close()

    app = FastAPI(
        title="Plumbline",
        version="1",
        description=_SAYS,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.keys = None if settings.keyless else KeyRing.of(settings.api_key_hashes, settings.api_keys)
    install(app)
    for room in (leads, opportunities, history, forecast, models, health, pages):
        app.include_router(room.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    app.add_middleware(Guard)
    return app


def open_service(settings: ServiceSettings) -> Service:
    """The store, the models and all that answers, ready."""
    store = Store.open(settings.store)
    live = Live(store, settings)
    live.start()
    scores = ScoreStore(store)
    return Service(settings, store, live, Scorer(store, scores, live, settings))


def run(settings: ServiceSettings) -> None:
    """Serve until stopped. Raises ServeError where anyone could reach it without a key."""
    if not settings.on_loopback and not (settings.api_keys or settings.api_key_hashes):
        raise ServeError(
            f"{settings.host} can be reached from other machines: set PLUMBLINE_API_KEYS to a file of key hashes "
            "(or PLUMBLINE_API_KEY_HASHES), or serve on 127.0.0.1"
        )
    if settings.workers == 1:
        uvicorn.run(create_app(settings), host=settings.host, port=settings.port, access_log=False, server_header=False)
        return
    os.environ |= {
        f"PLUMBLINE_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value is not None
    }
    uvicorn.run(
        "serving.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        access_log=False,
        server_header=False,
    )


def from_environment() -> FastAPI:
    """The application as the environment describes it: what each worker process runs."""
    return create_app(ServiceSettings())
