"""Recorded readings, played as if they were measured now: for tests, demonstrations and disputes.

A recording is a JSON file,

    {"device": "NVIDIA A100 (GPU-...)",
     "channels": [{"quantity": "power", "field": "power.draw.instant", "update_s": 0.1,
                   "averaging_s": 0.025}],
     "readings": {"power": [[0.0, 61.2], [0.1, 61.4]]}}

or a CSV file with the columns `time_s` and `power_w`, `energy_j` or `memory_bytes`. Times are
seconds from the start of the recording; the recording starts when the meter does.
"""

from __future__ import annotations

import bisect
import csv
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.protocol import (
    UNITS,
    Availability,
    Channel,
    Meter,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)

VARIABLE = "HYPERPOWER_REPLAY"
COLUMNS = {"power_w": "power", "energy_j": "energy", "memory_bytes": "memory"}
LATE_S = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds: times in seconds from its start, values by quantity."""

    device: str
    channels: tuple[Channel, ...]
    times: dict[str, list[float]]
    values: dict[str, list[float]]


class ReplayMeter(Meter):
    """Plays a recording.

    Args:
        device: Taken as it is; a recording is of one device only.
        clock: Real or virtual; the recording runs along it.
        path: The file; None = the environment's HYPERPOWER_REPLAY.
    """

    name = "replay"

    def __init__(
        self,
        device: Device | None = None,
        clock: Clock = REAL_CLOCK,
        path: str | Path | None = None,
    ) -> None:
        super().__init__(device, clock)
        self._path = path
        self._recording: Recording | None = None
        self._start_s: float | None = None

    def available(self) -> Availability:
        """Whether there is a file that can be read."""
        try:
            self._load()
        except MeterUnavailableError as error:
            return Availability(False, error.cause, error.remedy)
        return Availability(True)

    def channels(self) -> Sequence[Channel]:
        """As the file says; a CSV file says little."""
        return self._load().channels if self.available().ok else ()

    def start(self) -> None:
        """The recording's time 0."""
        self._load()
        self._start_s = self.clock.now()

    def stop(self) -> None:
        """Ends it; a new start plays it from its beginning."""
        self._start_s = None

    def read(self, quantity: str) -> Reading:
        """The newest value that had been recorded by now."""
        recording = self._load()
        if self._start_s is None or quantity not in recording.times:
            raise MeterReadError(self.name, f"{quantity} is not there to read (started?)")
        now = self.clock.now()
        since = now - self._start_s
        times = recording.times[quantity]
        if since > times[-1] + LATE_S:
            raise MeterReadError(
                self.name,
                f"the recording ended after {times[-1]:.1f} s",
                "record for longer than a profile takes",
            )
        place = max(0, bisect.bisect_right(times, since) - 1)
        return Reading(now, recording.values[quantity][place])

    def describe_device(self) -> str:
        """The recorded device."""
        return self._load().device if self.available().ok else super().describe_device()

    def _load(self) -> Recording:
        if self._recording is None:
            path = self._path or os.environ.get(VARIABLE)
            if not path:
                raise MeterUnavailableError(
                    self.name, "no recording was given", f"set {VARIABLE}=FILE"
                )
            self._recording = read_recording(Path(path))
        return self._recording


def read_recording(path: Path) -> Recording:
    """Reads a JSON or CSV file.

    Raises:
        MeterUnavailableError: It cannot be read; names the file, the place and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
        parsed = _json(json.loads(text)) if path.suffix == ".json" else _csv(text)
    except OSError as error:
        raise MeterUnavailableError(
            ReplayMeter.name, f"{path}: {error.strerror}", "name a file that can be read"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise MeterUnavailableError(
            ReplayMeter.name,
            f"{path}: {missing or type(error).__name__}",
            "a recording has channels and readings (JSON), or time_s and power_w (CSV)",
        ) from error
    return parsed


def _json(data: Any) -> Recording:
    channels = tuple(_channel(**channel) for channel in data["channels"])
    rows = {
        c.quantity: [(float(t), float(v)) for t, v in data["readings"][c.quantity]]
        for c in channels
    }
    return _recording(str(data.get("device", "recorded device")), channels, rows)


def _channel(quantity: str, field: str, **more: Any) -> Channel:
    """A channel whose times are times."""
    for name, value in more.items():
        if name == "covers" or (name == "update_s" and value is None):
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and 0 <= value < math.inf):
            raise ValueError(f"{name} of {quantity}: got {value!r}; expected a number from 0")
    return Channel(str(quantity), str(field), **more)


def _csv(text: str) -> Recording:
    reader = csv.DictReader(text.splitlines())
    names = reader.fieldnames or []
    present = {column: quantity for column, quantity in COLUMNS.items() if column in names}
    if "time_s" not in names or not present:
        raise ValueError(
            f"columns {', '.join(names) or 'none'}: no time_s beside {', '.join(COLUMNS)}"
        )
    rows: dict[str, list[tuple[float, float]]] = {quantity: [] for quantity in present.values()}
    for row in reader:
        for column, quantity in present.items():
            if row[column]:
                rows[quantity].append((float(row["time_s"]), float(row[column])))
    channels = tuple(Channel(quantity, column) for column, quantity in present.items())
    return _recording("recorded device", channels, rows)


def _recording(
    device: str, channels: tuple[Channel, ...], rows: dict[str, list[tuple[float, float]]]
) -> Recording:
    if not rows or len(rows) != len(channels):
        raise ValueError("channels: expected one a quantity, at least one in all")
    for quantity, pairs in rows.items():
        if quantity not in UNITS:
            raise ValueError(f"quantity {quantity!r}: must be one of {', '.join(UNITS)}")
        if not pairs:
            raise ValueError(f"no readings of {quantity}")
        times = [t for t, _ in pairs]
        if times != sorted(times) or not all(math.isfinite(x) for pair in pairs for x in pair):
            raise ValueError(f"readings of {quantity}: times must grow, all numbers be finite")
        if quantity == "power" and min(value for _, value in pairs) <= 0:
            raise ValueError("readings of power: must be above 0: a device never draws nothing")
    return Recording(
        device,
        channels,
        {quantity: [t for t, _ in pairs] for quantity, pairs in rows.items()},
        {quantity: [v for _, v in pairs] for quantity, pairs in rows.items()},
    )
