"""Opening the store's database and its transactions: SQLite and its settings, or any other SQLAlchemy URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO, Any, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool


class StoreError(Exception):
    """The store cannot be opened or is not one of ours; the message says what to do."""


@contextmanager
def plain_failures() -> Iterator[None]:
    """What the database cannot do (no space left, locked, read only) as a StoreError that says why in a sentence."""
    try:
        yield
    except OperationalError as error:
        cause = str(error.orig)
        mend = next((mend for word, mend in _MENDS.items() if word in cause), "see to it, then run it again")
        raise StoreError(f"the store cannot be written ({cause}): {mend}; it goes on where it stopped") from error


_MENDS = {
    "full": "free some disk space, then run it again",
    "No space": "free some disk space, then run it again",
    "disk I/O": "see that the disk has room and is sound, then run it again",
    "locked": "another program is writing to it: run it again when that is done",
    "readonly": "give this user the right to write the file and its folder, then run it again",
}
"""What the database says it cannot do -> what to do about it."""


class Database:
    """A database whose calls each use their own connection, or that of the transaction they are in."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._current: ContextVar[Connection | None] = ContextVar("plumbline_store", default=None)

    @classmethod
    def open(cls, url: str) -> Self:
        """The database at a SQLAlchemy URL; creates what is absent. StoreError says what is wrong."""
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):  # the text itself may hold a password: it is not shown
            raise StoreError(
                "what --store or PLUMBLINE_STORE gives is not a database URL: give sqlite:///plumbline.db or "
                "postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME"
            ) from None
        try:
            store = cls(_engine(parsed))
            with store.transaction() as connection:
                store.prepare(connection)
        except (DBAPIError, NoSuchModuleError, ModuleNotFoundError, OSError) as error:
            raise StoreError(f"the store {_shown(parsed)} cannot be opened: {_cause(error, parsed)}") from error
        return store

    @property
    def name(self) -> str:
        """The URL, as it can be shown: without its password and its options, which may hold another."""
        return _shown(self.engine.url)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def prepare(self, connection: Connection) -> None:
        """Create what is absent, refuse what is not ours."""
        raise NotImplementedError

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else imports into this SQLite file meanwhile; StoreError when somebody does.

        The lock ends with its process. It is on a file beside the database: closing the database's own a second time
        would undo SQLite's locks.
        """
        path = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or path in (None, "", ":memory:"):
            yield
            return
        with _private(Path(f"{path}-import")) as file:
            try:
                flock(file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    f"another import into {path} is under way: run this one again when that is done; nothing was kept"
                ) from None
            yield

    @contextmanager
    def transaction(self, rollback: bool = False) -> Iterator[Connection]:
        """All that happens inside is kept together, or undone by an error (or at exit, with `rollback`); calls nest."""
        outer = self._current.get()
        if outer is not None:
            with _savepoint(outer, rollback):
                yield outer
            return
        with self.engine.connect().execution_options(plumbline_writes=True) as connection:
            token = self._current.set(connection)
            try:
                yield connection
                connection.rollback() if rollback else connection.commit()
            finally:
                self._current.reset(token)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with: that of the transaction we are in, else one of its own."""
        outer = self._current.get()
        if outer is not None:
            yield outer
            return
        with self.engine.connect() as connection:
            yield connection


@contextmanager
def _savepoint(connection: Connection, rollback: bool) -> Iterator[None]:
    point = connection.begin_nested()
    try:
        yield
    except BaseException:
        with suppress(OperationalError):  # a full disk makes SQLite undo the whole transaction: the point is gone then
            point.rollback()
        raise
    if rollback:
        point.rollback()
    else:
        point.commit()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, paramstyle="format", pool_pre_ping=True, hide_parameters=True)
    if url.database in (None, "", ":memory:"):
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
    else:
        _make_private(Path(str(url.database)))
        engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Create the database file readable by its owner alone: it holds people's data."""
    if not path.exists():
        if not path.parent.is_dir():
            raise FileNotFoundError(f"the folder {path.parent} does not exist: make it first")
        _private(path).close()


def _private(path: Path) -> IO[bytes]:
    """A file made, if it is not there, for its owner alone."""
    return open(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "r+b")


def _configure(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver's own transactions would start too late; `_begin` starts them
    cursor = connection.cursor()
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: waiting at the start is safe, failing in the middle is not."""
    writes = connection.get_execution_options().get("plumbline_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _shown(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)


def _cause(error: Exception, url: URL) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"the driver {error.name} is not installed: pip install {error.name}"
    if isinstance(error, NoSuchModuleError):
        return "no such kind of database: give sqlite:///plumbline.db or postgresql+psycopg://..."
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    if "readonly" in cause:
        return f"{cause}: give this user the right to write {url.database} and its folder"
    return f"{cause}: it is not a Plumbline store, give another file" if "not a database" in cause else cause
