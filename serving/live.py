"""What the service holds in memory and renews in the background: the champions and the cross-record streams.

A request reads one reference, so it sees one whole state; a renewal builds the next state and swaps the reference.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from features.crm.store import Store
from features.crowds import Crowds, load_crowds
from features.history import Kind
from features.streams import Streams, load_streams
from serving.champion import TARGETS, NoModelError, Served, default_target, load
from serving.completing import features_now, lacking
from serving.guard import where
from serving.schemas import ModelKind
from serving.settings import ServiceSettings

log = logging.getLogger("plumbline.serving")

STREAM_TABLES = ("accounts", "changes", "contacts", "leads", "opportunities", "owners", "stages")
_SHARE = 20
"""Renewing the streams may take 1 part in so many of the time."""
_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rung:
    """A trained model that may answer, and whether it is the champion or the one before."""

    kind: ModelKind
    served: Served


Ladders: TypeAlias = Mapping[tuple[Kind, str], tuple[Rung, ...]]


@dataclass(frozen=True, slots=True)
class State:
    """One whole state. `ladders`: the trained models of each (kind, target), best first; `missing`: what is lacking.

    `lacking`: the models that answer without some of the features they were trained on.
    """

    ladders: Ladders = field(default_factory=dict)
    streams: Streams | None = None
    crowds: Crowds | None = None
    missing: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    streams_version: str = ""

    def ladder(self, kind: Kind, target: str) -> tuple[Rung, ...]:
        """The trained models that may answer, best first."""
        return self.ladders.get((kind, target), ())


class Live:
    """Keeps a `State` fresh. `start` fills it, then renews it on a thread of its own until `stop`."""

    def __init__(self, store: Store, settings: ServiceSettings) -> None:
        self.store, self.settings = store, settings
        self.state = State()
        self._loaded: dict[str, Served] = {}
        self._champions_version = ""
        self._fields_version = ""
        self._not_before = {"champions": 0.0, "streams": 0.0}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plumbline-live", daemon=True)

    def start(self) -> None:
        """Load what there is, then keep it fresh."""
        self.renew()
        self._thread.start()

    def stop(self) -> None:
        """Stop renewing."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def renew(self, *, at_once: bool = False) -> None:
        """Look for new champions and new outcomes, and take them in; what fails is logged and tried again.

        `at_once`: also what was renewed a moment ago.
        """
        if at_once:
            self._not_before = dict.fromkeys(self._not_before, 0.0)
        for part in (self._renew_champions, self._renew_streams, self._renew_fields):
            try:
                part()
            except Exception as error:
                log.error("could not renew: %s", where(error))

    def _run(self) -> None:
        while not self._ended.wait(self.settings.refresh_seconds):
            self.renew()

    def _renew_champions(self) -> None:
        version = self.store.version("champions")
        if version == self._champions_version and not self._due("champions"):
            return
        ladders, missing = self._ladders()
        self.state = replace(self.state, ladders=ladders, missing=missing)
        self._champions_version = version
        self._not_before["champions"] = time.monotonic() + _RETRY_SECONDS if missing else float("inf")

    def _renew_fields(self) -> None:
        """Hold the models against what the history gives now."""
        version = self.store.version("attributes", "champions")
        if version != self._fields_version:
            self.state = replace(self.state, lacking=tuple(self._lacking()))
            self._fields_version = version

    def _lacking(self) -> Iterator[str]:
        starts = self.state.streams.starts if self.state.streams else None
        given = {kind: features_now(self.store, self.settings, kind, starts) for kind in TARGETS}
        for (kind, target), rungs in self.state.ladders.items():
            names = lacking(rungs[0].served.model, given[kind]) if rungs else ()
            if names:
                yield (
                    f"model {rungs[0].served.version} was trained on features no longer given, which count as missing "
                    f"({', '.join(names)}): run `plumbline train {kind} --target {target}`"
                )

    def _renew_streams(self) -> None:
        version = self.store.version(*STREAM_TABLES)
        if version == self.state.streams_version or not self._due("streams"):
            return
        began = time.monotonic()
        streams, crowds = load_streams(self.store, self.settings), load_crowds(self.store)
        self.state = replace(self.state, streams=streams, crowds=crowds, streams_version=version)
        ended = time.monotonic()
        self._not_before["streams"] = ended + _SHARE * (ended - began)

    def _due(self, part: str) -> bool:
        return time.monotonic() >= self._not_before[part]

    def _ladders(self) -> tuple[Ladders, tuple[str, ...]]:
        """Every ladder, and in words what is missing from them."""
        wanted = {(kind, target): self._versions(kind, target) for kind in TARGETS for target in TARGETS[kind]}
        missing = self._load([version for versions in wanted.values() for _, version in versions])
        ladders = {
            place: tuple(Rung(name, self._loaded[version]) for name, version in versions if version in self._loaded)
            for place, versions in wanted.items()
        }
        for kind in TARGETS:
            if not ladders[kind, default_target(kind)]:
                missing.append(f"a model of {kind}: run `plumbline train {kind}`")
        return ladders, tuple(missing)

    def _versions(self, kind: Kind, target: str) -> list[tuple[ModelKind, str]]:
        rows = (self.store.champion(kind, target), self.store.previous_champion(kind, target))
        names: tuple[ModelKind, ModelKind] = ("champion", "previous")
        return [(name, row.version) for name, row in zip(names, rows, strict=True) if row is not None]

    def _load(self, wanted: list[str]) -> list[str]:
        """Load the versions not loaded yet, side by side, and forget those no longer wanted; tells what cannot be."""
        self._loaded = {version: served for version, served in self._loaded.items() if version in wanted}
        fresh = [version for version in dict.fromkeys(wanted) if version not in self._loaded]
        with ThreadPoolExecutor(max_workers=4) as pool:
            found = dict(zip(fresh, pool.map(self._try_load, fresh), strict=True))
        self._loaded |= {version: served for version, served in found.items() if served is not None}
        return [f"model {version} cannot be loaded" for version, served in found.items() if served is None]

    def _try_load(self, version: str) -> Served | None:
        try:
            return load(self.settings, version)
        except NoModelError as error:
            log.error("model %s cannot be loaded: %s", version, error)
            return None
