"""Resuming a run: what may differ from its beginning."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.budget import AtLeast, is_unknown
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.launch.command import flags
from hwsearch.launch.command.request import Request
from hwsearch.launch.earlier_runs.resuming import check_template, merged
from hwsearch.template import Template

SETTINGS = Settings(
    "run-1", "error", {"power": 85.0, "runtime": 1e-5}, {"runtime": 33.0}, epochs=15
)
TEXT = 'a = HYPERPARAM{"type": "INT", "token": "a", "min": 1, "max": 5}\n'


def request(
    constraints: dict | None = None, shares: dict | None = None, **given: object
) -> Request:
    return Request("dir", constraints or {}, shares or {}, given, resume=True)


def test_flags_that_are_not_given_keep_their_values() -> None:
    assert merged(SETTINGS, request()) == SETTINGS


def test_the_same_flags_again() -> None:
    again = request(
        {"power": 85.0, "runtime": math.nan}, {"runtime": 33.0}, optimize="error", epochs=15
    )
    assert merged(SETTINGS, again) == SETTINGS


def test_limits_may_change() -> None:
    result = merged(
        SETTINGS, request(max_finished_jobs=30, max_time=5.0, max_concurrent=2, debug=True)
    )
    assert (result.max_finished_jobs, result.max_time, result.max_concurrent) == (30, 5.0, 2)
    assert result.debug
    assert SETTINGS.max_finished_jobs is None


@pytest.mark.parametrize("name", ["unaware", "per_second", "mixed_devices", "debug"])
def test_switches_can_be_taken_back(name: str) -> None:
    before = replace(SETTINGS, **{name: True})
    assert getattr(merged(before, request()), name)
    asked = flags.read(["--experiment", "dir", "--resume", f"--no_{name}"])
    assert not getattr(merged(before, asked), name)


def test_the_method_may_change() -> None:
    result = merged(SETTINGS, request(method="random_walk", unaware=True))
    assert (result.method, result.unaware) == ("random_walk", True)
    assert merged(SETTINGS, request(per_second=True)).per_second
    assert merged(result, request(method="auto")).method == "auto"


@pytest.mark.parametrize("name", ["unaware", "mixed_devices", "keep_models", "repeats"])
def test_what_needs_all_measurements_is_refused_where_some_were_left_out(name: str) -> None:
    needed = replace(SETTINGS, measure="needed")
    expected = f"--resume: run-1 has measure needed, got --{name}, which needs all measurements; "
    with pytest.raises(UserError, match=f"^{expected}"):
        merged(needed, request(**{name: True}))
    assert merged(SETTINGS, request(**{name: True}))
    assert merged(needed, request(max_time=5.0)).max_time == 5.0


RESOURCES = {"big": {"scheduler": "SGE"}}


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        ({}, {"scheduler": "slurm", "scheduler_args": "-x"}, ("slurm", "-x", None)),
        ({}, {"resources": RESOURCES}, ("local", None, RESOURCES)),
        (
            {"scheduler": "slurm", "scheduler_args": "-x"},
            {"max_concurrent": 9},
            ("slurm", "-x", None),
        ),
        (
            {"scheduler": "slurm", "scheduler_args": "-x"},
            {"scheduler": "slurm"},
            ("slurm", "-x", None),
        ),
        ({"scheduler": "slurm", "scheduler_args": "-x"}, {"scheduler": "pbs"}, ("pbs", None, None)),
        (
            {"scheduler": "slurm", "scheduler_args": "-x"},
            {"scheduler_args": "-y"},
            ("slurm", "-y", None),
        ),
        (
            {"scheduler": "slurm", "scheduler_args": "-x"},
            {"resources": RESOURCES},
            ("local", None, RESOURCES),
        ),
        ({"resources": RESOURCES}, {}, ("local", None, RESOURCES)),
        ({"resources": RESOURCES}, {"scheduler": "local"}, ("local", None, None)),
    ],
)
def test_jobs_may_run_elsewhere(before: dict, asked: dict, after: tuple) -> None:
    result = merged(replace(SETTINGS, **before), request(**asked))
    assert (result.scheduler, result.scheduler_args, result.resources) == after


@pytest.mark.parametrize(
    ("before", "asked", "fault"),
    [
        ({}, {"scheduler_args": "-x"}, "which has local jobs; expected --scheduler too"),
        (
            {"resources": RESOURCES},
            {"max_concurrent": 9},
            "--max_concurrent: given for run-1, which has --resources; expected --resources with",
        ),
        ({"resources": RESOURCES}, {"scheduler_args": "-x"}, "--scheduler_args: given for run-1"),
    ],
)
def test_places_that_do_not_fit_to_the_earlier_ones(before: dict, asked: dict, fault: str) -> None:
    with pytest.raises(UserError) as caught:
        merged(replace(SETTINGS, **before), request(**asked))
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "differs"),
    [
        (request(epochs=3), "epochs 15, got --epochs 3"),
        (request(optimize="power"), "optimize error, got --optimize power"),
        (request(seed=1), "seed 0, got --seed 1"),
        (request(profile_batch_size=1), "profile_batch_size none, got --profile_batch_size 1"),
        (
            request(optimize="error", maximize=True),
            "run-1 has error minimised, got --maximize error",
        ),
        (request({"error": 5.0}), "run-1 has the objective error, but --constraint bounds it"),
    ],
)
def test_changes_that_would_mix_results(asked: Request, differs: str) -> None:
    with pytest.raises(UserError) as caught:
        merged(SETTINGS, asked)
    assert str(caught.value).startswith("--resume: run-1 has ")
    assert differs in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    experiment = Experiment(tmp_path)
    experiment.prepare()
    experiment.template_file.write_text(json.dumps(Template.parse(TEXT).to_json()))
    return experiment


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (TEXT.replace("5}", '5, "transform": "X2"}'), "'a' was INT 1..5 and is INT 1..5 X2"),
        (TEXT.replace("5}", '5, "log": true}'), "'a' was INT 1..5 and is INT 1..5 log"),
        (TEXT.replace("INT", "FLOAT"), "'a' was INT 1..5 and is FLOAT 1.0..5.0"),
        (TEXT.replace('"a"', '"b"'), "'a' was removed; 'b' is new"),
    ],
)
def test_hyperparameters_that_changed(experiment: Experiment, text: str, change: str) -> None:
    with pytest.raises(UserError, match="hyper-parameters have changed") as caught:
        check_template(experiment, Template.parse(text))
    assert change in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("new", "change"),
    [("6}", "INT 1..6"), ("3}", "INT 1..3"), ('5, "step": 2}', "INT 1..5 step 2")],
)
def test_ranges_may_change(experiment: Experiment, new: str, change: str) -> None:
    template = Template.parse(TEXT.replace("5}", new), "net.py")
    assert check_template(experiment, template) == [
        f"note: net.py: hyper-parameter 'a' was INT 1..5 and is {change}; earlier results are kept"
    ]


def test_options_may_be_added_and_conditions_may_not_change(experiment: Experiment) -> None:
    choice = 'y = HYPERPARAM{"type": "ENUM", "token": "e", "options": ["s", null]}\n'
    text = TEXT.replace("5}", '5, "when": {"e": "s"}}') + choice
    experiment.template_file.write_text(json.dumps(Template.parse(text).to_json()))
    more = Template.parse(text.replace("null]", "null, [1]]"), "net.py")
    assert check_template(experiment, more) == [
        "note: net.py: hyper-parameter 'e' was ENUM [\"s\", null] and is "
        'ENUM ["s", null, [1]]; earlier results are kept'
    ]
    assert check_template(experiment, Template.parse(text.replace('"s"}', '["s"]}'), "net.py")) == [
        "note: net.py has changed since the run began; earlier results are kept"
    ]
    with pytest.raises(UserError, match="'when' of 'a' has changed"):
        check_template(experiment, Template.parse(text.replace('"s"}', "null}")))


def test_a_changed_script_is_noted(experiment: Experiment) -> None:
    assert check_template(experiment, Template.parse(TEXT, "elsewhere.py")) == []
    (note,) = check_template(experiment, Template.parse(TEXT + "x = 1\n", "net.py"))
    assert note.startswith("note: net.py has changed")


def test_a_template_file_that_is_broken(experiment: Experiment) -> None:
    experiment.template_file.write_text("{")
    with pytest.raises(UserError, match=r"template\.json: got no valid JSON"):
        check_template(experiment, Template.parse(TEXT))


FORMER = [{"power": 85.0, "runtime": 1e-5}]


@pytest.mark.parametrize(
    ("asked", "constraints", "shares"),
    [
        (request({"power": 70.0}), {"power": 70.0}, {}),
        (request({"val_auc": AtLeast(0.9)}), {"val_auc": AtLeast(0.9)}, {}),
        (
            request({"power": 70.0, "runtime": math.nan}, {"runtime": 33.0}),
            {"power": 70.0, "runtime": 1e-5},
            {"runtime": 33.0},
        ),
    ],
)
def test_bounds_may_change_and_the_former_ones_are_kept(
    asked: Request, constraints: dict, shares: dict
) -> None:
    result = merged(SETTINGS, asked)
    assert (result.constraints, result.shares) == (constraints, shares)
    assert result.former_constraints == FORMER
    assert Settings.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert merged(result, asked) == result
    assert SETTINGS.former_constraints == []


def test_another_percentage_is_still_to_be_determined() -> None:
    result = merged(SETTINGS, request({"runtime": AtLeast(math.nan)}, {"runtime": 33.0}))
    assert is_unknown(result.constraints["runtime"])
    result = merged(SETTINGS, request({"runtime": math.nan}, {"runtime": 50.0}))
    assert is_unknown(result.constraints["runtime"])
    assert result.shares == {"runtime": 50.0}


@pytest.mark.parametrize("place", [{"scheduler": "slurm"}, {"resources": RESOURCES}])
def test_this_machine_measures_nothing_for_jobs_elsewhere(place: dict) -> None:
    elsewhere = replace(SETTINGS, **place)
    asked = request({"runtime": math.nan}, {"runtime": 50.0})
    with pytest.raises(UserError, match=r"^--constraint_val: got a percentage for runtime, which"):
        merged(elsewhere, asked)
    with pytest.raises(UserError, match=r"^--constraint_val: got a percentage for runtime, which"):
        merged(SETTINGS, request({"runtime": math.nan}, {"runtime": 50.0}, **place))
    with pytest.raises(UserError, match=r"^--profile: got 20 for jobs that run elsewhere;"):
        merged(elsewhere, Request("dir", profile=20, resume=True))
    assert merged(SETTINGS, Request("dir", profile=20, resume=True)) == SETTINGS
    same = request({"runtime": math.nan}, {"runtime": 33.0})
    assert merged(elsewhere, same).constraints == {"runtime": 1e-5}
    computed = request({"params": math.nan}, {"params": 50.0})
    assert is_unknown(merged(elsewhere, computed).constraints["params"])


def test_a_direction_that_is_repeated_is_no_change() -> None:
    settings = Settings("run-1", "val_dice", maximize=True)
    assert merged(settings, request(optimize="val_dice")) == settings
    assert merged(settings, request(optimize="val_dice", maximize=True)) == settings


def test_the_objectives_of_a_run_stay() -> None:
    two = replace(SETTINGS, constraints={}, further_objectives={"macs": False})
    same = request(optimize="error", maximize=False, further_objectives={"macs": False})
    assert merged(two, same) == two
    for settings, further, said in (
        (two, {}, "optimize error, macs, got --optimize error;"),
        (two, {"macs": False, "power": False}, "error, macs, got --optimize error, macs, power;"),
        (SETTINGS, {"macs": False}, "optimize error, got --optimize error, macs;"),
    ):
        with pytest.raises(UserError, match=said):
            merged(settings, request(optimize="error", further_objectives=further))
    with pytest.raises(UserError, match="the objective macs, but --constraint bounds it"):
        merged(two, request({"macs": 5.0}))


def test_the_budgets_of_a_sweep_stay() -> None:
    swept = replace(SETTINGS, constraints={"power": 70.0}, shares={}, sweep={"power": [85.0, 70.0]})
    assert merged(swept, request(sweep={"power": [85.0, 70.0]})) == swept
    with pytest.raises(
        UserError, match="has sweep power 85 W and 70 W, got --sweep power 85 W and 60 W;"
    ):
        merged(swept, request(sweep={"power": [85.0, 60.0]}))
    with pytest.raises(UserError, match="has no sweep, got --sweep power 85 W and 70 W;"):
        merged(SETTINGS, request(sweep={"power": [85.0, 70.0]}))
    with pytest.raises(UserError, match="has budgets of --sweep power, got --constraint; expected"):
        merged(swept, request({"power": 50.0}))
