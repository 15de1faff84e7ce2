"""With folders like those of real machines."""

from __future__ import annotations

import pytest

from hwsearch.meters.cpu_state import cpu_state
from hwsearch.meters.protocol import DeviceState


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


@pytest.fixture
def root(tmp_path):
    for core, khz in enumerate((2400000, 3600000)):
        write(tmp_path / f"devices/system/cpu/cpu{core}/cpufreq/scaling_cur_freq", khz)
    sensors = (("nvme", 90000), ("coretemp", 51000))
    for number, (name, temperature) in enumerate(sensors):
        write(tmp_path / f"class/hwmon/hwmon{number}/name", name)
        write(tmp_path / f"class/hwmon/hwmon{number}/temp1_input", temperature)
    write(tmp_path / "class/hwmon/hwmon1/temp2_input", 48000)
    return tmp_path


def test_the_mean_clock_and_the_hottest_core(root):
    state = cpu_state(root, root / "none")
    assert (state.clock_mhz, state.temperature_c) == (3000, 51)
    assert (state.throttle, state.foreign_processes) == (None, None)


@pytest.mark.parametrize(
    ("kind", "celsius"), [("x86_pkg_temp", 62.5), ("cpu-thermal", 62.5), ("GPU-therm", 51)]
)
def test_thermal_zones_of_processors_count_too(root, kind, celsius):
    write(root / "class/thermal/thermal_zone0/type", kind)
    write(root / "class/thermal/thermal_zone0/temp", 62500)
    assert cpu_state(root, root / "none").temperature_c == celsius


def test_a_virtual_machine_reports_its_nominal_clock(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\ncpu MHz\t\t: 2000.000\nprocessor\t: 1\ncpu MHz\t\t: 3000.5\n")
    assert cpu_state(tmp_path, info) == DeviceState(clock_mhz=2500.25)


def test_a_machine_that_reports_nothing(tmp_path):
    assert cpu_state(tmp_path, tmp_path / "none") == DeviceState()
    write(tmp_path / "class/hwmon/hwmon0/name", "k10temp")
    write(tmp_path / "class/hwmon/hwmon0/temp1_input", "N/A")
    assert cpu_state(tmp_path, tmp_path / "none") == DeviceState()


def test_this_machine():
    cpu_state().to_json()
