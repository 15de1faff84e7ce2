"""Ends the measurement of a network whose time exceeds its bound for certain.

A network that takes 500 times its budget needs no precise value, and measuring it takes long:
its batches do.
"""

from __future__ import annotations

from hwsearch.measurements import Flag
from hwsearch.measuring.load import Load
from hwsearch.measuring.profile import Profile
from hwsearch.measuring.timing import Timing, Turn
from hwsearch.meters.clock import Clock

#: Two batches that both take this many times the bound are enough: no machine is so busy.
CERTAIN = 10.0
#: Shorter batches are measured in any case: other processes may delay two of them, and measuring
#: them takes no time.
LONG_S = 1.0


def hopeless(load: Load, clock: Clock, bound_s: float) -> Timing | None:
    """Runs one or two batches.

    Args:
        load: The network; compiled, so that its first batch is as fast as the others.
        clock: Gives the times.
        bound_s: The most seconds per image that are allowed; infinite = there is no bound.

    Returns:
        The times of two batches if both exceed the bound many times; None if there is hope.
    """
    limit_s = max(CERTAIN * bound_s * load.images_per_run, LONG_S)
    times: list[float] = []
    while len(times) < 2:
        start = clock.now()
        load.run()
        times.append(clock.now() - start)
        if times[-1] <= limit_s:
            return None
    return Timing([Turn([time], []) for time in times])


def end_early(result: Profile, timing: Timing, images_per_run: int, bound_s: float) -> None:
    """Stores the time of a hopeless network as all that is known of it."""
    runtime = timing.runtime(images_per_run, ())
    result.quantities = {"runtime": runtime}
    result.latency = timing.latency(images_per_run)
    result.flags.append(
        Flag(
            "hopeless",
            f"measuring ended after {len(timing.times)} batches: the runtime is about "
            f"{runtime.value / bound_s:.0f} times its bound",
        )
    )
