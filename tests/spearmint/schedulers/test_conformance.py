"""The conformance suite, run on the processes of this machine and on real batch systems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from spearmint.config.resources import SCHEDULERS
from spearmint.schedulers import MODULES, local
from spearmint.testing import SchedulerConformance
from tests.spearmint.schedulers.systems import INITS


class TestLocal(SchedulerConformance):
    @pytest.fixture
    def init(self) -> Any:
        return local.init


class BatchConformance(SchedulerConformance):
    system: ClassVar[str]
    slots = 2

    @pytest.fixture
    def server(self, batch_environ: Callable[[str], Any]) -> Any:
        return batch_environ(self.system)

    @pytest.fixture
    def init(self, server: Any) -> Any:
        return INITS[self.system]

    @pytest.fixture
    def queue(self, server: Any) -> Any:
        return server.queue


@pytest.mark.server
class TestSlurm(BatchConformance):
    system = "SLURM"


@pytest.mark.server
class TestPBS(BatchConformance):
    system = "PBS"


@pytest.mark.server
class TestSGE(BatchConformance):
    system = "SGE"


def test_the_suite_runs_on_every_scheduler() -> None:
    assert set(SCHEDULERS) == set(MODULES) == {"local", *INITS}
