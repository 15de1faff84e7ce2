"""How far a measurement is, in lines of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds between two lines.
PERIOD_S = 1.0


@dataclass(slots=True)
class Progress:
    """Says how far a measurement is, at most once a second: "measuring: 2.0 s of at most 10.0 s".

    It is told between batches, never while one is timed.

    Attributes:
        say: Prints a line.
        limit_s: How long the measurement may take, in seconds.
    """

    say: Callable[[str], None]
    limit_s: float
    _next_s: float = field(default=0.0, init=False)

    def at(self, elapsed_s: float) -> None:
        """Takes the seconds since the measurement began."""
        if elapsed_s >= self._next_s:
            self._next_s = elapsed_s + PERIOD_S
            self.say(f"measuring: {elapsed_s:.1f} s of at most {self.limit_s:.1f} s")
