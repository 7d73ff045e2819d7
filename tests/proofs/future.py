"""Proofs that what is recorded at or after an instant changes no feature at it and no lesson known by it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random

from features.columns import MICROSECONDS_A_DAY
from tests.crm_folder import Crm, instants, seeded, store_of
from tests.past import as_exported, known
from tests.proofs.comparing import TARGETS, Side, compare, lessons_equal, until
from tests.proofs.proof import Verdict
from tests.proofs.sources import random_crm, rows_of

MANY = 2_000
STEPS = 12
"""A folder of MANY records is looked at from so many instants, a smaller one from two."""
Future = Callable[[Crm, int, Random], Crm]


def deleted(crm: Crm, at: int, _: Random) -> Crm:
    """No future: an export of the instant."""
    return as_exported(crm, at)


def of_random_crms(future: Future) -> Callable[[int, int], Iterator[Verdict]]:
    """`size` random CRMs, each with another future from an instant at which something happens, or right after."""

    def parts(size: int, seed: int) -> Iterator[Verdict]:
        random = seeded(seed)
        for number in range(size):
            crm = random_crm(seed * 1_000_000 + number)
            at = random.choice(sorted(set(instants(crm)) - _arrivals(crm)))
            yield _unchanged(Side(store_of(crm)), crm, future, at, random, earlier=3)

    return parts


def _arrivals(crm: Crm) -> set[int]:
    """When rows arrived: at that very instant what they say is known, an end told of then included."""
    return {row["first_seen"] for rows in crm.values() for row in rows}


def of_folder(
    open_folder: Callable[[int, int], AbstractContextManager[Path]], future: Future
) -> Callable[[int, int], Iterator[Verdict]]:
    """A folder of `size` records with another future from each of some instants of its history on."""

    def parts(size: int, seed: int) -> Iterator[Verdict]:
        random = seeded(seed)
        with open_folder(size, seed) as folder:
            crm = rows_of(folder)
        whole = Side(store_of(crm))
        for at in _spread(crm, STEPS if size >= MANY else 2):
            yield _unchanged(whole, crm, future, at, random, earlier=1)

    return parts


def _spread(crm: Crm, steps: int) -> list[int]:
    """Instants at which a change or an activity becomes known, every other one a microsecond later."""
    told = sorted({known(row) for row in [*crm["changes"], *crm["activities"]]})
    last = told[-1] - 7 * MICROSECONDS_A_DAY
    told = [at for at in told if at < last]
    places = [len(told) * (2 * step + 1) // (2 * steps) for step in range(steps)]
    return [told[place] + step % 2 for step, place in enumerate(places)]


def _unchanged(whole: Side, crm: Crm, future: Future, at: int, random: Random, earlier: int) -> Verdict:
    other, verdict = Side(store_of(future(crm, at, random))), Verdict(0, 0)
    for kind, targets in TARGETS.items():
        asked = until(whole, kind, at, random, earlier)
        verdict += compare(whole.matrix(kind, asked), other.matrix(kind, asked), asked)
        for target in targets:
            left, right = (side.lessons(kind, target, at) for side in (whole, other))
            verdict += lessons_equal(left, right, f"what teaches {target} of {kind} at {at}")
    return verdict
