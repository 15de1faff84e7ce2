"""One search, and what its models say, for all tests here."""

from __future__ import annotations

import pytest

from spearmint.analysis import analyse
from tests.spearmint.analysis.searches import finished, problem


@pytest.fixture(scope="session")
def jobs():
    return finished()


@pytest.fixture(scope="session")
def found(jobs):
    return analyse(problem(), jobs)
