"""The invented case that every test of the templates starts from."""

import pytest

from wording.facts import Facts, Letterhead
from wording.sample import FACTS, LETTERHEAD


@pytest.fixture
def letterhead() -> Letterhead:
    return LETTERHEAD


@pytest.fixture
def facts() -> Facts:
    """Every kind of line is in it: part paid, two charges, a part set aside."""
    return FACTS
