"""Where new, empty databases of each kind lie."""

from __future__ import annotations

import uuid
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import connect
from spearmint.testing.databases.fixtures import Connect


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Connect:
    """Opens an SQLite file in a folder whose name is hard to quote."""
    folder = tmp_path / 'it\'s a "földer" 100% ?#'
    folder.mkdir()
    return partial(connect, f"sqlite:{folder / 'jobs.sqlite'}")


@pytest.fixture
def mongodb_database(request: Any) -> Connect:
    """Opens a database of its own on the tests' server."""
    address = request.getfixturevalue("mongo_address")
    return partial(connect, address, f"test-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.sqlite"
