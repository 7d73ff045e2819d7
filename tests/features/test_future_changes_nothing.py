"""What is known at or after an instant changes no feature at it, no snapshot before it and no label known by it."""

import pytest

from tests.proofs.small import holds


@pytest.mark.parametrize("where", ["", "-world", "-loans"])
def test_without_a_future(where: str) -> None:
    holds(f"deleted{where}")


@pytest.mark.parametrize("where", ["", "-world", "-loans"])
def test_with_another_future(where: str) -> None:
    holds(f"scrambled{where}")
