"""The error of power and energy on simulated devices whose true power is known.

    python benchmarks/measuring/synthetic_sensors.py [--seeds N] [--csv FILE]

A simulated device draws power that varies within each batch, drifts as it warms up, and is noisy.
Its sensor updates, averages, ignores part of the time, rounds and is read late, as real sensors do.
The profiler measures it in virtual time; of `hwsearch.measuring`, only clock and device are
replaced. The true value is the integral of the power over the windows that the profile states.
`naive` is the plain mean of readings from the start to the end of the load. A second table shows
profiles with the default settings, and how long they take.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import Instruments, profile
from hwsearch.measuring.windows import Window
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import Availability, Channel, Meter, Reading
from hwsearch.testing.virtual_clock import VirtualClock

STEP_S = 0.001  # resolution of the trace; finer than the fastest sensor's update
LONGEST_S = 40.0
GPU = Device("gpu", "synthetic", "GPU-synthetic")


@dataclass(frozen=True)
class Sensor:
    """A kind of sensor.

    Attributes:
        name: For the table.
        update_s: Seconds between two new values.
        averaging_s: Seconds over which a value is averaged.
        quantum_w: Values are rounded to a multiple of this many W.
        counter_step_s: Seconds between two steps of its energy counter; None = it has no counter.
        stated: Whether the meter states the update period; otherwise the profiler has to find it.
        drops: Share of readings that are lost (the old value is repeated).
        batch_s: Seconds per batch, in step with the sensor; None = 3 to 60 ms at random.
    """

    name: str
    update_s: float
    averaging_s: float
    quantum_w: float = 0.001
    counter_step_s: float | None = None
    stated: bool = True
    drops: float = 0.0
    batch_s: float | None = None


SENSORS = (
    Sensor("1 ms, instantaneous", 0.001, 0.0),
    Sensor("20 ms, 10 ms mean (V100)", 0.020, 0.010, 0.001),
    Sensor("100 ms, 25 ms mean: 75% blind (A100, H100)", 0.100, 0.025),
    Sensor("same, update period unknown", 0.100, 0.025, stated=False),
    Sensor("same, 1 W steps", 0.100, 0.025, 1.0),
    Sensor("33 ms, 25 ms mean: 25% blind", 0.0333, 0.025),
    Sensor("100 ms, 100 ms mean (Turing)", 0.100, 0.100),
    Sensor("100 ms, 1 s mean (Ampere and later)", 0.100, 1.0),
    Sensor("same, update period unknown", 0.100, 1.0, stated=False),
    Sensor("15 ms, 250 ms mean", 0.015, 0.250, 0.01),
    Sensor("energy counter, 100 ms steps", 0.100, 0.025, counter_step_s=0.100),
    Sensor("energy counter, 20 ms steps", 0.100, 1.0, counter_step_s=0.020),
    Sensor("20 ms, 10 ms mean, 10% readings lost", 0.020, 0.010, drops=0.10),
    Sensor("75% blind, batches of 50 ms", 0.100, 0.025, batch_s=0.050),
    Sensor("75% blind, batches of 100 ms, in step", 0.100, 0.025, batch_s=0.100),
)
TARGET = 0.01  # standard error at which a profile ends, after the full length of the load
FIXED_TARGET = 0.9
LOADS_S = (2.0, 3.0, 5.0, 10.0)


class Machine:
    """A device: its power at every moment, and the load that runs on it."""

    def __init__(self, seed: int, resonance_s: float | None) -> None:
        self.rng = np.random.default_rng(seed)
        self.clock = VirtualClock(lambda: abs(self.rng.normal(0, 0.002)))
        self.power = np.zeros(int(LONGEST_S / STEP_S) + 2000)
        self.images_per_run = 32
        self.idle_w = self.rng.uniform(15, 70)
        self.load_w = self.idle_w + self.rng.uniform(40, 300)
        self.run_s = resonance_s or float(np.exp(self.rng.uniform(np.log(0.003), np.log(0.06))))
        self.swing = self.rng.uniform(0.05, 0.4)  # part of each batch draws less
        self.duty = self.rng.uniform(0.3, 0.8)
        self.drift = self.rng.uniform(-0.03, 0.06)  # after warming up, share of the power
        self.noise = self._noise()
        self.loaded_s = 0.0
        self._drawn = 0  # steps of the trace that are final
        self._sum = np.zeros(len(self.power) + 1)  # joules up to a step
        self._summed = 0

    def _noise(self) -> np.ndarray:
        """Noise of 3% of the power, correlated over 5 ms."""
        white = self.rng.normal(size=len(self.power))
        keep = np.exp(-STEP_S / 0.005)
        noise = np.empty_like(white)
        value = 0.0
        for index, shock in enumerate(white):
            value = keep * value + np.sqrt(1 - keep**2) * shock
            noise[index] = value
        return 0.03 * noise

    def run(self) -> None:
        """Runs one batch."""
        start, length = self.clock.now(), self.run_s * self.rng.uniform(0.97, 1.03)
        first, last = round(start / STEP_S), round((start + length) / STEP_S)
        t = (np.arange(first, last) * STEP_S - start) / length
        shape = np.where(
            t < self.duty, 1 + self.swing * (1 - self.duty), 1 - self.swing * self.duty
        )
        warm = 1 + self.drift * (1 - np.exp(-self.loaded_s / 2.0))
        self._idle_until(first)
        self.power[first:last] = self.load_w * shape * warm * (1 + self.noise[first:last])
        self._drawn = last
        self.loaded_s += length
        self.clock.sleep(length)

    def _idle_until(self, step: int) -> None:
        if step > self._drawn:
            quiet = slice(self._drawn, step)
            self.power[quiet] = self.idle_w * (1 + 0.2 * self.noise[quiet])
            self._drawn = step

    def energy(self, start_s: float, end_s: float) -> float:
        """J between two moments in the past."""
        whole = int(end_s / STEP_S)
        self._idle_until(whole)
        if self._summed < whole:
            new = np.cumsum(self.power[self._summed : whole]) * STEP_S
            self._sum[self._summed + 1 : whole + 1] = self._sum[self._summed] + new
            self._summed = whole
        return self._at(end_s) - self._at(start_s)

    def _at(self, moment_s: float) -> float:
        place = max(0.0, moment_s / STEP_S)
        step = int(place)
        watts = self.power[step] if step < self._drawn else self.idle_w
        return float(self._sum[step] + (place - step) * STEP_S * watts)


class SyntheticMeter(Meter):
    """Reads a machine through a sensor."""

    name = "synthetic"

    def __init__(self, machine: Machine, sensor: Sensor) -> None:
        super().__init__(GPU, machine.clock)
        self.machine, self.sensor = machine, sensor
        self.phase = machine.rng.uniform(0, 1)
        self.last: dict[str, float] = {}

    def available(self) -> Availability:
        return Availability(True)

    def channels(self) -> list[Channel]:
        s = self.sensor
        update = s.update_s if s.stated else None
        found = [Channel("power", "synthetic.draw", update, s.averaging_s)]
        if s.counter_step_s:
            found.append(
                Channel("energy", "synthetic.counter", s.counter_step_s if s.stated else None)
            )
        return found

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def read(self, quantity: str) -> Reading:
        s, now = self.sensor, self.clock.now()
        if quantity == "energy":
            step = s.counter_step_s or 1.0
            at = (np.floor(now / step + self.phase) - self.phase) * step
            value = 1000 + self.machine.energy(0, at)
            return Reading(now, np.floor(value * 1000) / 1000)
        at = (np.floor(now / s.update_s + self.phase) - self.phase) * s.update_s
        span = max(s.averaging_s, STEP_S)
        value = self.machine.energy(at - span, at) / span
        value = np.round(value / s.quantum_w) * s.quantum_w
        if "power" in self.last and self.machine.rng.random() < s.drops:
            value = self.last["power"]
        self.last["power"] = value
        # The stated time differs a little from the time of the reading.
        return Reading(now + self.machine.rng.uniform(0, 0.001), float(value))


def measure(
    sensor: Sensor, load_s: float, seed: int, target: float, settings: ProfileSettings | None = None
) -> dict[str, float]:
    """Errors in % of one profile; `settings` replace load and target."""
    machine = Machine(seed, sensor.batch_s)
    meter = SyntheticMeter(machine, sensor)
    batches: list[tuple[float, float]] = []

    class Load:
        images_per_run = machine.images_per_run
        on_gpu = True

        def run(self) -> None:
            start = machine.clock.now()
            machine.run()
            batches.append((start, machine.clock.now()))

    settings = settings or ProfileSettings(
        time_limit_s=LONGEST_S - 5, load_s=load_s, target_error=target
    )
    result = profile(
        Load(),
        {"power", "energy", "runtime"},
        settings,
        Instruments(GPU, meter, machine.clock),
    )
    truth_j = truth_s = truth_images = 0.0
    starts, ends = np.array(batches).T
    for window in result.windows:
        truth_j += machine.energy(window.start_s, window.end_s)
        truth_s += window.length_s
        share = np.clip(
            np.minimum(ends, window.end_s) - np.maximum(starts, window.start_s), 0, None
        )
        truth_images += float(np.sum(share / (ends - starts))) * machine.images_per_run
    watts, joules = truth_j / truth_s, truth_j / truth_images
    power, energy = result.quantities["power"], result.quantities["energy"]
    span = Window(result.windows[0].start_s - 0.2, result.windows[-1].end_s)
    naive = _naive(machine, sensor, span)
    return {
        "power": 100 * (power.value / watts - 1),
        "energy": 100 * (energy.value / joules - 1),
        "stated": 100 * power.relative_error,
        "naive": 100 * (naive / watts - 1),
        "load": machine.loaded_s,
        "seconds": result.seconds,
    }


def _naive(machine: Machine, sensor: Sensor, span: Window) -> float:
    """The mean of one reading every 0.1 s from start to end, including gaps and the rise."""
    values = []
    for now in np.arange(span.start_s, span.end_s, 0.1):
        at = np.floor(now / sensor.update_s) * sensor.update_s
        width = max(sensor.averaging_s, STEP_S)
        values.append(machine.energy(at - width, at) / width)
    return float(np.mean(values))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seeds", type=int, default=4, help="devices per sensor and load length (default: 4)"
    )
    parser.add_argument("--csv", type=Path, help="write all results to FILE", metavar="FILE")
    parser.add_argument(
        "--fixed", action="store_true", help="stop at the length of the load, even if uncertain"
    )
    args = parser.parse_args()
    target = FIXED_TARGET if args.fixed else TARGET
    began = time.monotonic()
    rows: list[dict[str, Any]] = [
        {"sensor": f"{number}: {sensor.name}", "load_s": load_s, "seed": seed}
        | measure(sensor, load_s, 1000 * number + seed, target)
        for number, sensor in enumerate(SENSORS)
        for load_s in LOADS_S
        for seed in range(args.seeds)
    ]
    if args.csv:
        with args.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    print(f"Error in %: worst of {args.seeds} devices and loads of {LOADS_S} s (mean of |error|)")
    print(f"{'sensor':48} {'power':>15} {'energy':>15} {'naive':>15} {'load s':>7}")
    for number, sensor in enumerate(SENSORS):
        own = [row for row in rows if row["sensor"].startswith(f"{number}: ")]
        print(f"{sensor.name:48} {_cells(own)}")
    for load_s in LOADS_S:
        own = [row for row in rows if row["load_s"] == load_s]
        print(f"{f'all, load of {load_s:g} s':48} {_cells(own)}")
    print()
    print(defaults(args.seeds))
    worst = max(abs(row[name]) for row in rows for name in ("power", "energy"))
    print(f"{len(rows)} profiles in {time.monotonic() - began:.0f} s")
    print(f"worst error: {worst:.2f} %")
    return 0


def defaults(seeds: int) -> str:
    """A table of profiles with the default settings: 5 s of load, 2% standard error, 10 s."""
    names = f"{'power':>15} {'energy':>15} {'naive':>15} {'load s':>7} {'longest s':>10}"
    lines = [f"{'By default':48} {names}"]
    longest = []
    for number, sensor in enumerate(SENSORS):
        seen = [measure(sensor, 0, 1000 * number + n, 0, ProfileSettings()) for n in range(seeds)]
        longest.append(max(row["seconds"] for row in seen))
        lines.append(f"{sensor.name:48} {_cells(seen)} {longest[-1]:10.1f}")
    return "\n".join([*lines, f"longest profile by default: {max(longest):.1f} s"])


def _cells(rows: list[dict]) -> str:
    cells = []
    for name in ("power", "energy", "naive"):
        errors = [abs(row[name]) for row in rows]
        cells.append(f"{f'{max(errors):.2f} ({np.mean(errors):.2f})':>15}")
    return f"{' '.join(cells)} {np.mean([row['load'] for row in rows]):7.1f}"


if __name__ == "__main__":
    sys.exit(main())
