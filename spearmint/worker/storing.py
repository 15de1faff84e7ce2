"""Stores the result of a job, whatever the database thinks of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from spearmint.console.printing import one_line, shortened
from spearmint.database import DatabaseError, DatabaseUnavailableError
from spearmint.worker.patience import PATIENCE_S, patiently

#: How long a result waits for a database that refuses it in every form, in seconds.
REFUSAL_PATIENCE_S = 600.0
#: How much of a reason is kept beside the reason of the database.
LONGEST_REASON = 300

Changes = Mapping[str, Any]


def store(update: Callable[[Changes], bool], changes: Changes) -> bool:
    """Stores a result; without its measurements if the database refuses it (too large, too deep).

    Waits for a database that is unavailable, and tells what waits.

    Args:
        update: Makes changes to the job's document; False if this attempt no longer owns the job.
        changes: The result.

    Returns:
        What `update` returned.

    Raises:
        DatabaseError: The database refuses even the values alone, or was unavailable for too long.
    """
    began = time.monotonic()

    def attempt() -> bool:
        try:
            return update(changes)
        except DatabaseUnavailableError:
            raise
        except DatabaseError as error:
            refusal = error
        try:
            return update(without_measurements(changes, str(refusal)))
        except DatabaseUnavailableError:
            raise
        except DatabaseError as error:  # not because of its size: it may pass
            if time.monotonic() - began > REFUSAL_PATIENCE_S:
                raise
            raise DatabaseUnavailableError(str(error)) from error

    shown = {key: value for key, value in changes.items() if key != "measurements"}
    return patiently(
        attempt, PATIENCE_S, f"the result waits for the database: {one_line(shown, 2000)}"
    )


def without_measurements(changes: Changes, refusal: str) -> dict[str, Any]:
    """The result without measurements, with the database's reason in its own."""
    found = {key: value for key, value in changes.items() if key != "measurements"}
    reasons = [shortened(str(found.get("reason") or ""), LONGEST_REASON)] * bool(
        found.get("reason")
    )
    what = "its measurements were not stored" if "measurements" in changes else "shortened"
    note = f"{what}: {shortened(refusal, LONGEST_REASON)}"
    return found | {"reason": "; ".join([*reasons, note])}
