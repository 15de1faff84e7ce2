"""NVIDIA's management library (NVML), through nvidia-ml-py.

The readings cover the whole board, not the power at the wall socket; NVIDIA states an accuracy of
about 5%. Names and meanings: docs.nvidia.com/deploy/nvml-api, "Device Queries", "Field Value
Queries".
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeVar

from hwsearch.meters.clock import REAL_CLOCK, Clock
from hwsearch.meters.device import Device
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

T = TypeVar("T")

INSTANT = "NVML_FI_DEV_POWER_INSTANT"
PLAIN = "nvmlDeviceGetPowerUsage"
COUNTER = "nvmlDeviceGetTotalEnergyConsumption"

#: What helps, by NVML's error code (nvmlReturn_t).
REMEDIES = {
    3: "this GPU or driver does not offer this reading; try another meter (--list_meters)",
    4: "ask the administrator for the permission, or try nvidia_smi",
    9: "load the NVIDIA driver (nvidia-smi shows whether it runs)",
    12: "install the NVIDIA driver; libnvidia-ml.so.1 comes with it",
    13: "this driver is too old for this call; try nvidia_smi",
    15: "the GPU has fallen off the bus; the machine needs a restart",
    16: "the GPU needs a reset (nvidia-smi --gpu-reset, as administrator)",
    18: "library and kernel module differ in version (driver updated?); restart the machine",
}
THROTTLE = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x10: "synchronised boost",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "power brake",
    0x100: "display clocks",
}


class NvmlMeter(Meter):
    """Power; on Volta and later also the energy counter.

    Args:
        device: The GPU; None = the GPU of this job.
        clock: Gives the times of the readings.
        library: A module with pynvml's functions; None = pynvml, loaded when first needed.
    """

    name = "nvml"

    def __init__(
        self,
        device: Device | None = None,
        clock: Clock = REAL_CLOCK,
        library: ModuleType | Any | None = None,
    ) -> None:
        super().__init__(device, clock)
        self._library = library
        self._handle: Any = None
        self._found: list[Channel] | None = None
        self._gpu: Device | None = None

    def available(self) -> Availability:
        """Whether it gave a value when tried."""
        if self._handle is not None:
            return Availability(True)
        try:
            with self:
                return Availability(True)
        except MeterError as error:
            return Availability(False, error.cause, error.remedy)

    def channels(self) -> Sequence[Channel]:
        """Those that gave a value when tried."""
        if self._found is None:
            self.available()
        return self._found or []

    def start(self) -> None:
        """Opens the library and finds the GPU by its UUID."""
        nvml = self._load()
        self._call(nvml.nvmlInit, error=MeterUnavailableError)
        try:
            self._handle, self._gpu = self._find(nvml)
            self._found = self._try_channels(nvml)
            if not self._found:
                raise MeterUnavailableError(
                    self.name,
                    f"{self._gpu.name} reports neither power nor energy",
                    "try another meter (--list_meters)",
                )
        except BaseException:
            self._handle = None
            self._shut(nvml)
            raise

    def stop(self) -> None:
        """Closes the library."""
        if self._handle is not None:
            self._handle = None
            self._shut(self._load())

    def read(self, quantity: str) -> Reading:
        """W or J; the time of the reading is the middle of the call."""
        channel = self.channel(quantity)
        if self._handle is None or channel is None:
            raise MeterReadError(self.name, f"no channel for {quantity}, or not started")
        before = self.clock.now()
        value = self._value(self._load(), channel.field)
        return Reading((before + self.clock.now()) / 2, value)

    def state(self) -> DeviceState:
        """Clocks, temperature, power limit, throttle reasons and other processes."""
        if self._handle is None:
            try:
                with self:
                    return self.state()
            except MeterError:
                return DeviceState()
        nvml, handle = self._load(), self._handle
        mask = self._maybe(lambda: nvml.nvmlDeviceGetCurrentClocksEventReasons(handle))
        if mask is None:
            mask = self._maybe(lambda: nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle))
        limit = self._maybe(lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle))
        return DeviceState(
            temperature_c=self._maybe(
                lambda: float(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
            ),
            clock_mhz=self._maybe(
                lambda: float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM))
            ),
            memory_clock_mhz=self._maybe(
                lambda: float(nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM))
            ),
            power_limit_w=None if limit is None else limit / 1000,
            throttle=None
            if mask is None
            else tuple(text for bit, text in THROTTLE.items() if mask & bit),
            foreign_processes=self._foreign(nvml),
        )

    def describe_device(self) -> str:
        """Name, UUID and driver."""
        if self._gpu is None:
            return super().describe_device()
        driver = ""
        if self._handle is not None:
            driver = self._maybe(lambda: str(self._load().nvmlSystemGetDriverVersion())) or ""
        return f"{self._gpu}" + (f", driver {driver}" if driver else "")

    def _load(self) -> Any:
        if self._library is None:
            try:
                import pynvml  # noqa: PLC0415 - loads a driver library
            except ImportError as error:
                raise MeterUnavailableError(
                    self.name, "the Python package nvidia-ml-py is missing", "install nvidia-ml-py"
                ) from error
            self._library = pynvml
        return self._library

    def _call(self, call: Callable[[], T], *, error: type[MeterError] = MeterReadError) -> T:
        """Calls NVML and turns its errors into `error`."""
        try:
            return call()
        except self._load().NVMLError as problem:
            code = getattr(problem, "value", 999)
            raise error(
                self.name, f"{str(problem).rstrip('.')} (NVML code {code})", REMEDIES.get(code, "")
            ) from problem

    def _maybe(self, call: Callable[[], T]) -> T | None:
        try:
            return self._call(call)
        except (MeterError, AttributeError):
            return None

    def _find(self, nvml: Any) -> tuple[Any, Device]:
        gpus = self._call(lambda: _devices(nvml), error=MeterUnavailableError)
        gpu = whole_gpu(self.name, self.device, gpus)
        handle = self._call(lambda: nvml.nvmlDeviceGetHandleByIndex(gpu.index))
        mode = self._maybe(lambda: nvml.nvmlDeviceGetMigMode(handle))
        if mode is not None and mode[0] == 1:
            refuse_mig_mode(self.name, gpu)
        return handle, gpu

    def _try_channels(self, nvml: Any) -> list[Channel]:
        name = self._gpu.name if self._gpu else ""
        averaging_s, settle_s = plain_power_averaging(name)
        candidates = (
            Channel("power", INSTANT, averaging_s=INSTANT_AVERAGING_S, covers=COVERS),
            Channel("power", PLAIN, averaging_s=averaging_s, settle_s=settle_s, covers=COVERS),
            Channel("energy", COUNTER, covers=COVERS),
        )
        best: dict[str, Channel] = {}
        for channel in candidates:
            if channel.quantity in best:
                continue
            if self._maybe(functools.partial(self._value, nvml, channel.field)) is not None:
                best[channel.quantity] = channel
        return list(best.values())

    def _value(self, nvml: Any, field: str) -> float:
        """W or J. A GPU always draws power: 0 means that there is no reading."""
        if field == INSTANT:
            answer = self._call(
                lambda: nvml.nvmlDeviceGetFieldValues(
                    self._handle, [nvml.NVML_FI_DEV_POWER_INSTANT]
                )
            )[0]
            if answer.nvmlReturn != nvml.NVML_SUCCESS:
                self._call(lambda: _raise(nvml.NVMLError(answer.nvmlReturn)))
            milli = answer.value.uiVal
        else:
            milli = self._call(lambda: getattr(nvml, field)(self._handle))
        if milli == 0:
            raise MeterReadError(self.name, f"{field} reads 0", REMEDIES[3])
        return float(milli) / 1000

    def _foreign(self, nvml: Any) -> tuple[int, ...] | None:
        """Other processes that compute on the GPU; None if unknown, as in a container."""
        processes = self._maybe(lambda: nvml.nvmlDeviceGetComputeRunningProcesses(self._handle))
        if processes is None:
            return None
        return foreign([int(process.pid) for process in processes])

    def _shut(self, nvml: Any) -> None:
        try:
            nvml.nvmlShutdown()
        except nvml.NVMLError:
            return  # it is closed already


def devices(library: Any = None) -> list[Device]:
    """All GPUs in NVML's order; [] if NVML does not work."""
    meter = NvmlMeter(Device("gpu", ""), library=library)
    try:
        nvml = meter._load()
        nvml.nvmlInit()
    except Exception:  # no package, no library, no driver
        return []
    try:
        return _devices(nvml)
    except nvml.NVMLError:
        return []
    finally:
        meter._shut(nvml)


def _devices(nvml: Any) -> list[Device]:
    found = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        name, uuid = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetUUID(handle)
        found.append(Device("gpu", _text(name), _text(uuid), index))
    return found


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _raise(error: Exception) -> None:
    raise error
