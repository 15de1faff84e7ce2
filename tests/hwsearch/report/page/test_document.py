"""The document of a page."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from hwsearch.report import columns, row
from hwsearch.report.page import document as page_document
from hwsearch.report.page.document import Source, document, group
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.page import samples
from tests.hwsearch.report.test_run_table import TWO, several


@pytest.fixture(scope="module")
def shown():
    return document(samples.source(24))


def test_each_job_has_its_values_in_the_units_of_the_columns(shown):
    runtime = next(c for c in shown["columns"] if c["name"] == "runtime")
    assert (runtime["unit"], runtime["bound"]) == ("µs/image", 6.0)
    assert runtime["label"] == "runtime (µs/image)"
    first = shown["rows"][0]
    job = samples.jobs(1)[0]
    expected = 1e6 * job["measurements"]["metrics"]["runtime"]["value"]
    assert first["values"]["runtime"] == pytest.approx(expected, rel=1e-5)
    assert first["settings"]["units"] == job["measurements"]["hyperparameters"]["units"]


def test_what_became_of_each_job(shown):
    groups = {entry["job"]: entry["group"] for entry in shown["rows"]}
    assert groups[5] == "failed"
    assert shown["rows"][4]["reason"].startswith("ValueError: <b>bold</b>")
    assert list(groups.values()).count("best") == 1
    for entry in shown["rows"]:
        over = entry["values"].get("runtime", 0) > 6.0
        assert (entry["group"] == "rejected") == over
    best = next(entry for entry in shown["rows"] if entry["group"] == "best")
    errors = [e["values"]["error"] for e in shown["rows"] if "error" in e["values"]]
    assert best["values"]["error"] == min(errors)


def test_jobs_over_the_budget_that_were_trained_and_running_ones():
    documents = samples.jobs(3)
    documents[0]["values"] = {"error": 1.0, "runtime": -1.0}
    documents[0]["measurements"] = {"outcome": "trained", "epochs": 1}
    documents[1] |= {"status": "pending", "values": None}
    documents[2]["values"] = {"error": 1.0, "runtime": math.nan}
    predicted = {"runtime": {"value": 5e-6, "std_error": 1e-7, "unit": "s/image"}}
    documents[2]["measurements"] = {"outcome": "trained", "predicted": predicted}
    rows = [row.of_network(each, samples.SETTINGS, None) for each in documents]
    assert [group(each, ()) for each in rows] == ["over", "running", "unmeasured"]
    assert rows[2].reason == "runtime not measured (predicted 5.00 ± 0.10 µs/image)"


def test_the_best_so_far_never_gets_worse(shown):
    best = [value for value in shown["progress"]["best"] if value is not None]
    assert best == sorted(best, reverse=True)
    assert len(shown["progress"]["jobs"]) == 24
    assert shown["progress"]["times"] == sorted(shown["progress"]["times"])
    assert shown["progress"]["unit"] == "min"


def test_hyper_parameters_are_numbers_or_choices(shown):
    kinds = {entry["name"]: entry for entry in shown["hyperparameters"]}
    assert kinds["units"]["number"]
    assert kinds["rate"]["number"]
    assert set(kinds["kind"]["options"]) == {"relu", samples.EVIL}


def test_numbers_beside_other_options_are_choices_that_the_filters_find():
    documents = samples.jobs(3)
    for job, value in zip(documents, (None, 0.5, 1e-5), strict=True):
        job["measurements"]["hyperparameters"] = {"rate": value}
    shown = document(Source(RunTable.of_run(samples.SETTINGS, documents), "today"))
    [entry] = shown["hyperparameters"]
    assert entry == {"name": "rate", "number": False, "options": ["None", "0.5", "1e-05"]}
    assert [job["settings"]["rate"] for job in shown["rows"]] == entry["options"]


def test_curves_are_those_of_the_best_networks(shown, monkeypatch):
    curves = shown["curves"]
    assert curves["name"] == "error"
    assert len(curves["jobs"]) == curves["all"] < 24
    monkeypatch.setattr(page_document, "MOST_CURVES", 2)
    fewer = document(samples.source(24, analysis={}))["curves"]
    assert fewer["jobs"] == curves["jobs"][:2]
    assert fewer["all"] == curves["all"]
    best = next(entry for entry in shown["rows"] if entry["group"] == "best")
    assert curves["jobs"][0] == best["job"]


def test_it_is_strict_json(shown):
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown


def test_a_run_without_jobs():
    empty = document(Source(RunTable.of_run(samples.SETTINGS, []), "today"))
    assert empty["rows"] == []
    assert empty["models"] == []
    assert empty["curves"]["jobs"] == []


def test_an_experiment_of_spearmints_own_form():
    tasks = (columns.of_task("main", objective=True), columns.of_task("c", objective=False))
    jobs = [
        {
            "id": n,
            "status": "complete",
            "params": {"x": {"type": "float", "values": [0.5, n]}},
            "values": {"main": math.inf if n == 2 else float(n), "c": 1.0},
        }
        for n in (1, 2, 3)
    ]
    shown = document(Source(RunTable.of_tasks("old", tasks, jobs), "today"))
    assert [entry["values"].get("main") for entry in shown["rows"]] == [1.0, None, 3.0]
    assert shown["rows"][0]["settings"] == {"x[0]": 0.5, "x[1]": 1}
    assert shown["columns"][1]["bound"] == 0.0


def test_a_front_is_drawn_and_marked():
    jobs = [several(1, 9.0, 70.0), several(2, 5.0, 90.0), several(3, 9.0, 80.0)]
    for number, job in enumerate(jobs):
        job |= {"start time": 100.0 * number, "end time": 100.0 * number + 50}
    shown = document(Source(RunTable.of_run(TWO, jobs), "today"))
    assert [entry["group"] for entry in shown["rows"]] == ["best", "best", "under"]
    assert "front" not in shown["columns"][0]
    assert shown["columns"][1]["front"] == [2, 1]
    progress = shown["progress"]
    assert progress["label"] == "hypervolume (% of the last)"
    assert progress["best"][1:] == [100, 100]
    assert 0 < progress["best"][0] < 100
    three = replace(TWO, constraints={}, further_objectives={"power": False, "macs": False})
    columns = document(Source(RunTable.of_run(three, jobs), "today"))["columns"]
    assert [column.get("front") for column in columns] == [None, [], []]
