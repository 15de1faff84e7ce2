from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "measuring" / "synthetic_sensors.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("synthetic_sensors", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_locks(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.mark.parametrize("number", range(15))
def test_power_and_energy_are_within_two_per_cent_of_the_truth(script, number):
    errors = script.measure(script.SENSORS[number], 2.0, 1000 * number, script.TARGET)
    assert abs(errors["power"]) < 2
    assert abs(errors["energy"]) < 2


@pytest.mark.parametrize("number", range(15))
def test_a_profile_with_the_default_settings_takes_less_than_ten_seconds(script, number):
    settings = script.ProfileSettings()
    errors = script.measure(script.SENSORS[number], 0, 1000 * number + 1, 0, settings)
    assert 5 < errors["seconds"] < 10
    assert abs(errors["power"]) < 5


def test_every_sensor_is_tried(script):
    assert len(script.SENSORS) == 15


def test_the_truth_is_what_the_machine_drew(script):
    machine = script.Machine(3, None)
    for _ in range(50):
        machine.run()
    end = machine.clock.now()
    exact = float(machine.power[: int(end / script.STEP_S)].sum() * script.STEP_S)
    assert machine.energy(0, end) == pytest.approx(exact, rel=1e-3)
    half = machine.energy(0, end / 2) + machine.energy(end / 2, end)
    assert half == pytest.approx(machine.energy(0, end), rel=1e-9)


def test_what_it_prints(script, capsys, monkeypatch):
    monkeypatch.setattr(script, "LOADS_S", (2.0,))
    monkeypatch.setattr(script, "SENSORS", script.SENSORS[:2])
    monkeypatch.setattr(sys, "argv", ["synthetic_sensors.py", "--seeds", "1"])
    assert script.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("worst error: ")
    assert lines[-1].endswith(" %")
    assert float(lines[-1].split()[2]) < 2
