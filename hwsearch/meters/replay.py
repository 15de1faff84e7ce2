"""Recorded readings, replayed as if they were measured now: for tests, demonstrations, disputes.

A recording is a JSON file,

    {"device": "NVIDIA A100 (GPU-...)",
     "channels": [{"quantity": "power", "field": "power.draw.instant", "update_s": 0.1,
                   "averaging_s": 0.025}],
     "readings": {"power": [[0.0, 61.2], [0.1, 61.4]]}}

or a CSV file with the columns `time_s` and `power_w`, `energy_j` or both. Times are seconds since
the recording began; the meter replays it from when it is started. Memory is not replayed: a
`memory` channel or a column `memory_bytes`, as in older recordings, is ignored with a remark.
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
COLUMNS = {"power_w": "power", "energy_j": "energy"}
IGNORED_COLUMN, IGNORED_QUANTITY = "memory_bytes", "memory"
IGNORED_KEY = "resolution"  # of a channel, in older recordings
LATE_S = 1.0

Rows = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Recording:
    """The contents of a recording.

    Attributes:
        device: The recorded device.
        channels: Its channels.
        times: Seconds since the recording began, by quantity.
        values: One for each time, by quantity.
        ignored: The name of a channel or column that is not replayed; "" = all are.
    """

    device: str
    channels: tuple[Channel, ...]
    times: dict[str, list[float]]
    values: dict[str, list[float]]
    ignored: str = ""


class ReplayMeter(Meter):
    """Replays a recording.

    Args:
        device: Not used to select anything: a recording is of one device only.
        clock: Real or virtual; the recording advances with it.
        path: The file; None = the environment variable HYPERPOWER_REPLAY.
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
        """As the file describes them; a CSV file only names them."""
        return self._load().channels if self.available().ok else ()

    def start(self) -> None:
        """Time 0 of the recording."""
        self._load()
        self._start_s = self.clock.now()

    def stop(self) -> None:
        """Stops it; the next start replays it from the beginning."""
        self._start_s = None

    def read(self, quantity: str) -> Reading:
        """The newest value that had been recorded by this time."""
        recording = self._load()
        if self._start_s is None or quantity not in recording.times:
            raise MeterReadError(self.name, f"no readings of {quantity}, or not started")
        now = self.clock.now()
        elapsed = now - self._start_s
        times = recording.times[quantity]
        if elapsed > times[-1] + LATE_S:
            raise MeterReadError(
                self.name,
                f"the recording ended after {times[-1]:.1f} s",
                "record for longer than a profile takes",
            )
        place = max(0, bisect.bisect_right(times, elapsed) - 1)
        return Reading(now, recording.values[quantity][place])

    def remarks(self) -> list[str]:
        """What the recording holds but the meter does not replay."""
        ignored = self._load().ignored if self.available().ok else ""
        return [f"{ignored} in the recording is ignored: memory is measured"] if ignored else []

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
        MeterUnavailableError: It cannot be read; names the file, the place and the fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return _json(json.loads(text)) if path.suffix == ".json" else _csv(text)
    except OSError as error:
        raise MeterUnavailableError(
            ReplayMeter.name, f"{path}: {error.strerror}", "give a file that can be read"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        fault = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise MeterUnavailableError(
            ReplayMeter.name,
            f"{path}: {fault or type(error).__name__}",
            "a recording has channels and readings (JSON), or time_s and power_w (CSV)",
        ) from error


def _json(data: Any) -> Recording:
    replayed = [entry for entry in data["channels"] if entry.get("quantity") != IGNORED_QUANTITY]
    channels = tuple(_channel(**entry) for entry in replayed)
    rows = {
        c.quantity: [(float(t), float(v)) for t, v in data["readings"][c.quantity]]
        for c in channels
    }
    ignored = f"channel {IGNORED_QUANTITY}" if len(replayed) < len(data["channels"]) else ""
    return _recording(str(data.get("device", "recorded device")), channels, rows, ignored)


def _channel(quantity: str, field: str, **more: Any) -> Channel:
    """A channel with valid times."""
    more.pop(IGNORED_KEY, None)
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
            f"columns: got {', '.join(names) or 'none'}; expected time_s and {' or '.join(COLUMNS)}"
        )
    rows: Rows = {quantity: [] for quantity in present.values()}
    for row in reader:
        for column, quantity in present.items():
            if row[column]:
                rows[quantity].append((float(row["time_s"]), float(row[column])))
    channels = tuple(Channel(quantity, column) for column, quantity in present.items())
    ignored = f"column {IGNORED_COLUMN}" if IGNORED_COLUMN in names else ""
    return _recording("recorded device", channels, rows, ignored)


def _recording(device: str, channels: tuple[Channel, ...], rows: Rows, ignored: str) -> Recording:
    """A recording, after checking its readings."""
    if not rows or len(rows) != len(channels):
        raise ValueError("channels: expected at least one, and one per quantity")
    for quantity, pairs in rows.items():
        if quantity not in UNITS:
            raise ValueError(f"quantity: got {quantity!r}; expected one of {', '.join(UNITS)}")
        if not pairs:
            raise ValueError(f"no readings of {quantity}")
        times = [t for t, _ in pairs]
        if times != sorted(times) or not all(math.isfinite(x) for pair in pairs for x in pair):
            raise ValueError(f"readings of {quantity}: expected growing times and finite numbers")
        least = min(value for _, value in pairs)
        if quantity == "power" and least <= 0:
            raise ValueError(
                f"readings of power: got {least:g}; expected values above 0: a device always "
                "draws power"
            )
    return Recording(
        device,
        channels,
        {quantity: [t for t, _ in pairs] for quantity, pairs in rows.items()},
        {quantity: [v for _, v in pairs] for quantity, pairs in rows.items()},
        ignored,
    )
