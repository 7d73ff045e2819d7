"""Every proof holds at a small size, and sees the fault planted for it."""

import pytest

from tests.proofs.catalogue import PROOFS
from tests.proofs.small import SEED, holds


@pytest.mark.parametrize("name", PROOFS)
def test_holds(name: str) -> None:
    holds(name)


@pytest.mark.parametrize("name", PROOFS)
def test_sees_its_fault(name: str) -> None:
    proof = PROOFS[name]
    if lack := proof.lacks():
        pytest.skip(lack)
    verdict = proof.run(proof.small, SEED, fault=True)
    assert verdict.differing > 0, proof.plants
