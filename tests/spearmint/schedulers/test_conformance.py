"""The conformance suite, run on the processes of this machine and on real batch systems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from spearmint.config import Config, Resource
from spearmint.config.resources import SCHEDULERS
from spearmint.schedulers import MODULES, Scheduler, local
from spearmint.schedulers.ray import creation
from spearmint.testing import SchedulerConformance
from tests.servers import ray_cluster
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


def ray_init(arguments: Sequence[str]) -> Any:
    """Makes schedulers with these `scheduler-args`."""

    def init(resource: Resource, config: Config) -> Scheduler:
        return creation.init(replace(resource, scheduler_args=tuple(arguments)), config)

    return init


@pytest.mark.server
class TestRay(SchedulerConformance):
    """On a cluster with an address."""

    slots = ray_cluster.CPUS

    @pytest.fixture
    def init(self, ray: Any) -> Any:
        return ray_init(ray.arguments)

    @pytest.fixture
    def queue(self, ray: Any) -> Any:
        return ray.actors


@pytest.mark.server
@pytest.mark.slow
class TestOwnRay:
    """On a cluster of the run's own, whose start takes seconds: what differs from the other."""

    slots = None
    patience_s = SchedulerConformance.patience_s
    queue = SchedulerConformance.queue
    make_harness = SchedulerConformance.make_harness
    harness = SchedulerConformance.harness
    test_end_of_a_killed_worker_is_reported = (
        SchedulerConformance.test_end_of_a_killed_worker_is_reported
    )
    test_stop_requeues_jobs_and_ends_their_children = (
        SchedulerConformance.test_stop_requeues_jobs_and_ends_their_children
    )

    @pytest.fixture
    def init(self, ray: Any) -> Any:
        return ray_init([f"--python={ray_cluster.PYTHON}", "--num-cpus=0.1"])


def test_the_suite_runs_on_every_scheduler() -> None:
    assert set(SCHEDULERS) == set(MODULES) == {"local", "RAY", *INITS}
