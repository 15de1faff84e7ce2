"""One measurement of one load: what runs, by which clock, how carefully, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwsearch.measuring.load import Load
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.progress import Progress
from hwsearch.meters.clock import Clock


@dataclass(frozen=True, slots=True)
class Session:
    """The arguments that all steps of a measurement share.

    Attributes:
        load: What is measured.
        clock: Gives all times, the meter's too.
        settings: How carefully to measure.
        start_s: When the measurement began, on the clock.
        deadline_s: When it ends even if the target error is not reached.
        progress: Is told how far it is; None = nobody is.
    """

    load: Load
    clock: Clock
    settings: ProfileSettings
    start_s: float
    deadline_s: float
    progress: Progress | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return self.clock.now() - self.start_s

    @property
    def left_s(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline_s - self.clock.now()

    def tell(self) -> None:
        """Says how far the measurement is."""
        if self.progress is not None:
            self.progress.at(self.elapsed_s)

    def postponed(self, seconds: float) -> Session:
        """The same measurement without the last `seconds`, which belonged to something else."""
        return replace(self, start_s=self.start_s + seconds, deadline_s=self.deadline_s + seconds)

    def reserving(self, seconds: float) -> Session:
        """A step that leaves so much time for the steps after it."""
        return replace(self, deadline_s=self.deadline_s - seconds)

    def with_at_least(self, seconds: float) -> Session:
        """A step that has this much time even if the steps before it left less.

        It never has more than the time of the whole measurement.
        """
        least_s = min(seconds, self.deadline_s - self.start_s)
        return replace(self, deadline_s=max(self.deadline_s, self.clock.now() + least_s))
