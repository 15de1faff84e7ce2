"""Stand-ins for NVML and nvidia-smi, which only machines with a GPU have."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

FAKE = Path(__file__).parent / "fake_nvidia_smi"


class NVMLError(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value

    def __str__(self):
        return {3: "Not Supported", 4: "Insufficient Permissions", 15: "GPU is lost"}.get(
            self.value, f"Error {self.value}"
        )


class FakeNvml:
    """The functions of pynvml that the meter calls, for GPUs that a test describes.

    CI has no GPU. Names, order of arguments, units and error codes are pynvml's; test_nvml.py
    checks each name against the installed nvidia-ml-py.

    Args:
        gpus: Dictionaries with name, uuid, and the answers: milliwatts, instant_milliwatts,
            millijoules, temperature, sm_clock, memory_clock, limit_milliwatts, reasons, pids, mig.
            A missing answer is "not supported"; `error` is the code of every reading.
        init_error: The code with which the library fails to open.
    """

    NVMLError = NVMLError
    NVML_SUCCESS = 0
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1
    NVML_CLOCK_MEM = 2
    NVML_FI_DEV_POWER_INSTANT = 186

    def __init__(self, *gpus, init_error=None):
        self.gpus = gpus
        self.open = 0
        self.init_error = init_error

    def nvmlInit(self):
        if self.init_error:
            raise NVMLError(self.init_error)
        self.open += 1

    def nvmlShutdown(self):
        self.open -= 1

    def _of(self, handle, name):
        if not self.open:
            raise NVMLError(1)
        if "error" in self.gpus[handle]:
            raise NVMLError(self.gpus[handle]["error"])
        if name not in self.gpus[handle]:
            raise NVMLError(3)
        return self.gpus[handle][name]

    def nvmlDeviceGetCount(self):
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index):
        return index

    def nvmlDeviceGetName(self, handle):
        return self.gpus[handle]["name"]

    def nvmlDeviceGetUUID(self, handle):
        return self.gpus[handle]["uuid"]

    def nvmlSystemGetDriverVersion(self):
        return "550.54.15"

    def nvmlDeviceGetMigMode(self, handle):
        return [self._of(handle, "mig"), 0]

    def nvmlDeviceGetPowerUsage(self, handle):
        return self._of(handle, "milliwatts")

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        return self._of(handle, "millijoules")

    def nvmlDeviceGetFieldValues(self, handle, fields):
        assert fields == [186]
        try:
            value, code = self._of(handle, "instant_milliwatts"), 0
        except NVMLError as error:
            value, code = 0, error.value
        return [SimpleNamespace(nvmlReturn=code, value=SimpleNamespace(uiVal=value))]

    def nvmlDeviceGetTemperature(self, handle, sensor):
        return self._of(handle, "temperature")

    def nvmlDeviceGetClockInfo(self, handle, kind):
        return self._of(handle, {1: "sm_clock", 2: "memory_clock"}[kind])

    def nvmlDeviceGetEnforcedPowerLimit(self, handle):
        return self._of(handle, "limit_milliwatts")

    def nvmlDeviceGetCurrentClocksEventReasons(self, handle):
        return self._of(handle, "reasons")

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle):
        return self._of(handle, "old_reasons")

    def nvmlDeviceGetComputeRunningProcesses(self, handle):
        return [SimpleNamespace(pid=pid) for pid in self._of(handle, "pids")]


class Player:
    """An executable nvidia-smi on PATH that plays a scenario (fake_nvidia_smi/nvidia-smi)."""

    def __init__(self, folder, monkeypatch):
        self.file = folder / "scénario with spaces.json"
        self.pids = folder / f"{self.file.name}.pids"
        self.pids.touch()
        for transcript in (FAKE / "transcripts").iterdir():
            shutil.copy(transcript, folder)
        # A bare interpreter, because it starts as quickly as the real program.
        start = shlex.join([sys.executable, "-I", "-S", str(FAKE / "nvidia-smi")])
        self.executable(f'exec {start} "$@"')
        monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("FAKE_NVIDIA_SMI", str(self.file))
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def play(self, scenario, **more):
        """Answers as the scenario says, from the next call on."""
        self.file.write_text(json.dumps(scenario | more))

    def power(self, scenario, values, **more):
        """As `play`, with these values of power.draw, one per row."""
        copy = json.loads(json.dumps(scenario))
        copy["gpus"][0]["fields"]["power.draw"] = values
        self.play(copy, **more)

    def executable(self, command):
        """Runs a shell command in place of nvidia-smi."""
        path = self.file.parent / "bin" / "nvidia-smi"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)

    def running(self):
        """Process ids of the stand-ins that still run."""
        return [pid for pid in self.pids.read_text().split() if alive(int(pid))]


def alive(pid):
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
