"""nvidia-smi, run once as a stream: for machines on which NVML itself cannot be loaded.

The readings cover the whole board, not the power at the wall socket; NVIDIA states an accuracy of
about 5%.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Sequence

from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
from hwsearch.meters.nvidia_smi_stream import Stream, environment
from hwsearch.meters.nvidia_smi_text import CsvRows, NotANumberError, PowerText
from hwsearch.meters.protocol import (
    Availability,
    Channel,
    DeviceState,
    Meter,
    MeterError,
    MeterReadError,
    MeterUnavailableError,
    Reading,
)
from hwsearch.meters.whole_gpu import (
    COVERS,
    INSTANT_AVERAGING_S,
    foreign,
    plain_power_averaging,
    refuse_mig_mode,
    whole_gpu,
)

PROGRAM = "nvidia-smi"
PERIOD_MS = 50
ANSWER_S = 10.0  # the first call starts the driver, which takes seconds
TEXT_FIELD = "-q -d POWER"

STATE_FIELDS = ("temperature.gpu", "clocks.sm", "clocks.mem", "enforced.power.limit")
THROTTLE = {
    "sw_power_cap": "power cap",
    "hw_slowdown": "hardware slowdown",
    "hw_thermal_slowdown": "hardware thermal slowdown",
    "hw_power_brake_slowdown": "power brake",
    "sw_thermal_slowdown": "software thermal slowdown",
}


class NvidiaSmiMeter(Meter):
    """Power, by the first of three fields for which the driver gives a number.

    Args:
        device: The GPU; None = the GPU of this job.
        clock: Gives the times of the readings.
        silence_s: Longest wait for a row.
    """

    name = "nvidia_smi"

    def __init__(
        self, device: Device | None = None, clock: Clock = REAL_CLOCK, silence_s: float = 5.0
    ) -> None:
        super().__init__(device, clock)
        self._silence_s = silence_s
        self._stream: Stream | None = None
        self._found: list[Channel] | None = None
        self._gpu: Device | None = None

    def available(self) -> Availability:
        """Whether it gave a value when tried."""
        if self._stream is not None:
            return Availability(True)
        try:
            self._gpu = self._find()
            self._found = [self._try_fields(self._gpu)]
        except MeterError as error:
            self._found = []
            return Availability(False, error.cause, error.remedy)
        return Availability(True)

    def channels(self) -> Sequence[Channel]:
        """Power, by the best field that gave a number when tried."""
        if self._found is None:
            self.available()
        return self._found or []

    def start(self) -> None:
        """Starts the stream."""
        if self._gpu is None or not self._found:
            self._gpu = self._find()
            self._found = [self._try_fields(self._gpu)]
        channel = self._found[0]
        rows = PowerText() if channel.field == TEXT_FIELD else CsvRows(channel.field)
        command = [*_query(channel.field, self._gpu), "-lms", str(PERIOD_MS)]
        self._stream = Stream(command, rows.feed, self.clock)

    def stop(self) -> None:
        """Kills nvidia-smi and waits for its end."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def read(self, quantity: str) -> Reading:
        """The newest row that was not returned before; waits for it."""
        if self._stream is None or quantity != "power":
            raise MeterReadError(self.name, f"no channel for {quantity}, or not started")
        return self._stream.next(self._silence_s)

    def state(self) -> DeviceState:
        """Clocks, temperature, limits and other processes, as far as the driver reports them."""
        if self._gpu is None:
            try:
                self._gpu = self._find()
            except MeterError:
                return DeviceState()
        cells: list[str] = []
        for prefix in ("clocks_event_reasons", "clocks_throttle_reasons"):
            fields = [*STATE_FIELDS, *(f"{prefix}.{name}" for name in THROTTLE)]
            cells = self._cells(fields, self._gpu)
            if cells:
                break
        cells = cells or self._cells(STATE_FIELDS, self._gpu) or ["N/A"] * len(STATE_FIELDS)
        numbers = [_number(cell) for cell in cells[: len(STATE_FIELDS)]]
        reasons = zip(THROTTLE.values(), cells[len(STATE_FIELDS) :], strict=False)
        throttle = tuple(text for text, cell in reasons if cell == "Active")
        temperature, clock, memory_clock, limit = numbers
        known = throttle if len(cells) > len(numbers) else None
        others = self._foreign(self._gpu)
        return DeviceState(temperature, clock, memory_clock, limit, known, others)

    def remarks(self) -> list[str]:
        """The number of rows without a number."""
        skipped = self._stream.skipped if self._stream else 0
        rows = "1 row" if skipped == 1 else f"{skipped} rows"
        return [f"ignored {rows} of {PROGRAM} without a power value"] if skipped else []

    def describe_device(self) -> str:
        """Name, UUID and driver."""
        if self._gpu is None:
            return super().describe_device()
        driver = self._one("driver_version", self._gpu)
        return f"{self._gpu}" + (f", driver {driver}" if driver else "")

    def _find(self) -> Device:
        gpus = _listed(self.name)
        gpu = whole_gpu(self.name, self.device, gpus)
        if self._one("mig.mode.current", gpu) == "Enabled":
            refuse_mig_mode(self.name, gpu)
        return gpu

    def _try_fields(self, gpu: Device) -> Channel:
        """A channel for the first field that gives a number.

        Raises:
            MeterUnavailableError: None does; quotes the answer.
        """
        averaging_s, settle_s = plain_power_averaging(gpu.name)
        answers: list[str] = []
        for field, rows, averaging, settle in (
            ("power.draw.instant", CsvRows("power.draw.instant"), INSTANT_AVERAGING_S, 0.0),
            ("power.draw", CsvRows("power.draw"), averaging_s, settle_s),
            (TEXT_FIELD, PowerText(), averaging_s, settle_s),
        ):
            lines = _run(self.name, _query(field, gpu)).splitlines()
            try:
                if any(rows.feed(line) for line in lines if line.strip()):
                    return Channel(
                        "power", field, averaging_s=averaging, settle_s=settle, covers=COVERS
                    )
                answers.append("no power")
            except NotANumberError as error:
                answers.append(str(error))
        raise MeterUnavailableError(
            self.name,
            f"{gpu.name} reports no power (nvidia-smi answers {answers[1]!r})",
            "try another meter (--list_meters)",
        )

    def _cells(self, fields: Sequence[str], gpu: Device) -> list[str]:
        """The texts of fields; [] if this driver does not know one of them."""
        with contextlib.suppress(MeterError):
            lines = _run(
                self.name,
                [
                    *(PROGRAM, f"--id={gpu.uuid}"),
                    *(f"--query-gpu={','.join(fields)}", "--format=csv,noheader"),
                ],
            ).splitlines()
            cells = [cell.strip() for cell in lines[0].split(",")] if lines else []
            if len(cells) == len(fields) and "not a valid field" not in lines[0]:
                return cells
        return []

    def _foreign(self, gpu: Device) -> tuple[int, ...] | None:
        """Other processes that compute on the GPU; None if unknown, as in a container."""
        query = ("--query-compute-apps=gpu_uuid,pid", "--format=csv,noheader")
        try:
            lines = _run(self.name, [PROGRAM, f"--id={gpu.uuid}", *query]).splitlines()
        except MeterError:
            return None
        cells = [[cell.strip() for cell in line.split(",")] for line in lines if line.strip()]
        if not all(len(row) == 2 and row[1].isdigit() for row in cells):
            return None
        return foreign([int(pid) for uuid, pid in cells if uuid == gpu.uuid])

    def _one(self, field: str, gpu: Device) -> str:
        return "".join(self._cells([field], gpu))


