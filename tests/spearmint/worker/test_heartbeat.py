from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spearmint.database import Database, DatabaseError, connect
from spearmint.worker.heartbeat import Heartbeat

PATIENCE_S = 120.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with connect(f"sqlite:{tmp_path}/jobs.sqlite") as found:
        found.add_job("e", {"params": {}})
        assert found.claim("e", 1, "worker", 0.001)
        yield found


@pytest.fixture
def beating(store: Database) -> Iterator[Callable[..., tuple[Heartbeat, threading.Event]]]:
    started: list[Heartbeat] = []

    def start(renew: Any = None, lease_s: float = 0.04) -> tuple[Heartbeat, threading.Event]:
        lost = threading.Event()
        renew = renew or (lambda: store.beat("e", 1, 1, lease_s))
        started.append(Heartbeat(renew, lease_s, lost.set))
        started[-1].start()
        return started[-1], lost

    yield start
    for heartbeat in started:
        heartbeat.stop()


class Counting:
    """Renewals that are counted, and fail at first."""

    def __init__(self, store: Database, failures: int) -> None:
        self.store = store
        self.failures = failures
        self.beats = threading.Semaphore(0)

    def __call__(self) -> bool:
        if self.failures:
            self.failures -= 1
            raise DatabaseError("away")
        held = self.store.beat("e", 1, 1, 0.04)
        self.beats.release()
        return held


def test_lease_is_renewed_until_stopped(store: Database, beating: Any) -> None:
    counting = Counting(store, failures=0)
    heartbeat, lost = beating(counting, lease_s=0.04)
    leases = []
    for _ in range(3):
        assert counting.beats.acquire(timeout=PATIENCE_S)
        leases.append((store.job("e", 1) or {})["lease"])
    assert leases == sorted(leases)
    assert leases[-1] > leases[0]
    heartbeat.stop()
    assert not heartbeat.is_alive()
    assert not lost.is_set()


def test_database_that_is_away_for_a_moment_costs_nothing(store: Database, beating: Any) -> None:
    counting = Counting(store, failures=3)
    _, lost = beating(counting)
    assert counting.beats.acquire(timeout=PATIENCE_S)
    assert not lost.is_set()


def test_lost_claim_is_reported_once(store: Database, beating: Any) -> None:
    heartbeat, lost = beating()
    assert store.update("e", 1, status="pending", attempt=1, changes={"status": "new"})
    assert lost.wait(PATIENCE_S)
    heartbeat.join(PATIENCE_S)
    assert not heartbeat.is_alive()


def test_it_may_be_stopped_from_its_own_thread(store: Database) -> None:
    def stop() -> None:
        heartbeat.stop()

    heartbeat = Heartbeat(lambda: store.beat("e", 1, 99, 0.04), 0.04, stop)
    heartbeat.start()
    heartbeat.join(PATIENCE_S)
    assert not heartbeat.is_alive()
