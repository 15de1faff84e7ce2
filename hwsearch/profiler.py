"""The protocol of measuring a network: what it costs to run, with the uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hwsearch.clock import REAL_CLOCK, Clock
from hwsearch.errors import UserError
from hwsearch.load import Load
from hwsearch.quantity import Quantity
from hwsearch.reference import Reference, keras_reference
from hwsearch.timing import Latency, Timing, time_batches, warm_up

METRICS = ("power", "energy", "runtime", "memory")
LEAST_TIMING_S = 1.5


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """How carefully to measure.

    Attributes:
        batch_size: images a run; None = the script's own.
        repeats: groups of steady load, at least.
        time_limit_s: for a whole profile; ends it though the target is not reached (flagged).
            None = 10 s with power or energy, 3 s without.
        target_error: standard error of the mean to reach, as a share of the mean.
        meter: a meter's name, or `auto`.
    """

    batch_size: int | None = None
    repeats: int = 8
    time_limit_s: float | None = None
    target_error: float = 0.02
    meter: str = "auto"

    def __post_init__(self) -> None:
        if self.batch_size is not None and self.batch_size < 1:
            raise UserError(f"profile batch size: got {self.batch_size}, must be at least 1")
        if self.repeats < 1:
            raise UserError(f"profile repeats: got {self.repeats}, must be at least 1")
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise UserError(f"profile time limit: got {self.time_limit_s} s, must be above 0")
        if not 0 < self.target_error < 1:
            raise UserError(
                f"profile target error: got {self.target_error}, must be a share between 0 and 1"
            )


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a measurement that its reader must know.

    Attributes:
        kind: one word, for programs: `uncertain`, `busy`, ...
        text: a sentence, for people.
    """

    kind: str
    text: str


@dataclass(slots=True)
class Profile:
    """What a network costs.

    Attributes:
        quantities: by metric: `power` (W), `energy` (J/image), `runtime` (s/image), `memory` (GiB).
        latency: times of single batches as they were.
        seconds: how long measuring took.
        flags: what to know about it; empty when all is well.
    """

    quantities: dict[str, Quantity] = field(default_factory=dict)
    latency: Latency | None = None
    seconds: float = 0.0
    flags: list[Flag] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A dictionary for reports and the database."""
        return {
            "quantities": {name: value.to_json() for name, value in self.quantities.items()},
            "latency": self.latency.to_json() if self.latency else None,
            "seconds": self.seconds,
            "flags": {flag.kind: flag.text for flag in self.flags},
        }


def profile(
    load: Load,
    metrics: set[str],
    settings: ProfileSettings | None = None,
    *,
    clock: Clock = REAL_CLOCK,
    reference: Reference | None = None,
) -> Profile:
    """Measures a network; see the package's documentation for the protocol.

    Args:
        load: runs one batch to completion.
        metrics: any names; those that no measuring is needed for (`error`, `params`) are left out.
        settings: how carefully.
        clock: tells the time.
        reference: None = the machine's own where the load runs on a CPU.

    Raises:
        UserError: what is asked for cannot be measured here; says what can.
    """
    settings = settings or ProfileSettings()
    began = clock.now()
    limit = settings.time_limit_s or 3.0
    result = Profile()
    typical = warm_up(load, clock, 0.1 * limit)
    if reference is None:
        reference = keras_reference(clock)

    def enough(timing: Timing) -> bool:
        runtime = timing.runtime(load.images_per_run, reference)
        return runtime.relative_error <= settings.target_error

    timing = time_batches(
        load,
        clock,
        typical_s=typical,
        least_s=min(LEAST_TIMING_S, limit / 2),
        limit_s=limit - (clock.now() - began),
        enough=enough,
        reference=reference,
    )
    result.quantities["runtime"] = timing.runtime(load.images_per_run, reference)
    result.latency = Latency.of(timing.times, load.images_per_run)
    result.seconds = clock.now() - began
    return result
