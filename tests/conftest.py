"""Fixtures that many tests share."""

from collections.abc import Iterator

import pytest

from tests.servers import mongo


@pytest.fixture(scope="session")
def mongod() -> None:
    """A MongoDB server can be started here: where not, a test is skipped; in CI it fails."""
    if reason := mongo.missing():
        if mongo.required():
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def mongo_address(mongod: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real MongoDB server that lives as long as the tests."""
    with mongo.started(tmp_path_factory.mktemp("mongod")) as server:
        yield server.address
