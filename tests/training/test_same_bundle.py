"""Training as of T on the whole history gives, byte for byte, the bundle that a history cut at T gives."""

import pytest

from tests.proofs.small import holds


@pytest.mark.parametrize("proof", ["cut", "cut-loans"])
def test_the_future_is_not_in_the_bundle(proof: str) -> None:
    holds(proof)
