"""Measures what a network costs to run, with standard errors.

    profile(InferenceLoad(model, x_test, 32), {"power", "runtime"}) -> Profile

1. Lock the device: one profile at a time on it.
2. Run two batches if there is a bound on the time: a network that exceeds it many times is not
   measured further (`hwsearch.measuring.hopeless`).
3. Warm up until batches take a steady time.
4. Memory: the peak of a few batches (`hwsearch.measuring.peak_memory`).
5. Power and energy: the idle device, then load periods under the meter
   (`hwsearch.measuring.power`).
6. Time: single batches, each to completion (`hwsearch.measuring.timing`).

Groups and batches are repeated until the standard error is below the target. Measure before
training: what a network costs does not depend on its weights.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hwsearch.measurements import Flag
from hwsearch.measuring.device_lock import DeviceLock
from hwsearch.measuring.flags import busy_flags, state_flags, uncertain_flags
from hwsearch.measuring.hopeless import end_early, hopeless
from hwsearch.measuring.load import Load
from hwsearch.measuring.peak_memory import inference_peak
from hwsearch.measuring.power import measure_power
from hwsearch.measuring.profile import Profile
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.progress import Progress
from hwsearch.measuring.references import Reference
from hwsearch.measuring.session import Session
from hwsearch.measuring.timing import LEAST_TIMING_S, Timing, Turn, time_batches, warm_up
from hwsearch.meters import choose, observer
from hwsearch.meters.clock import REAL_CLOCK, STOP_S, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.gpus import device_of
from hwsearch.meters.protocol import DeviceState, Meter
from hwsearch.metrics import METRICS

WARM_UP_SHARE = 0.1  # of the time limit, at most
POWER_METRICS = ("power", "energy")


@dataclass(frozen=True, slots=True)
class Instruments:
    """What to measure with; the defaults are right except in tests and for meters of one's own.

    Attributes:
        device: Where the load runs; None = found from the load.
        meter: Measures power and energy; None = chosen by the settings if it is needed.
        clock: Gives all times; the meter must use the same clock.
        references: Loads of known time that show how busy the machine is; None = this tool's own
            on a CPU, none on a GPU.
    """

    device: Device | None = None
    meter: Meter | None = None
    clock: Clock = REAL_CLOCK
    references: Sequence[Reference] | None = None


def profile(
    load: Load,
    metrics: Collection[str],
    settings: ProfileSettings | None = None,
    instruments: Instruments | None = None,
    runtime_bound_s: float = math.inf,
    say: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
) -> Profile:
    """Measures a network.

    Args:
        load: The network.
        metrics: Which of `power`, `energy`, `runtime` and `memory` to measure; others are ignored.
            Time is measured in any case.
        settings: How carefully.
        instruments: With what.
        runtime_bound_s: Seconds per image; if they are exceeded for certain, measuring ends, and
            only `runtime` is known.
        say: Receives a line each second that says how far the measurement is.
        waiting: Receives a line if another profile keeps the device locked; None = standard error
            does.

    Raises:
        UserError: A metric cannot be measured here (a MeterError then says what can), or another
            profile keeps the device locked.
    """
    settings = settings or ProfileSettings()
    instruments = instruments or Instruments()
    needed = {name for name in metrics if name in METRICS and METRICS[name].needs_device}
    clock, device = instruments.clock, instruments.device or device_of(load)
    meter = None
    if needed.intersection(POWER_METRICS):
        meter = instruments.meter or choose(settings.meter, device, clock)
    limit_s = settings.limit_s(with_power=meter is not None)
    with DeviceLock(device, say=waiting):
        start_s = clock.now()
        progress = None if say is None else Progress(say, limit_s)
        session = Session(load, clock, settings, start_s, start_s + limit_s, progress)
        session.tell()
        result = Profile(device)
        timing = hopeless(load, clock, runtime_bound_s) if runtime_bound_s < math.inf else None
        if timing is not None:
            end_early(result, timing, load.images_per_run, runtime_bound_s)
            result.seconds = session.elapsed_s
            return result
        _measure(session, meter, instruments.references, needed, result)
    checked = {name: result.quantities[name] for name in needed - {"memory"}}
    result.flags += uncertain_flags(checked, settings.target_error)
    return result


def _measure(
    session: Session,
    meter: Meter | None,
    references: Sequence[Reference] | None,
    needed: set[str],
    result: Profile,
) -> None:
    """Takes all steps on a locked device and stores what they measure in `result`."""
    load, clock = session.load, session.clock
    state = DeviceState if meter else observer(result.device, clock)
    typical_s = warm_up(load, clock, WARM_UP_SHARE * session.left_s)
    result.state_before = state()
    if "memory" in needed:
        result.quantities["memory"] = inference_peak(load).quantity()
    if references is None:
        before_s = clock.now()
        references = _references(result.device, clock, typical_s)
        session = session.postponed(clock.now() - before_s)  # not part of this network's profile
    timing: Timing | None = None
    if meter is not None:
        reserve_s = LEAST_TIMING_S if references else 0.0
        timing = _measure_power(session.reserving(reserve_s), meter, needed, result)
    if timing is None or references:
        timing = time_batches(session.with_at_least(LEAST_TIMING_S), references, typical_s)
    result.quantities["runtime"] = timing.runtime(load.images_per_run, references)
    result.latency = timing.latency(load.images_per_run)
    if meter is None:
        result.state_after = state()
    result.flags += state_flags(result.state_before, result.state_after)
    if references:
        result.flags += busy_flags(timing.busyness(references))
    result.seconds = session.elapsed_s


def _references(device: Device, clock: Clock, typical_s: float) -> Sequence[Reference]:
    """References for a CPU, which other processes use too; none for a GPU."""
    if device.kind != "cpu":
        return ()
    from hwsearch.measuring.reference_networks import keras_references  # noqa: PLC0415 - Keras

    return keras_references(clock, typical_s)


def _measure_power(session: Session, meter: Meter, needed: set[str], result: Profile) -> Timing:
    """Measures power and energy.

    Returns:
        The times of the batches that ran meanwhile.
    """
    with _started(meter):
        result.meter_device = meter.describe_device()
        result.state_before = meter.state()
        power = measure_power(session, meter)
        result.flags += [Flag("remark", remark) for remark in meter.remarks()]
    for name, quantity in (("power", power.power), ("energy", power.energy)):
        if name in needed:
            result.quantities[name] = quantity
    result.idle_power = power.idle
    result.other_powers = power.others
    result.channels[power.channel.quantity] = power.channel
    result.state_after = power.state
    result.windows = [window.moved(-session.start_s) for window in power.windows]
    result.load_periods = len(power.load_periods)
    result.flags += power.flags
    return Timing([Turn(load_period.times, []) for load_period in power.load_periods])


@contextmanager
def _started(meter: Meter) -> Iterator[None]:
    """Starts a meter and stops it; after an error, without waiting for a meter that hangs."""
    meter.start()
    try:
        yield
    except BaseException:
        stopping = threading.Thread(target=meter.stop, name="stop", daemon=True)
        stopping.start()
        stopping.join(STOP_S)
        raise
    meter.stop()
