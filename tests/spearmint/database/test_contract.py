from __future__ import annotations

from typing import Any

import pytest

from spearmint.database.contract import (
    STATUSES,
    DatabaseError,
    DatabaseUnavailableError,
    check_changes,
    check_experiment,
    check_status,
)
from spearmint.errors import UserError


@pytest.mark.parametrize("status", STATUSES)
def test_statuses(status: str) -> None:
    assert check_status(status) == status


@pytest.mark.parametrize("status", ["", "NEW", None])
def test_unknown_status(status: Any) -> None:
    known = r"\['new', 'pending', 'paused', 'complete', 'broken'\]"
    line = rf"^status: got {status!r}; expected one of {known}$"
    with pytest.raises(ValueError, match=line):
        check_status(status)


def test_changes() -> None:
    check_changes({})
    check_changes({"status": "new", "values": {"id": 1}})
    with pytest.raises(ValueError, match=r"changes: got \['attempt', 'lease'\]"):
        check_changes({"lease": 1.0, "attempt": 2, "values": {}})
    with pytest.raises(ValueError, match="status: got 'done'"):
        check_changes({"status": "done"})


@pytest.mark.parametrize("name", ["a", " ", "naïve 名前 🔋", "a.b$"])
def test_names_of_experiments(name: str) -> None:
    assert check_experiment(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "a name of at least one character"),
        (None, "a name of at least one character"),
        (7, "a name of at least one character"),
        ("\ud800", "Unicode text"),
        ("a\0b", "a name without NUL characters"),
    ],
)
def test_names_that_no_database_can_store(name: Any, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        check_experiment(name)
    assert str(caught.value) == f"experiment-name: got {name!r}; expected {expected}"


def test_errors_are_caught_at_the_command_line() -> None:
    assert issubclass(DatabaseUnavailableError, DatabaseError)
    assert issubclass(DatabaseError, UserError)