def _number(text: str) -> float | None:
    """The number that "1410 MHz" starts with; None for "[N/A]"."""
    try:
        return float(text.split(maxsplit=1)[0])
    except (IndexError, ValueError):
        return None


def devices() -> list[Device]:
    """All GPUs in nvidia-smi's order; [] if it does not work."""
    try:
        return _listed(NvidiaSmiMeter.name)
    except MeterError:
        return []


def _listed(meter: str) -> list[Device]:
    output = _run(meter, [PROGRAM, "--query-gpu=index,uuid,name", "--format=csv,noheader"])
    gpus: list[Device] = []
    for line in output.splitlines():
        cells = [cell.strip() for cell in line.split(",", 2)]
        if len(cells) == 3 and cells[0].isdigit() and cells[1].startswith("GPU-"):
            gpus.append(Device("gpu", cells[2], cells[1], int(cells[0])))
    if not gpus:
        raise MeterUnavailableError(meter, f"no GPU: nvidia-smi reports: {_first_line(output)}")
    return gpus


def _query(field: str, gpu: Device) -> list[str]:
    if field == TEXT_FIELD:
        return [PROGRAM, f"--id={gpu.uuid}", "-q", "-d", "POWER"]
    return [PROGRAM, f"--id={gpu.uuid}", f"--query-gpu=timestamp,{field}", "--format=csv"]


def _run(meter: str, command: list[str]) -> str:
    """Runs nvidia-smi and returns what it printed.

    Its exit status is not reliable, so that failures are found in the text.

    Raises:
        MeterUnavailableError: It is not installed, does not answer, or reports a failure.
    """
    if shutil.which(PROGRAM) is None:
        raise MeterUnavailableError(
            meter, "nvidia-smi is not on PATH", "install the NVIDIA driver, which includes it"
        )
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=ANSWER_S,
            check=False,
            env=environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise MeterUnavailableError(
            meter,
            f"no answer from nvidia-smi for {ANSWER_S:.0f} s",
            "the driver may hang: run nvidia-smi by hand; if it hangs too, restart the machine",
        ) from error
    except OSError as error:
        raise MeterUnavailableError(meter, f"cannot run nvidia-smi: {error}") from error
    text = done.stdout.decode(errors="replace")
    for sign, remedy in (
        ("NVIDIA-SMI has failed", "load the NVIDIA driver"),
        ("Failed to initialize NVML", "restart the machine if the driver was updated"),
        ("No devices were found", "check that a GPU is visible here"),
        ("GPU is lost", "the machine needs a restart"),
    ):
        if sign in text:
            raise MeterUnavailableError(meter, f"nvidia-smi reports: {_first_line(text)}", remedy)
    return text


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
