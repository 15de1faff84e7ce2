"""The environment of programs that tests start."""

from __future__ import annotations

import os

#: Their values start coverage in a new process.
_COVERAGE = {"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}


def of_a_user() -> dict[str, str]:
    """The tests' own, without the address of a database."""
    return {name: value for name, value in os.environ.items() if name != "SPEARMINT_DB_ADDRESS"}


def unmeasured() -> dict[str, str]:
    """The same for whole searches whose code other tests cover.

    Under coverage, importing Keras takes half as long again.
    """
    return {name: value for name, value in of_a_user().items() if name not in _COVERAGE}
