"""The suite for databases finds faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spearmint.testing.faulty_databases import FAULTS
from tests.spearmint.testing.faulty_databases import __file__ as file
from tests.spearmint.testing.suites import check, results_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return results_of(Path(file), FAULTS, tmp_path_factory.mktemp("report"))


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_faults_are_found(kind: type, results: dict[str, str]) -> None:
    check(kind, FAULTS, results)
