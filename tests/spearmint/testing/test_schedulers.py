"""The suite for schedulers finds faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spearmint.testing.faulty_schedulers import FAULTS
from tests.spearmint.testing.faulty_schedulers import __file__ as file
from tests.spearmint.testing.suites import check_all


@pytest.mark.slow
def test_faults_are_found(tmp_path: Path) -> None:
    check_all(Path(file), FAULTS, tmp_path)
