"""Pages that can be followed from nothing print what they say."""

from __future__ import annotations

import pytest
from tools.pages import PAGES, followed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_prints_what_it_says(page, kustomize):
    assert kustomize
    assert followed(page.read_text()) == page.read_text(), "run `make golden` and review the change"
