"""A million rows or one: the same bits."""

from tests.proofs.small import holds


def test_batch_equals_single() -> None:
    holds("single")
