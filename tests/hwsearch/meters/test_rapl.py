"""With folders like /sys/class/powercap, and values as on real machines."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.meters.device import Device
from hwsearch.meters.protocol import MeterReadError, MeterUnavailableError
from hwsearch.meters.rapl import RaplMeter, Zone

SPAN = 262143328850  # of a package: 2**32 - 1 units of 61 uJ
DRAM_SPAN = 65712999613

XEON = {
    "intel-rapl:0": ("package-0", 54321000000, SPAN),
    "intel-rapl:0:0": ("dram", 1000000000, DRAM_SPAN),
    "intel-rapl:1": ("package-1", 12345000000, SPAN),
    "intel-rapl:1:0": ("dram", 2000000000, DRAM_SPAN),
}
LAPTOP = {
    "intel-rapl:0": ("package-0", 5000000, SPAN),
    "intel-rapl:0:0": ("core", 3000000, SPAN),
    "intel-rapl:0:1": ("uncore", 1000000, SPAN),
    "intel-rapl:1": ("psys", 9000000, SPAN),
    "intel-rapl-mmio:0": ("package-0", 5000000, SPAN),
}
EPYC = {
    "intel-rapl:0": ("package-0", 700000000, 65532610987),
    "intel-rapl:0:0": ("core", 200000000, 65532610987),
}


def tree(root: Path, zones) -> Path:
    (root / "intel-rapl").mkdir(parents=True)
    (root / "intel-rapl" / "enabled").write_text("1\n")
    for folder, (name, energy, span) in zones.items():
        (root / folder).mkdir()
        (root / folder / "name").write_text(f"{name}\n")
        (root / folder / "energy_uj").write_text(f"{energy}\n")
        (root / folder / "max_energy_range_uj").write_text(f"{span}\n")
    return root


def advance(root: Path, folder: str, microjoules: int, span: int = SPAN) -> None:
    """The counter advances; after its largest value it starts at 0 again."""
    path = root / folder / "energy_uj"
    value = int(path.read_text()) + microjoules
    path.write_text(f"{value - span if value > span else value}\n")


@pytest.mark.parametrize(
    ("zones", "field"),
    [
        (XEON, "package-0 + dram-0 + package-1 + dram-1"),
        (LAPTOP, "package-0"),
        (EPYC, "package-0"),
    ],
)
def test_which_zones_are_added(tmp_path, zones, field):
    meter = RaplMeter(root=tree(tmp_path / "a b é", zones))
    assert meter.available().ok
    (channel,) = meter.channels()
    assert (channel.quantity, channel.field, channel.unit) == ("energy", field, "J")


def test_all_sockets_and_their_memory_are_added(tmp_path):
    root = tree(tmp_path / "powercap", XEON)
    with RaplMeter(Device("cpu", "Xeon"), root=root) as meter:
        assert meter.read("energy").value == 0
        for folder, joules in zip(XEON, (40, 3, 20, 7), strict=True):
            advance(root, folder, joules * 1_000_000, XEON[folder][2])
        assert meter.read("energy").value == pytest.approx(70, abs=1e-9)
        assert meter.describe_device() == "Xeon: package-0, dram-0, package-1, dram-1"


def test_parts_of_a_package_and_the_platform_are_not_added(tmp_path):
    root = tree(tmp_path / "powercap", LAPTOP)
    with RaplMeter(root=root) as meter:
        for folder in LAPTOP:
            advance(root, folder, 2_000_000)
        assert meter.read("energy").value == pytest.approx(2)


def test_an_overflow_is_corrected_to_the_microjoule(tmp_path):
    zones = {"intel-rapl:0": ("package-0", SPAN - 1_500_000, SPAN)}
    root = tree(tmp_path / "powercap", zones)
    with RaplMeter(root=root) as meter:
        (root / "intel-rapl:0" / "energy_uj").write_text("500000\n")
        assert round(meter.read("energy").value * 1e6) == 2_000_000
        # The overflow is not counted twice, and counting continues.
        assert round(meter.read("energy").value * 1e6) == 2_000_000
        (root / "intel-rapl:0" / "energy_uj").write_text("500001\n")
        assert round(meter.read("energy").value * 1e6) == 2_000_001


def test_each_zone_overflows_at_its_own_range(tmp_path):
    zones = {
        "intel-rapl:0": ("package-0", 10, SPAN),
        "intel-rapl:0:0": ("dram", DRAM_SPAN, DRAM_SPAN),
    }
    root = tree(tmp_path / "powercap", zones)
    with RaplMeter(root=root) as meter:
        (root / "intel-rapl:0:0" / "energy_uj").write_text("250\n")
        assert round(meter.read("energy").value * 1e6) == 250


@given(
    st.integers(1, 10**6),
    st.lists(st.fractions(0, 1).filter(lambda share: share < 1), max_size=50),
    st.data(),
)
def test_any_sequence_of_counter_values(span, shares, data):
    start = data.draw(st.integers(0, span - 1))
    zone = Zone(Path("x"), "package-0", span)
    zone.advance(start)
    total = 0
    for share in shares:
        total += int(share * span)
        zone.advance((start + total) % span)
        assert zone.total_uj == total


def test_without_permission_the_remedy_is_a_command(tmp_path, monkeypatch):
    root = tree(tmp_path / "powercap", XEON)
    read_text = Path.read_text

    def guarded(path, *args, **kwargs):
        if path.name == "energy_uj":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_text(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", guarded)
    meter = RaplMeter(root=root)
    availability = meter.available()
    assert not availability.ok
    assert availability.reason == f"{root}/intel-rapl:0/energy_uj can be read by root only"
    assert f"sudo chmod a+r {root}/intel-rapl:*/energy_uj" in availability.remedy
    assert meter.channels() == ()
    with pytest.raises(MeterUnavailableError, match="sudo chmod"):
        meter.start()


@pytest.mark.parametrize("zones", [{}, {"intel-rapl:0": ("psys", 1, SPAN)}])
def test_no_package(tmp_path, zones):
    root = tree(tmp_path / "powercap", zones)
    availability = RaplMeter(root=root).available()
    assert not availability.ok
    assert "no intel-rapl package" in availability.reason
    assert "virtual machine" in availability.remedy
    assert not RaplMeter(root=tmp_path / "nothing").available().ok


def test_a_gpu_is_refused(tmp_path):
    meter = RaplMeter(Device("gpu", "NVIDIA X", "GPU-1"), root=tree(tmp_path / "p", XEON))
    assert "not NVIDIA X" in meter.available().reason
    assert meter.channels() == ()


@pytest.mark.parametrize("content", ["", "abc", "-5", str(SPAN + 1), "1.5", "\x00"])
def test_unusable_values_are_errors(tmp_path, content):
    root = tree(tmp_path / "powercap", EPYC | {"intel-rapl:0": ("package-0", 1, SPAN)})
    with RaplMeter(root=root) as meter:
        (root / "intel-rapl:0" / "energy_uj").write_text(content)
        with pytest.raises(MeterReadError, match="energy_uj"):
            meter.read("energy")


def test_a_zone_that_goes_away_is_an_error(tmp_path):
    root = tree(tmp_path / "powercap", EPYC)
    with RaplMeter(root=root) as meter:
        (root / "intel-rapl:0" / "energy_uj").unlink()
        with pytest.raises(MeterReadError, match="No such file"):
            meter.read("energy")


def test_reads_energy_only_and_only_when_started(tmp_path):
    meter = RaplMeter(root=tree(tmp_path / "powercap", EPYC))
    with pytest.raises(MeterReadError, match="not started"):
        meter.read("energy")
    with meter, pytest.raises(MeterReadError, match="cannot measure power"):
        meter.read("power")
    meter.stop()
    assert meter.describe_device() == "this machine"
