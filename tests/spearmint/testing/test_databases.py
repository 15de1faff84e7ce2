"""The suite for databases finds faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.database.sqlite import SQLiteDatabase
from tests.spearmint.testing import faulty_databases
from tests.spearmint.testing.faulty_databases import FAULTS
from tests.spearmint.testing.suites import failures

pytestmark = pytest.mark.slow
FILE = Path(faulty_databases.__file__)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Tests that must fail on each faulty database, and the same tests on one without faults."""
    tests = [
        f"{FILE}::Test{kind.__name__}::{test}" for kind, tests in FAULTS.items() for test in tests
    ]
    names = {test for tests in FAULTS.values() for test in tests}
    tests += [f"{FILE}::Test{SQLiteDatabase.__name__}::{test}" for test in sorted(names)]
    return failures(tests, tmp_path_factory.mktemp("report"))


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_faults_are_found(kind: type[SQLiteDatabase], found: dict[str, str]) -> None:
    results = {
        name: text for name, text in found.items() if name.startswith(f"Test{kind.__name__}.")
    }
    if kind is SQLiteDatabase:
        assert not any(results.values()), results
    else:
        assert {name.partition(".")[2] for name in results} == set(FAULTS[kind])
        assert all(results.values()), results
        assert not any("fixture" in text for text in results.values()), results
