"""Fixtures that many tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import ferretdb, mongo

# A shell that runs the tests in the background ignores SIGINT, nohup ignores SIGHUP, and what the
# tests start would inherit that: Ctrl-C and a closed terminal could not be tested.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# Threads that wait for each other take most of the time of small matrix products on a busy machine.
# This comes before NumPy is imported, and programs that tests start inherit it.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# How long an example takes says nothing on a busy machine.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _stays_in_its_folder() -> Iterator[None]:
    """Programs that tests start find the packages from the repository's root."""
    before = Path.cwd()
    yield
    after = Path.cwd()
    os.chdir(before)
    assert after == before, "the test left its process in another folder"


@pytest.fixture(scope="session")
def mongod() -> None:
    """Skips a test if no MongoDB server can be started here; in CI the test fails."""
    if reason := mongo.missing():
        if mongo.required():
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def ferretdb_server() -> None:
    """Skips a test if FerretDB is not here; in CI the test fails."""
    if reason := ferretdb.missing():
        if mongo.required():
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def mongo_address(mongod: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real MongoDB server that runs as long as the tests."""
    with mongo.started(tmp_path_factory.mktemp("mongod")) as server:
        yield server.address
