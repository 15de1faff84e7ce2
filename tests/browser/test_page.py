"""The page of a run in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hwsearch.report import columns
from hwsearch.report.page.document import Source, document
from hwsearch.report.page.figures import write_figures
from hwsearch.report.page.html import page
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.page import samples

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-browser" / "bin" / "python"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def _browser():
    if not PYTHON.exists() or not shutil.which("chromium"):
        reason = "no chromium or no .venv-browser: run tests/browser/install.sh"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def source():
    return samples.source(24)


@pytest.fixture(scope="module")
def shown(source):
    return document(source)


@pytest.fixture(scope="module")
def seen(source, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report é.html"
    file.write_text(page(source), encoding="utf-8")
    look = [str(PYTHON), str(Path(__file__).with_name("look.py")), str(file)]
    done = subprocess.run(look, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_errors_no_requests_and_no_script_of_a_name(seen):
    assert seen["said"] == []
    assert seen["images"] == 0


def test_the_points_are_there(seen, shown):
    rows = shown["rows"]
    measured = [row for row in rows if "runtime" in row["values"]]
    trained = [row for row in rows if "error" in row["values"]]
    points = seen["points"]
    assert seen["rows"] == len(rows) == 24
    assert points["cost runtime"] == len(measured)
    assert points["progress jobs"] == points["progress time"] == 24
    assert points["fit error"] == len(trained)
    assert points["fit runtime"] == len(measured)
    assert points["parallel "] == 6 * len(trained)
    assert points["curves "] == 5 * len(trained)
    assert points["importance error"] == 2 * 4
    assert points["slices error"] == 2 * 2  # lines, but for the choices


def test_filters_filter_the_table_and_the_plots(seen, shown):
    kept = [row for row in shown["rows"] if row["group"] != "rejected"]
    assert 0 < len(kept) < 24
    after = seen["without_rejected"]
    assert after["rows"] == len(kept)
    assert after["count"] == f"{len(kept)} of 24 jobs are shown."
    assert after["points"]["cost runtime"] == sum("runtime" in row["values"] for row in kept)
    large = [row for row in kept if row["settings"]["units"] >= 40]
    assert seen["units_from_40"] == len(large)
    second = shown["hyperparameters"][2]["options"][1]
    expected = [row for row in large if row["settings"]["kind"] == second]
    assert seen["and_second_kind"] == [second] * len(expected)


def test_the_table_sorts(seen, shown):
    numbers = [float(text.split()[0]) for text in seen["sorted"] if text]
    assert numbers == sorted(numbers)
    assert len(numbers) == sum("error" in row["values"] for row in shown["rows"])
    assert not any(seen["sorted"][len(numbers) :])


def test_the_keyboard_reaches_everything(seen):
    usable, reached = seen["tabs"]
    assert usable == reached > 40
    assert re.match(r"job \d+, trained, ", seen["first_mark"])
    assert seen["second_mark"] != seen["first_mark"]


def test_dark_light_and_a_phone(seen):
    light, switched, dark = seen["themes"]
    assert light != switched == dark
    assert seen["phone_overflow"] <= 0


def test_figures(source, tmp_path):
    html = page(source).replace("units", "units_of_the_layer")
    files = write_figures(tmp_path / "figures", html)
    names = {file.name for file in files}
    assert {"cost-runtime.svg", "cost-runtime.png", "parallel.svg", "fit-error.png"} <= names
    assert len(names) == 2 * 11
    assert "units_of_the_layer" in (tmp_path / "figures" / "parallel.svg").read_text()
    epochs = (tmp_path / "figures" / "curves.svg").read_text()
    assert ">4</text>" in epochs
    assert ">4.5</text>" not in epochs
    for file in files:
        begin = b"<svg" if file.suffix == ".svg" else b"\x89PNG"
        assert file.read_bytes().startswith(begin)


def test_a_bound_of_zero_is_on_the_axis(tmp_path):
    tasks = (columns.of_task("main", objective=True), columns.of_task("c", objective=False))
    jobs = [
        {
            "id": number,
            "status": "complete",
            "params": {"x": {"type": "float", "values": [0.5]}},
            "values": {"main": 200.0 + number, "c": 0.1 * 4.0**number},
        }
        for number in range(1, 6)
    ]
    write_figures(tmp_path, page(Source(RunTable.of_tasks("old", tasks, jobs), "today")))
    drawn = (tmp_path / "cost-c.svg").read_text()
    assert "budget: at least 0" in drawn
    assert ">0</text>" in drawn


def test_an_axis_of_more_values_than_a_function_takes_arguments(seen):
    assert seen["axis_of_many"] == "log"
