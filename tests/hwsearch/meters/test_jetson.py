"""With folders like those of Jetson modules (NVIDIA's guides; the kernel's hwmon)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.meters.device import Device
from hwsearch.meters.jetson import JetsonMeter, find_rails, total_of
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError


def iio(root: Path, address: str, number: int, rails, folder="iio:device") -> None:
    """Jetson Linux up to 32: three channels from 0, power in mW."""
    path = root / "bus/i2c/drivers/ina3221x" / address / f"{folder}{number}"
    path.mkdir(parents=True)
    for channel, (label, milliwatts) in enumerate(rails):
        (path / f"rail_name_{channel}").write_text(f"{label}\n")
        (path / f"in_power{channel}_input").write_text(f"{milliwatts}\n")


def hwmon(root: Path, address: str, number: int, rails) -> None:
    """Jetson Linux from 35: three channels from 1, mV and mA; 4 to 7 are shunts and their sum."""
    path = root / "bus/i2c/drivers/ina3221" / address / f"hwmon/hwmon{number}"
    path.mkdir(parents=True)
    for channel, (label, millivolts, milliamperes) in enumerate(rails, 1):
        (path / f"in{channel}_label").write_text(f"{label}\n")
        (path / f"in{channel}_input").write_text(f"{millivolts}\n")
        (path / f"curr{channel}_input").write_text(f"{milliamperes}\n")
        (path / f"in{channel + 3}_input").write_text("120\n")
    (path / "in7_label").write_text("sum of shunt voltages\n")
    (path / "in7_input").write_text("360\n")
    (path / "curr4_input").write_text("99999\n")


def tx1(root):
    iio(root, "1-0040", 0, [("VDD_IN", 6210), ("VDD_GPU", 1730), ("VDD_CPU", 980)])
    iio(root, "1-0042", 1, [("VDD_MUX", 8800), ("VDD_5V_IO_SYS", 1500), ("VDD_3V3_SYS", 700)])


def tx2(root):
    iio(root, "0-0040", 0, [("VDD_SYS_GPU", 2120), ("VDD_SYS_SOC", 530), ("VDD_4V0_WIFI", 0)])
    iio(root, "0-0041", 1, [("VDD_IN", 7450), ("VDD_SYS_CPU", 610), ("VDD_SYS_DDR", 1180)])
    iio(root, "0-0042", 2, [("VDD_MUX", 9900), ("VDD_5V0_IO_SYS", 1800), ("VDD_3V3_SYS", 900)])


def nano(root):
    iio(root, "6-0040", 0, [("POM_5V_IN", 3480), ("POM_5V_GPU", 1040), ("POM_5V_CPU", 560)])


def agx_xavier(root):
    iio(root, "1-0040", 0, [("GPU", 5000), ("CPU", 2000), ("SOC", 3000)])
    iio(root, "1-0041", 1, [("CV", 400), ("VDDRQ", 1500), ("SYS5V", 2600)])


def agx_orin(root):
    hwmon(
        root,
        "1-0040",
        3,
        [("VDD_GPU_SOC", 19880, 400), ("VDD_CPU_CV", 19880, 100), ("VIN_SYS_5V0", 5016, 900)],
    )
    hwmon(root, "1-0041", 4, [("NC", 0, 0), ("VDDQ_VDD2_1V8AO", 5016, 200), ("NC", 0, 0)])


def orin_nx(root):
    hwmon(
        root,
        "1-0040",
        1,
        [("VDD_IN", 4968, 1064), ("VDD_CPU_GPU_CV", 4968, 248), ("VDD_SOC", 4968, 304)],
    )


MODULES = {
    tx1: ("VDD_IN", 6.21),
    tx2: ("VDD_IN", 7.45),
    nano: ("POM_5V_IN", 3.48),
    agx_xavier: ("GPU + CPU + SOC + CV + VDDRQ + SYS5V", 14.5),
    agx_orin: ("VDD_GPU_SOC + VDD_CPU_CV + VIN_SYS_5V0", 7.952 + 1.988 + 4.5144),
    orin_nx: ("VDD_IN", 5.285952),
}


@pytest.mark.parametrize("make", MODULES)
def test_modules(tmp_path, make):
    field, watts = MODULES[make]
    root = tmp_path / "sys é"
    make(root)
    meter = JetsonMeter(Device("gpu", "NVIDIA Tegra"), root=root)
    assert meter.available().ok
    (channel,) = meter.channels()
    assert (channel.quantity, channel.field, channel.unit) == ("power", field, "W")
    with meter:
        assert meter.read("power").value == pytest.approx(watts, rel=1e-12)


def test_the_first_release_named_the_folder_differently(tmp_path):
    iio(tmp_path, "1-0040", "", [("VDD_IN", 5000), ("VDD_GPU", 1), ("VDD_CPU", 2)], "iio_device")
    with JetsonMeter(root=tmp_path) as meter:
        assert meter.read("power").value == 5.0


def test_rails_without_a_name_are_ignored(tmp_path):
    agx_orin(tmp_path)
    rails = find_rails(tmp_path)
    assert list(rails) == ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0", "VDDQ_VDD2_1V8AO"]
    assert rails["VDDQ_VDD2_1V8AO"].watts() == pytest.approx(1.0032)


def test_no_sensor(tmp_path):
    meter = JetsonMeter(root=tmp_path)
    assert "no INA3221" in meter.available().reason
    assert "Jetson" in meter.available().remedy
    assert meter.channels() == ()
    with pytest.raises(MeterUnavailableError):
        meter.start()


def test_rails_of_an_unknown_module_are_not_added(tmp_path):
    hwmon(tmp_path, "1-0040", 1, [("VDD_NEW", 5000, 100), ("VDD_CPU_CV", 5000, 100)])
    assert total_of(find_rails(tmp_path)) == ()
    availability = JetsonMeter(root=tmp_path).available()
    assert "VDD_NEW, VDD_CPU_CV" in availability.reason
    assert "TOTALS" in availability.remedy


def test_part_of_a_sum_is_not_the_sum(tmp_path):
    iio(tmp_path, "1-0040", 0, [("GPU", 5000), ("CPU", 2000), ("SOC", 3000)])
    assert not JetsonMeter(root=tmp_path).available().ok


@pytest.mark.parametrize(
    ("name", "content"),
    [("in1_input", ""), ("curr1_input", "N/A"), ("in1_input", "-3"), ("curr1_input", None)],
)
def test_unusable_values_are_errors(tmp_path, name, content):
    orin_nx(tmp_path)
    with JetsonMeter(root=tmp_path) as meter:
        path = tmp_path / "bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1" / name
        if content is None:
            path.unlink()
        else:
            path.write_text(content)
        with pytest.raises(MeterReadError, match=name):
            meter.read("power")
    assert not JetsonMeter(root=tmp_path).available().ok


def test_a_discrete_gpu_is_refused(tmp_path):
    orin_nx(tmp_path)
    meter = JetsonMeter(Device("gpu", "NVIDIA X", "GPU-1"), root=tmp_path)
    assert "not NVIDIA X" in meter.available().reason


def test_a_jetsons_own_gpu_that_the_driver_lists_is_measured(tmp_path):
    orin_nx(tmp_path)
    meter = JetsonMeter(Device("gpu", "Orin (nvgpu)", "54a5a4b0-1111"), root=tmp_path)
    assert meter.available().ok


def test_state_and_name(tmp_path):
    tx2(tmp_path)
    for number, (kind, temp) in enumerate([("CPU-therm", 40000), ("GPU-therm", 36500)]):
        zone = tmp_path / f"class/thermal/thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "type").write_text(f"{kind}\n")
        (zone / "temp").write_text(f"{temp}\n")
    model = tmp_path / "firmware/devicetree/base/model"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"quill\0")
    meter = JetsonMeter(root=tmp_path)
    assert meter.state().temperature_c == 36.5
    assert meter.describe_device() == "quill"
    assert JetsonMeter(root=tmp_path / "none").state().temperature_c is None


def test_reads_power_only_and_only_when_started(tmp_path):
    nano(tmp_path)
    meter = JetsonMeter(root=tmp_path)
    with pytest.raises(MeterReadError, match="not started"):
        meter.read("power")
    with meter, pytest.raises(MeterReadError, match="cannot measure energy"):
        meter.read("energy")
    meter.stop()
