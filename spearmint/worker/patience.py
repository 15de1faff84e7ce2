"""Waits for a database that is unavailable for some time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from spearmint.database import DatabaseUnavailableError
from spearmint.worker import output

T = TypeVar("T")
#: How long a result waits for an unavailable database, in seconds.
PATIENCE_S = 24 * 3600.0


def patiently(call: Callable[[], T], patience_s: float, notice: str) -> T:
    """Calls the database, again and again while it is unavailable.

    Args:
        call: What is to be done.
        patience_s: How long the database may be unavailable, in seconds.
        notice: What waits; it is told once, and so is that the database responds again.

    Raises:
        DatabaseUnavailableError: It was unavailable for `patience_s` seconds.
    """
    began, pause_s, has_told = time.monotonic(), 0.2, False
    while True:
        try:
            found = call()
            if has_told:
                output.tell("the database responds again")
            return found
        except DatabaseUnavailableError as error:
            if time.monotonic() - began > patience_s:
                raise
            if not has_told:
                output.tell(f"{error}\n{notice}")
                has_told = True
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 30.0)
