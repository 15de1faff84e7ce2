from __future__ import annotations

from hwsearch.measuring.survey import table
from hwsearch.meters import REGISTRY


def test_readings_reasons_and_remedies(no_meters, tmp_path, monkeypatch):
    recording = tmp_path / "r.csv"
    recording.write_text("time_s,power_w\n0,60\n1,61\n")
    monkeypatch.setenv("HYPERPOWER_REPLAY", str(recording))
    lines = table().splitlines()
    assert len(lines) == 3 + len(REGISTRY)
    assert lines[1].startswith("nvml ")
    assert lines[1].endswith("no: not here; buy one")
    assert "replay      power     power_w" in lines[5]
    assert "60.00 W" in lines[5]
    assert lines[-1] == "This machine can measure: memory, runtime, params, macs."


def test_memory_has_a_line_of_its_own_because_it_needs_no_meter(no_meters):
    line = table().splitlines()[-2]
    assert line.startswith("-           memory    ")
    assert line.endswith(" MiB  this process")
