from __future__ import annotations

import json
import math

import pytest

from hwsearch.meters.protocol import MeterReadError
from hwsearch.meters.replay import VARIABLE, ReplayMeter
from hwsearch.testing.virtual_clock import VirtualClock

RECORDING = {
    "device": "NVIDIA A100 (GPU-1)",
    "channels": [
        {"quantity": "power", "field": "power.draw.instant", "update_s": 0.1, "averaging_s": 0.025},
        {"quantity": "energy", "field": "counter"},
    ],
    "readings": {"power": [[0, 60.0], [0.1, 61.0], [0.2, 62.0]], "energy": [[0, 5.0], [0.2, 11.0]]},
}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "recörd ing.json"
    file.write_text(json.dumps(RECORDING))
    return file


def test_it_advances_with_the_clock_from_its_start(path):
    clock = VirtualClock()
    clock.sleep(100)
    with ReplayMeter(clock=clock, path=path) as meter:
        values = []
        for _ in range(5):
            values.append((meter.read("power").value, meter.read("energy").value))
            clock.sleep(0.051)
        assert meter.read("power").time_s == pytest.approx(100.255)
    assert values == [(60, 5), (60, 5), (61, 5), (61, 5), (62, 11)]
    assert meter.describe_device() == "NVIDIA A100 (GPU-1)"
    assert meter.channel("power").averaging_s == 0.025


def test_the_end_of_the_recording_is_an_error_and_not_a_stale_value(path):
    clock = VirtualClock()
    with ReplayMeter(clock=clock, path=path) as meter:
        clock.sleep(1.3)
        with pytest.raises(MeterReadError, match=r"recording ended after 0\.2 s"):
            meter.read("power")


def test_csv_with_columns_in_any_order(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("energy_j,time_s,power_w\n1.5,0,60\n,0.1,61\n3.5,0.2,62\n")
    clock = VirtualClock()
    with ReplayMeter(clock=clock, path=file) as meter:
        clock.sleep(0.101)
        assert (meter.read("power").value, meter.read("energy").value) == (61, 1.5)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", "{", "Expecting property name"),
        ("a.json", "[]", "list indices"),
        ("a.json", '{"channels": [{"quantity": "power", "field": "x"}]}', "readings"),
        (
            "a.json",
            '{"channels": [{"quantity": "heat", "field": "x"}], "readings": {"heat": [[0, 1]]}}',
            "quantity: got 'heat'; expected one of power, energy",
        ),
        (
            "a.json",
            '{"channels": [{"quantity": "power", "field": "x"}], "readings": {"power": []}}',
            "no readings of power",
        ),
        ("a.csv", "time_s,power_w\n", "no readings of power"),
        (
            "a.csv",
            "time,watts\n0,1\n",
            "columns: got time, watts; expected time_s and power_w or energy_j",
        ),
        ("a.csv", "", "columns: got none"),
        ("a.csv", "time_s,power_w\n1,5\n0,5\n", "expected growing times"),
        ("a.csv", "time_s,power_w\n0,nan\n", "finite numbers"),
        ("a.csv", "time_s,power_w\n0,[N/A]\n", "N/A"),
        ("a.csv", "time_s,power_w\n0,60\n1,0\n", "got 0; expected values above 0"),
        ("a.json", "[" * 100_000, "recursion"),
        ("a.json", '{"channels": [], "readings": {}}', "at least one"),
        ("a.json", '{"channels": [{"quantity": "power"}], "readings": {}}', "field"),
        *(
            (
                "a.json",
                json.dumps(
                    {
                        "channels": [{"quantity": "power", "field": "x", name: value}],
                        "readings": {"power": [[0, 60]]},
                    }
                ),
                f"{name} of power: got {value!r}; expected a number from 0",
            )
            for name, value in (
                ("update_s", "0.1"),
                ("update_s", -1),
                ("averaging_s", None),
                ("settle_s", math.inf),
            )
        ),
    ],
)
def test_faults_of_a_file_are_reported(tmp_path, name, text, says):
    (tmp_path / name).write_text(text)
    availability = ReplayMeter(path=tmp_path / name).available()
    assert not availability.ok
    assert says in availability.reason
    assert str(tmp_path / name) in availability.reason


def test_the_file_comes_from_the_environment(path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(path))
    assert ReplayMeter().available().ok
    monkeypatch.delenv(VARIABLE)
    availability = ReplayMeter().available()
    assert not availability.ok
    assert VARIABLE in availability.remedy


def test_a_missing_file_is_one_line(tmp_path):
    availability = ReplayMeter(path=tmp_path / "no.csv").available()
    assert availability.reason == f"{tmp_path / 'no.csv'}: No such file or directory"


@pytest.mark.parametrize("name", ["old.csv", "old.json"])
def test_memory_in_an_older_recording_is_ignored_with_one_remark(tmp_path, name):
    channels = [
        {"quantity": "power", "field": "draw", "resolution": 0.01},
        {"quantity": "memory", "field": "peak"},
    ]
    readings = {"power": [[0, 60]], "memory": [[0, 1000]]}
    texts = {
        "old.csv": "time_s,power_w,memory_bytes\n0,60,1000\n",
        "old.json": json.dumps({"channels": channels, "readings": readings}),
    }
    (tmp_path / name).write_text(texts[name])
    clock = VirtualClock()
    with ReplayMeter(clock=clock, path=tmp_path / name) as meter:
        assert [channel.quantity for channel in meter.channels()] == ["power"]
        assert meter.read("power").value == 60
        (remark,) = meter.remarks()
        assert remark.endswith("in the recording is ignored: memory is measured")
        with pytest.raises(MeterReadError):
            meter.read("memory")


def test_a_recording_of_memory_alone_has_nothing_to_replay(tmp_path):
    file = tmp_path / "r.csv"
    file.write_text("time_s,memory_bytes\n0,1000\n")
    availability = ReplayMeter(path=file).available()
    assert "got time_s, memory_bytes; expected time_s and power_w" in availability.reason
