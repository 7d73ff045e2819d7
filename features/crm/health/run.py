"""All checks over one store, each table read once and let go after the last check that needs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from features.crm.health.check import SEVERITIES, Check, Finding
from features.crm.health.snapshot import Snapshot
from features.crm.health.table import CHECKS
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings

LARGE = ("activities", "changes")
"""The tables that outgrow all others: their checks come last, one table after the other."""

Progress = Callable[[str, int, int], None]
"""Told the check that begins, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found, the worst first, then the most frequent; `rows` of each table; when the data was last seen; the
    store's name.
    """

    findings: tuple[Finding, ...]
    rows: dict[str, int]
    seen: int
    silent: tuple[str, ...]
    """The checks that found nothing."""
    store: str


def check_store(store: Store, settings: Settings, progress: Progress | None = None) -> Health:
    """Hold a store against every check."""
    snapshot = Snapshot(store, settings)
    checks = sorted(CHECKS, key=_large)
    found: list[Finding] = []
    for done, check in enumerate(checks):
        if progress:
            progress(check.name, done, len(checks))
        if not check.tables or any(snapshot.count(table) for table in check.tables):
            found += [Finding(check, one) for one in check.finds(snapshot) if one.count]
        snapshot.forget(_done_with(checks[done + 1 :]))
    found.sort(key=lambda finding: (SEVERITIES.index(finding.check.severity), -finding.found.count, finding.check.name))
    speaking = {finding.check.name for finding in found}
    rows = {table: snapshot.count(table) for table in TABLES if snapshot.count(table)}
    silent = tuple(check.name for check in CHECKS if check.name not in speaking)
    return Health(tuple(found), rows, snapshot.seen, silent, store.name)


def _large(check: Check) -> int:
    """The largest table a check reads, the smaller ones first."""
    return max((2 - LARGE.index(table) if table in LARGE else 0 for table in check.tables), default=0)


def _done_with(rest: Sequence[Check]) -> set[str]:
    """The tables that no check to come reads."""
    return set(TABLES).difference(*(check.tables for check in rest))
