"""Every store behind one fixture."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from spearmint.database import Database
from tests.spearmint.database.workers import Place


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a new, empty store of each kind lies."""
    if request.param == "sqlite":
        folder = tmp_path / 'it\'s a "földer" 100% ?#'
        folder.mkdir()
        return Place(f"sqlite:{folder / 'jobs.sqlite'}")
    return Place(request.getfixturevalue("mongo_address"), f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def db(place: Place) -> Iterator[Database]:
    with place.open() as database:
        yield database
