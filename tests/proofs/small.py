"""The proofs at the size of the ordinary tests, each run once however many tests ask for it."""

from functools import cache

import pytest

from tests.proofs.catalogue import PROOFS
from tests.proofs.proof import Verdict

SEED = 0


@cache
def _verdict(name: str) -> Verdict:
    return PROOFS[name].run(PROOFS[name].small, SEED)


def holds(name: str) -> None:
    """Assert that a proof holds; skip where what it needs is not here."""
    if lack := PROOFS[name].lacks():
        pytest.skip(lack)
    verdict = _verdict(name)
    assert verdict.holds, verdict.examples
