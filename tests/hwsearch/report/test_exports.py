"""A run as CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.atomic_files import write_json
from hwsearch.errors import UserError
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.report.columns import of_task
from hwsearch.report.exports import FORMATS, as_csv, as_json, as_markdown_report, export
from hwsearch.report.run_table import RunTable
from hwsearch.report.runs import KnownRun, known_run
from tests.hwsearch.report import example
from tests.hwsearch.report.test_row import ANY_JOB
from tests.hwsearch.report.test_run_table import TWO, several


@pytest.fixture(scope="module")
def table():
    return RunTable.of_run(example.SETTINGS, example.jobs())


def test_csv_has_a_line_per_job_with_units(table):
    rows = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [row["job"] for row in rows] == [str(n) for n in range(1, 9)]
    third = rows[2]
    assert (third["state"], third["feasible"]) == ("trained", "1")
    assert (third["error (%)"], third["power (W)"]) == ("6.5", "84.0")
    assert third["power standard error (W)"] == "0.5"
    assert (third["units"], third["akté"]) == ("60", "</script>")
    assert (third["waiting_s"], third["train_s"]) == ("1.0", "40.0")
    assert rows[1]["error (%)"] == ""
    assert rows[6]["reason"] == "x\\x1b[2J model: is not compiled"


def test_what_was_not_measured_is_empty_in_tables_and_said_beside():
    document = example.jobs()[2]
    document["values"]["power"] = math.nan
    predicted = {"power": {"value": 80.0, "std_error": 2.0, "unit": "W"}}
    document["measurements"] |= {"metrics": {"error": {"value": 6.5}}, "predicted": predicted}
    table = RunTable.of_run(example.SETTINGS, [document])
    (line,) = csv.DictReader(io.StringIO(as_csv(table)))
    assert (line["state"], line["feasible"]) == ("trained without measurement", "0")
    assert (line["power (W)"], line["reason"]) == ("", "power not measured (predicted 80 ± 2 W)")
    (entry,) = json.loads(as_json(table))["jobs"]
    assert entry["values"]["power"] is None
    assert entry["predicted"] == {"power": 80.0}
    text = as_markdown_report(KnownRun(table))
    assert "1 network: 1 trained without measurement" in text
    assert "not measured (predicted 80 ± 2 W)" in text
    assert table.best() == []


def test_times_are_those_of_all_evaluations():
    rejected = {"outcome": "rejected", "seconds": {"build": 0.5, "measure": 2.0, "check": 1.0}}
    earlier = {"start time": 100.0, "end time": 103.0, "measurements": rejected}
    table = RunTable.of_run(example.SETTINGS, [example.jobs()[2] | {"earlier": [earlier]}])
    (line,) = csv.DictReader(io.StringIO(as_csv(table)))
    assert (line["build_s"], line["measure_s"], line["train_s"]) == ("1.5", "11.0", "40.0")
    assert (line["running_s"], line["keep_s"]) == ("63.0", "")
    (entry,) = json.loads(as_json(table))["jobs"]
    assert entry["times"]["running_s"] == 63.0
    assert entry["seconds"] == {"build": 1.5, "measure": 11.0, "train": 40.0, "check": 1.0}


def test_csv_of_names_that_a_column_has_already():
    tasks = [of_task("state", objective=True)]
    jobs = [{"id": 1, "status": "complete", "values": {"state": 2.0}}]
    jobs[0]["params"] = {
        "job": {"type": "enum", "values": [{"name": "a"}]},
        "a,\n": {"type": "int", "values": [1]},
    }
    head, line = csv.reader(io.StringIO(as_csv(RunTable.of_tasks("x", tasks, jobs))))
    assert head[:6] == ["job", "state", "feasible", "state", "job (hyper-parameter)", "a,\\n"]
    assert line[:6] == ["1", "complete", "1", "2.0", '{"name": "a"}', "1"]


def test_json_has_everything(table):
    document = json.loads(as_json(table))
    assert document["run"] == example.RUN
    assert document["settings"]["constraints"] == {"power": 85.0}
    assert document["columns"][1] == {
        "name": "power",
        "unit": "W",
        "objective": False,
        "maximised": False,
        "bound": 85.0,
    }
    assert (document["best"], document["fronts"]) == ([3, 1], {"power": [4, 3, 1]})
    second = document["jobs"][1]
    assert (second["state"], second["values"]) == ("rejected", {"error": None, "power": 97.5})
    assert second["hyperparameters"] == {"units": 40, "akté": "relu"}
    assert document["jobs"][2]["history"] == {"error": [20.0, 9.0]}


def test_markdown_is_the_report_and_all_jobs(table):
    text = as_markdown_report(KnownRun(table))
    assert "## Best within the bounds" in text
    assert "## All jobs" in text
    assert "| 2 | rejected | unknown | 97.5 ± 0.5 W | 40 | relu |" in text
    assert "</script>" not in text
    assert "&lt;/script&gt;" in text


def test_markdown_has_all_parts_of_the_report(tmp_path):
    experiment = example.made(tmp_path)
    settings = experiment.load_settings()
    settings.former_constraints = [{"power": 70.0}]
    experiment.save_settings(settings)
    experiment.save_calibration({"power": {"seconds": 12.5}})
    write_json(experiment.searches_file, {"searches": [{"began": 1000.0, "seconds": 3600.0}]})
    best = BestNetwork(example.RUN, 3, "error", 6.5)
    KeptFolder(experiment.best_folder).replace(best, {"best_model.keras": b"x"})
    text = as_markdown_report(known_run(example.RUN, example.jobs(), experiment))
    assert "* note: the bounds were power below 70 W before\n" in text
    assert "\n## Trained networks\n\n* the network of job 3 is in " in text
    assert "* the run took 1 h 00 min, " in text
    assert "| calibrating the bounds | 12.5 s |" in text


def test_to_a_file_and_to_standard_output(table, tmp_path, capsys):
    file = tmp_path / "é.csv"
    export(KnownRun(table), "csv", file)
    assert capsys.readouterr().out == f"8 networks of {example.RUN} written to {file}\n"
    export(KnownRun(table), "csv", None)
    assert capsys.readouterr().out == file.read_bytes().decode()
    with pytest.raises(UserError, match="cannot be written: No such file or directory"):
        export(KnownRun(table), "csv", tmp_path / "none" / "x.csv")


@given(st.lists(ANY_JOB, max_size=3))
def test_no_document_fails(jobs):
    tasks = [of_task("error", objective=True), of_task("power", objective=False)]
    for table in (RunTable.of_run(example.SETTINGS, jobs), RunTable.of_tasks("x", tasks, jobs)):
        for write, _ in FORMATS.values():
            assert write(KnownRun(table)) or not jobs
        assert len(list(csv.reader(io.StringIO(as_csv(table))))) == len(jobs) + 1
        json.loads(as_json(table))


def test_of_several_objectives_the_front_is_marked():
    jobs = [several(1, 9.0, 70.0), several(2, 5.0, 90.0), several(3, 9.0, 80.0)]
    table = RunTable.of_run(TWO, jobs)
    lines = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [line["front"] for line in lines] == ["1", "1", "0"]
    found = json.loads(as_json(table))
    assert found["best"] == [2, 1]
    assert [entry["objective"] for entry in found["columns"]] == [True, True, False]
