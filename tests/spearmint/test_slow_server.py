"""Whole runs with a MongoDB server that is slow, silent, or away at the worst moment."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.servers.proxy import Proxy
from tests.spearmint.objectives import WAITING

pytestmark = pytest.mark.server


@pytest.fixture
def search(experiment: Any, proxy: Proxy, request: pytest.FixtureRequest) -> Any:
    """An experiment whose database is behind the proxy."""
    name = f"test-{abs(hash(request.node.name))}"
    return experiment(WAITING, database={"address": proxy.address, "name": name})


def states(search: Any) -> list[tuple[str, int]]:
    return [(job["status"], job["attempt"]) for job in search.jobs()]


def test_server_that_takes_a_second_for_each_answer(search: Any, proxy: Proxy) -> None:
    proxy.delay_s = 1.0
    (search.folder / "go").touch()
    text = search.run("--max-finished-jobs", "1")
    proxy.delay_s = 0.0
    assert "waiting for the database" not in text
    assert states(search) == [("complete", 1)]


def test_ctrl_c_while_the_server_is_silent(search: Any, proxy: Proxy) -> None:
    """It accepts connections and requests, and answers none, as one whose process is halted.

    The search must not wait for the driver's own limits and retries, call after call.
    """
    child = search.start()
    search.wait_for((search.folder / "began 1").exists)
    proxy.be_silent()
    child.send_signal(signal.SIGINT)
    text = search.finish(child, 128 + signal.SIGINT)
    assert "stopped without the database; the next start requeues the running jobs" in text
    proxy.speak()
    (search.folder / "go").touch()
    search.run()
    assert [status for status, _ in states(search)] == ["complete"] * 3


@pytest.mark.parametrize("word", [b"findAndModify", b"insert"])
def test_server_that_goes_away_when_it_has_carried_out_a_write(
    search: Any, proxy: Proxy, word: bytes
) -> None:
    """The claim belongs to the worker that made it; the job is there once."""
    (search.folder / "go").touch()
    proxy.lose, proxy.is_away_after_loss = word, True
    child = search.start()
    text = search.read_until(child, "waiting for the database")
    assert proxy.lost == 1
    proxy.come_back()
    text += search.finish(child)
    assert text.count("waiting for the database") == 1
    assert text.count("the database responds again after ") == 1
    assert states(search) == [("complete", 1)] * 3
