"""The table of hardware models."""

from __future__ import annotations

from pathlib import Path

from hwsearch.calibration.profile_report import report
from hwsearch.predicting.hardware_model import HardwareModel
from tests.hwsearch.predicting.samples import records


def test_a_line_per_metric():
    found = records(5)
    model = HardwareModel.fit([*found, found[0]])
    lines = report(model, Path("there/model.json")).splitlines()
    assert lines[0] == (
        "hardware models of A Processor @ 2 GHz with tensorflow; "
        "errors are root mean squares in cross-validation:"  # five networks: not in ten folds
    )
    assert [line.split()[0] for line in lines[1:]] == ["metric", "power", "runtime", "stored"]
    predictor = model.metrics["power"].predictor
    cells = [cell.strip() for cell in lines[2].split("  ") if cell.strip()]
    assert cells == [
        "power",
        predictor.name,
        f"{predictor.error:.1f} %",
        "0.0 %",
        f"{predictor.validation['constant']:.1f} %",
        "5",
    ]
    assert lines[-1].startswith("stored in there/model.json;")


def test_with_candidates_the_error_is_that_of_typical_networks():
    candidates = [one.structure for one in records(9, seed=1)]
    model = HardwareModel.fit(records(12, noise=0.05), None, candidates)
    lines = report(model, Path("model.json")).splitlines()
    assert lines[0].endswith("root mean squares expected for networks of the template:")
    assert lines[1].split()[2:5] == ["error", "in", "cross-validation"]
    entry = model.metrics["runtime"]
    cells = [cell.strip() for cell in lines[3].split("  ") if cell.strip()]
    assert cells == [
        "runtime",
        entry.predictor.name,
        f"{entry.typical:.1f} %",
        f"{entry.predictor.error:.1f} %",
        "-",
        f"{entry.typical_of_constant:.1f} %",
        "12",
    ]
