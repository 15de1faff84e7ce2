"""The text at the end of a run."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements
from hwsearch.report.summary import summary
from hwsearch.template import Template
from tests.hwsearch.measurements.records import ANY_JSON, MEASUREMENTS

NAN = math.nan
SETTINGS = Settings("run", "error", {"runtime": 2e-5}, epochs=3)


@pytest.fixture
def experiment(tmp_path):
    made = Experiment(tmp_path / "an é experiment")
    made.prepare()
    for number in (1, 2, 3):
        made.rendered(number).write_text("")
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Experiment(tmp_path_factory.mktemp("empty"))


def job(number, error, runtime, reason="", status="complete", **measurements):
    return {
        "id": number,
        "status": status,
        "params": {
            "units": {"type": "int", "values": [4]},
            "act": {"type": "enum", "values": ["elu"]},
        },
        "values": {"error": error, "runtime": 2e-5 - runtime},
        "reason": reason,
        "start time": 1000.0 + 10 * number,
        "end time": 1009.0 + 10 * number,
        "measurements": {
            "metrics": {
                "runtime": {"value": runtime, "std_error": 2e-7, "unit": "s/image"},
                "macs": {"value": 48000, "std_error": 0.0},
            },
            "hyperparameters": {"units": 16, "act": "elu"},
            "script": f"tmp/{number:08d}_keras_net.py",
            "seconds": {"train": 4.0, "measure": 2.0},
        }
        | measurements,
    }


def test_an_earlier_run_that_informed_the_search_is_named(experiment):
    settings = Settings("run", "error", learn_from="run-0")
    text = summary(settings, [job(1, 9.0, 1e-5)], experiment)
    assert "\nThe models also learned from results of run-0, which are not among these" in text
    assert "learned" not in summary(SETTINGS, [job(1, 9.0, 1e-5)], experiment)


def test_the_best_under_the_budget_is_shown_in_full(experiment):
    experiment.save_best(
        BestNetwork("run", 2, "error", 3.0, test_error=4.0, model="tmp/best_model.keras")
    )
    experiment.best_model.write_text("")
    jobs = [
        job(1, 9.0, 1e-5),
        job(2, 3.0, 1.234e-5),
        job(3, NAN, 5e-5, "rejected before training: x"),
    ]
    text = summary(SETTINGS, jobs, experiment)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert text.startswith("Best network under the budget: job 2\n")
    assert "runtime 12.3 ± 0.2 µs/image budget: below 20 µs/image" in lines
    assert "test error 4 % not used by the search" in lines
    assert "macs 48,000 MACs/image" in lines
    assert "units 16" in lines
    assert "act elu" in lines
    assert f"  script  {experiment.rendered(2)}\n" in text
    assert f"  model   {experiment.best_model} (trained)\n" in text
    assert (
        "Best network without the budget: the same (the error of the network rejected before "
        "training is unknown)"
    ) in text
    assert "3 networks: 2 trained, 1 rejected before training\n" in text
    assert text.endswith("time: 27.0 s (training 12.0 s, measuring 6.0 s)")


def test_the_mean_of_folds_is_shown_with_its_uncertainty(experiment):
    folds = [{"epochs": 2, "metrics": {"error": error}} for error in (8.0, 9.0, 10.0)]
    found = job(1, 9.0, 1e-5, folds=folds, outcome="trained")
    found["measurements"]["metrics"]["error"] = {"value": 9.0, "std_error": 0.58, "unit": "%"}
    text = " ".join(summary(SETTINGS, [found], experiment).split())
    assert "error 9.0 ± 0.6 % optimised, mean of 3 folds" in text


def test_networks_that_were_only_measured(experiment):
    settings = Settings("run", "runtime", {"macs": 50000.0})
    jobs = [
        {**job(1, NAN, 3e-5, outcome="measured"), "values": {"runtime": 3e-5, "macs": 2000.0}},
        {**job(2, NAN, 1e-5, outcome="measured"), "values": {"runtime": 1e-5, "macs": 2000.0}},
        {**job(3, NAN, NAN, outcome="rejected"), "values": {"runtime": NAN, "macs": -1.0}},
    ]
    del jobs[2]["measurements"]["metrics"]
    text = summary(settings, jobs, experiment)
    assert text.startswith("Best network under the budget: job 2\n")
    assert "  model   not trained: no metric of the search needs a training\n" in text
    unknown = "(the runtime of the network rejected before training is unknown)"
    assert f"Best network without the budget: the same {unknown}\n" in text
    assert "\n3 networks: 2 measured only, 1 rejected before training\n" in text


def test_idle_power_stands_beside_energy(experiment):
    metrics = {"energy": {"value": 0.00102, "std_error": 2e-6}}
    one = job(1, 9.0, 1e-5, metrics=metrics, profile={"idle_power": {"value": 51.25}})
    one["values"] = {"error": 9.0, "energy": 0.001}
    for settings, note in (
        (Settings("run", "error", {"energy": 0.00202}), "budget: below 2.02 mJ/image, "),
        (Settings("run", "energy", {"error": 10.0}), "optimised, "),
        (Settings("run", "error"), ""),
    ):
        text = " ".join(summary(settings, [one], experiment).split())
        assert f"{note}idle power 51.25 W" in text
    del one["measurements"]["profile"]
    assert "idle power" not in summary(settings, [one], experiment)


def test_a_better_one_over_the_budget_is_named(experiment):
    settings = Settings("run", "runtime", {"error": 5.0})
    jobs = [
        {"id": 1, "status": "complete", "values": {"runtime": 3e-5, "error": 1.0}},
        {"id": 2, "status": "complete", "values": {"runtime": 1e-5, "error": -2.0}},
    ]
    text = summary(settings, jobs, experiment)
    assert text.startswith("Best network under the budget: job 1\n")
    assert "Best network without the budget: job 2: runtime 10 µs/image, error 7 %\n" in text


def test_a_cost_within_its_uncertainty_of_the_bound_is_marked(experiment):
    mark = "budget: below 20 µs/image, difference within the uncertainty"
    assert mark in summary(SETTINGS, [job(1, 9.0, 1.97e-5)], experiment)
    assert mark not in summary(SETTINGS, [job(1, 9.0, 1.95e-5)], experiment)


def test_a_network_far_over_the_budget(experiment):
    text = summary(SETTINGS, [job(1, 3.0, 1e-3)], experiment)
    assert "Closest: job 1: runtime 1" in text
    assert ", 4,900% over\n" in text


def test_when_nothing_met_the_budget_the_closest_is_named(experiment):
    rejected = "rejected before training: x"
    jobs = [job(1, NAN, 6e-5, rejected), job(2, NAN, 3e-5, rejected), job(3, NAN, 9e-5, rejected)]
    text = summary(SETTINGS, jobs, experiment)
    assert text.startswith("No network met the budget (runtime below 20 µs/image).\n")
    assert "Closest: job 2: runtime 30.0 ± 0.2 µs/image, 50% over" in text
    assert "The same command with --resume and a looser bound continues this run\n" in text
    sweep = replace(SETTINGS, sweep={"runtime": [2e-5, 1e-5]})
    assert "--resume" not in summary(sweep, jobs, experiment)
    assert "Best network" not in text
    assert "3 networks: 3 rejected before training" in text


def test_a_network_that_met_the_budget_but_diverged_is_not_the_best(experiment):
    text = summary(
        SETTINGS, [job(1, NAN, 1e-5, "training diverged: loss is NaN in epoch 2")], experiment
    )
    assert "No network that met the budget (runtime below 20 µs/image) has a known error.\n" in text
    assert "Job 1: runtime 10.0 ± 0.2 µs/image, but its error is unknown" in text
    assert "  1 × training diverged: loss is NaN\n" in text


def test_a_bounded_metric_without_a_value_is_named_instead_of_the_known_error(experiment):
    settings = replace(SETTINGS, constraints={"runtime": 2e-5, "val_auc": AtLeast(0.9)})
    measured = {"runtime": {"value": 1e-5}, "error": {"value": 3.0, "unit": "%"}}
    text = summary(settings, [job(1, 3.0, 1e-5, metrics=measured)], experiment)
    assert "Job 1: runtime 10 µs/image, but its val_auc is unknown\n" in text
    assert "has a known val_auc.\n" in text


def test_reasons_are_counted_together(experiment):
    jobs = [job(1, 3.0, 1e-5)]
    jobs += [
        {
            "id": n,
            "status": "broken",
            "reason": f"{n:08d}_keras_net.py: the script does not define model",
        }
        for n in range(2, 6)
    ]
    jobs += [{"id": n, "status": "broken", "reason": f"reason {n}"} for n in range(6, 13)]
    jobs += [{"id": 13, "status": "broken"}, {"id": 14, "status": "pending"}]
    text = summary(SETTINGS, jobs, experiment)
    assert "14 networks: 1 trained, 12 broken, 1 not finished\n" in text
    assert "  4 × the script: the script does not define model\n" in text
    assert "  4 × other reasons\n" in text


def test_when_nothing_ran_the_budget_is_not_mentioned(experiment):
    jobs = [{"id": n, "status": "broken", "reason": "no data"} for n in (1, 2)]
    assert summary(SETTINGS, jobs, experiment).startswith("No network could be evaluated.\n")


def test_when_a_run_is_stopped_in_its_first_network(experiment):
    text = summary(SETTINGS, [{"id": 1, "status": "pending"}], experiment)
    assert text.startswith("No network has finished yet.\n\n1 network: 1 not finished\n")


def test_without_constraints_there_is_one_best(experiment):
    text = summary(Settings("run", "error"), [job(1, 3.0, 1e-5), job(2, 2.0, 1e-5)], experiment)
    assert text.startswith("Best network: job 2\n")
    assert "budget" not in text


def test_what_an_old_document_lacks_is_left_out_or_found_elsewhere(experiment):
    template = Template.parse(
        'x = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 9, "transform": "X2"}'
    )
    experiment.save_template(template)
    jobs = [
        {
            "id": 1,
            "status": "complete",
            "params": {"u": {"type": "int", "values": [4]}},
            "values": {"error": 3.0, "runtime": 1e-5},
        }
    ]
    text = summary(SETTINGS, jobs, experiment)
    assert "u  8\n" in text
    assert "time: unknown" in text


@pytest.mark.parametrize(
    "jobs",
    [
        [],
        [{}],
        [{"id": 1, "status": "complete"}],
        [{"id": 1, "status": "complete", "values": None, "measurements": 3, "params": []}],
        [{"id": "x", "status": "complete", "values": {"error": "3", "runtime": True}}],
        [
            {
                "id": 1,
                "status": "complete",
                "values": {"error": 3.0, "runtime": 1.0},
                "params": {"a": 1},
            }
        ],
    ],
)
def test_whatever_is_missing_there_is_a_summary(jobs, experiment):
    assert f"{len(jobs)} network" in summary(SETTINGS, jobs, experiment)


def test_networks_that_were_stopped_early_are_counted_apart(experiment):
    jobs = [job(1, 3.0, 1e-5), job(2, 2.0, 1e-5, outcome="stopped", epochs=1)]
    jobs += [{"id": number, "status": "paused", "progress": 0.5} for number in (3, 4, 5)]
    jobs[2]["ended"] = "its forecast is not the best"
    text = summary(SETTINGS, jobs, experiment)
    assert text.startswith("Best network under the budget: job 2\n")
    assert "5 networks: 1 trained, 2 stopped early, 2 paused\n" in text


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(["complete", "broken"]) | ANY_JSON,
                "measurements": st.builds(Measurements.to_json, MEASUREMENTS) | ANY_JSON,
                "params": st.dictionaries(
                    st.text(), ANY_JSON | st.fixed_dictionaries({"values": ANY_JSON})
                ),
            }
            | dict.fromkeys(["id", "values", "reason", "start time", "end time"], ANY_JSON),
        ),
        max_size=3,
    )
)
def test_no_document_fails(folder, jobs):
    assert f"{len(jobs)} network" in summary(SETTINGS, jobs, folder)


@pytest.mark.parametrize("script", ["x" * 5000, "a\0b", "../elsewhere.py"])
def test_a_script_that_cannot_be_a_file_is_not_there(script, experiment):
    text = summary(SETTINGS, [job(1, 3.0, 1e-5, script=script)], experiment)
    assert "(no longer there)" in text


def test_nothing_from_a_document_forges_a_line_or_changes_the_terminal(experiment):
    forged = "x\x1b[2J\nBest network: job 9\r"
    broken = job(1, NAN, NAN, forged)
    broken["status"] = "broken"
    best = job(2, 3.0, 1e-5, hyperparameters={forged: forged}, script=f"tmp/{forged}")
    text = summary(SETTINGS, [broken, best], experiment)
    assert text.replace("\n", "").isprintable()
    assert "\nBest network: job 9" not in text
    assert "x\\x1b[2J" in text


def test_metrics_of_the_model_are_shown_with_their_directions(experiment):
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.9)}, maximize=True)
    jobs = []
    for number, auc, recall in ((1, 0.8, 0.95), (2, 0.9, 0.45)):
        one = job(number, 5.0, 1e-5)
        one["values"] = {"val_auc": -auc, "val_recall": recall - 0.9}
        known = {"val_auc": auc, "val_recall": recall, "val_loss": 0.25, "training_time": 75}
        one["measurements"]["metrics"] = {name: {"value": known[name]} for name in known}
        jobs.append(one)
    text = summary(settings, jobs, experiment)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:3] == [
        "Best network under the budget: job 1",
        "val_auc 0.8 maximised",
        "val_recall 0.95 budget: at least 0.9",
    ]
    assert "val_loss 0.25" in lines
    assert "training_time" not in text
    assert "Best network without the budget: job 2: val_auc 0.9, val_recall 0.45" in lines
    text = summary(settings, jobs[1:], experiment)
    assert "No network met the budget (val_recall at least 0.9).\n" in text
    assert "Closest: job 2: val_recall 0.45, 50% short" in text


def test_no_percentage_of_a_bound_of_0_is_given(experiment):
    settings = Settings("run", "error", {"val_r2": AtLeast(0.0)})
    one = job(1, 5.0, 1e-5)
    one["values"] = {"error": 5.0, "val_r2": -0.2}
    one["measurements"]["metrics"] = {"error": {"value": 5.0}, "val_r2": {"value": -0.2}}
    text = summary(settings, [one], experiment)
    assert "Closest: job 1: val_r2 -0.2, 0.2 short\n" in text


@pytest.mark.parametrize(
    "note",
    [
        "fit validates on x_test: the search selects on it, so the reported error is too low",
        "accuracy is misleading: Keras counts outputs above 0.5 as yes",
    ],
)
def test_what_the_results_of_a_script_mean_is_said_once(note, experiment):
    jobs = [job(n, 3.0 + n, 1e-5, notes=["macs is unknown", note]) for n in (1, 2)]
    text = summary(SETTINGS, jobs, experiment)
    assert text.count(f"\n  note: {note}\n") == 1
    assert "macs is unknown" not in text


def test_of_several_objectives_the_front_is_shown(experiment):
    two = Settings("run", "error", {"macs": 5e4}, further_objectives={"runtime": False})
    found = [(1, 9.0, 1e-5), (2, 3.0, 3e-5), (3, 9.5, 2e-5)]
    jobs = [job(number, error, runtime) for number, error, runtime in found]
    for one in jobs:
        runtime = one["measurements"]["metrics"]["runtime"]["value"]
        one["values"] = {"error": one["values"]["error"], "runtime": runtime, "macs": 2e3}
    text = summary(two, jobs, experiment)
    assert text.startswith(
        "Pareto front of error and runtime within the bounds\n"
        "  no other network is better in one and as good in all others\n"
        "  job  error              runtime               macs\n"
        "  2      3 %  30.0 ± 0.2 µs/image  48,000 MACs/image\n"
        "  1      9 %  10.0 ± 0.2 µs/image  48,000 MACs/image\n"
    )
    assert "job 2  job 1" in text
    assert "Best network" not in text
    none = Settings("run", "error", {"macs": 5.0}, further_objectives={"runtime": False})
    assert summary(none, jobs, experiment).startswith("No network met the budget (macs below 5")
