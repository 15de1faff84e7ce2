from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from spearmint.database import DatabaseError, DatabaseUnavailableError, connect
from spearmint.worker import fresh_process


def test_a_method_is_called(tmp_path: Path) -> None:
    address = f"sqlite:{tmp_path}/é.sqlite"
    with connect(address) as store:
        store.add_job("e", {})
        changes = {"values": {"main": math.nan}, "reason": "an é, a ☃\x1b"}
        assert fresh_process.call(
            address, "s", "update", "e", 1, status="new", attempt=0, changes=changes
        )
        job = store.job("e", 1) or {}
    assert math.isnan(job["values"]["main"])
    assert job["reason"] == changes["reason"]


def test_a_refusal_is_told_from_an_outage(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="does not exist; restore it"):
        fresh_process.call(f"sqlite:{tmp_path}/none.sqlite", "s", "job", "e", 1)
    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(DatabaseError, match="text") as caught:
        fresh_process.call(f"sqlite:{tmp_path}/text", "s", "job", "e", 1)
    assert not isinstance(caught.value, DatabaseUnavailableError)


def test_a_process_that_cannot_be_started_is_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(DatabaseUnavailableError, match="cannot start a process: No such file"):
        fresh_process.call(f"sqlite:{tmp_path}/none.sqlite", "s", "job", "e", 1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DatabaseUnavailableError, match="a process for the database ended"):
        fresh_process.call(f"sqlite:{tmp_path}/none.sqlite", "s", "job", "e", 1)
