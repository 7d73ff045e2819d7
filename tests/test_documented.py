"""Pages generated from the code are as the code has them now."""

import pytest

from docs.generate import HERE, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_not_stale(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name](), f"docs/{name} is stale: make docs"
