from __future__ import annotations

import pytest

from spearmint.database import DatabaseUnavailableError
from spearmint.worker.patience import patiently


def test_unavailable_database_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call() -> str:
        pauses.append(0.0)
        if len(pauses) < 4:
            raise DatabaseUnavailableError("it is locked")
        return "answer"

    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert patiently(call, 600.0, "waiting") == "answer"
    assert capsys.readouterr().out == ("it is locked\nwaiting\nthe database responds again\n")
    assert patiently(lambda: "at once", 600.0, "waiting") == "at once"
    assert capsys.readouterr().out == ""
    pauses.clear()
    with pytest.raises(DatabaseUnavailableError):
        patiently(call, -1.0, "waiting")
