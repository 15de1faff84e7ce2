from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from spearmint.control.interrupts import Interrupted, Interrupts
from spearmint.control.store import LIMIT_S, InterruptibleDatabase
from spearmint.database import Document, connect
from spearmint.database.sqlite import SQLiteDatabase


class InterruptedDatabase(SQLiteDatabase):
    """Receives a signal during each read, as a server that does not answer lets happen."""

    def brief_jobs(self, experiment: str) -> list[Document]:
        os.kill(os.getpid(), signal.SIGTERM)
        return super().brief_jobs(experiment)

    def expired(self, experiment: str) -> list[Document]:
        os.kill(os.getpid(), signal.SIGTERM)
        return super().expired(experiment)


def test_first_signal_ends_a_read_and_later_reads_are_complete(tmp_path: Path) -> None:
    path = str(tmp_path / "jobs.sqlite")
    with connect(path) as plain:
        plain.add_job("e", {"params": {"x": {"type": "float", "values": [0.5]}}})
    for read in ("brief_jobs", "expired"):
        with Interrupts() as interrupts:
            store = InterruptibleDatabase(InterruptedDatabase(path), interrupts)
            with pytest.raises(Interrupted):
                getattr(store, read)("e")
            assert interrupts.received == signal.SIGTERM
            # The second signal is what ends even the stopping of a search.
            with pytest.raises(Interrupted):
                store.brief_jobs("e")
            store.close()
            store = InterruptibleDatabase(SQLiteDatabase(path), interrupts)
            assert [job["id"] for job in store.brief_jobs("e")] == [1]
            assert store.expired("e") == []
            store.close()


class LimitedDatabase(SQLiteDatabase):
    """Records what its calls are limited to."""

    limit_s: float | None = None

    def limit_calls(self, seconds: float) -> None:
        self.limit_s = seconds


def test_first_signal_limits_how_long_calls_wait(tmp_path: Path) -> None:
    inner = LimitedDatabase(str(tmp_path / "jobs.sqlite"))
    with Interrupts() as interrupts, InterruptibleDatabase(inner, interrupts):
        before = inner.limit_s
        signal.raise_signal(signal.SIGTERM)
        assert (before, inner.limit_s) == (None, LIMIT_S)
