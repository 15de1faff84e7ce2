"""Batch systems that run as long as the tests, and experiments on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.schedulers.batch import cluster
from spearmint.testing.schedulers import Harness
from tests.servers import gridengine, mongo, ray_cluster
from tests.servers import slurm as slurm_server
from tests.spearmint.schedulers.systems import INITS


def _require(reason: str | None) -> None:
    if reason:
        (pytest.fail if mongo.required() else pytest.skip)(reason)


@pytest.fixture(scope="session")
def slurm_cluster() -> Iterator[slurm_server.Cluster]:
    """A real Slurm. If it cannot be started, tests are skipped; in CI they fail."""
    _require(slurm_server.missing())
    with slurm_server.started() as found:
        yield found


@pytest.fixture(scope="session")
def grid_engine() -> Iterator[gridengine.Cell]:
    """A real Grid Engine."""
    _require(gridengine.missing())
    with gridengine.started() as found:
        yield found


@pytest.fixture(scope="session")
def started_ray() -> Iterator[ray_cluster.Cluster]:
    """A real Ray cluster."""
    _require(ray_cluster.missing())
    with ray_cluster.started() as found:
        yield found


@pytest.fixture
def ray(started_ray: ray_cluster.Cluster, monkeypatch: pytest.MonkeyPatch) -> ray_cluster.Cluster:
    """A real Ray cluster, and the environment for programs that connect to it."""
    for name, value in started_ray.environ.items():
        monkeypatch.setenv(name, value)
    return started_ray


@pytest.fixture
def batch_environ(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Any]]:
    """Puts the commands of a batch system on PATH and returns its server; empties its queue."""
    monkeypatch.setattr(cluster, "SHORTEST_INTERVAL_S", 0.2)
    used = []

    def use(system: str) -> Any:
        fixture = "grid_engine" if system == "SGE" else "slurm_cluster"
        server = request.getfixturevalue(fixture)
        environ = server.environ if system == "SGE" else server.environ[system]
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        used.append(server)
        return server

    yield use
    for server in used:
        server.clear()


@pytest.fixture
def batch_harness(
    batch_environ: Callable[[str], Any], tmp_path: Path
) -> Iterator[Callable[[str], tuple[Harness, Any]]]:
    """Makes an experiment that runs on a batch system; returns it and the server."""
    made: list[Harness] = []

    def make(system: str) -> tuple[Harness, Any]:
        server = batch_environ(system)
        made.append(Harness(tmp_path / "a folder", INITS[system], patience_s=240.0))
        return made[-1], server

    yield make
    for harness in made:
        harness.close()
