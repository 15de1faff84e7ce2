"""An experiment's files: checks, and what is read from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.template import Template


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    made = Experiment(tmp_path / 'it\'s [my] "exp" é')
    made.prepare()
    return made


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", '{"a": 1}', "[" * 100_000])
def test_settings_that_are_broken(experiment: Experiment, text: str) -> None:
    experiment.settings_file.write_text(text, encoding="latin-1")
    with pytest.raises(UserError) as caught:
        experiment.load_settings()
    assert all(str(experiment.settings_file) in line for line in str(caught.value).splitlines())


def test_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        Experiment(tmp_path / "no").check()
    with pytest.raises(UserError, match=r"network_def.py: no such file"):
        Experiment(tmp_path).check()
    (tmp_path / "tmp").touch()
    with pytest.raises(UserError, match="tmp: File exists; expected a writable folder"):
        Experiment(tmp_path).prepare()


def test_the_template_of_a_run(experiment: Experiment) -> None:
    template = Template.parse('x = HYPERPARAM{"type": "INT", "token": "u", "min": 1, "max": 9}')
    experiment.save_template(template)
    assert experiment.load_template().to_json() == template.to_json()
    found = experiment.find_template()
    assert found is not None
    assert found.to_json() == template.to_json()


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"text": 3}'])
def test_a_template_that_is_missing_or_broken_is_named(
    experiment: Experiment, text: str | None
) -> None:
    if text is not None:
        experiment.template_file.write_text(text)
    with pytest.raises(UserError) as caught:
        experiment.load_template()
    assert str(caught.value).startswith(f"{experiment.template_file}: ")
    assert "\n" not in str(caught.value)
    assert experiment.find_template() is None


def test_calibrations_of_several_metrics_add_up(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path / "new")
    assert experiment.load_calibration() == {}
    experiment.save_calibration({"power": {"bound": 85.0}, "runtime": {"bound": 1.0}})
    experiment.save_calibration({"runtime": {"bound": 2.0}})
    assert experiment.load_calibration() == {"power": {"bound": 85.0}, "runtime": {"bound": 2.0}}


def test_the_time_of_calibrations_for_former_bounds_counts(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    assert experiment.calibration_s == 0.0
    experiment.save_calibration({"power": {"seconds": 8.0}, "runtime": {"seconds": 8.0}})
    experiment.save_calibration({"memory": {"seconds": 2.5}})
    assert experiment.calibration_s == 10.5
    experiment.save_calibration({"power": {"seconds": 4.0}, "x": {"seconds": "?"}})
    assert experiment.calibration_s == 14.5


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_calibration_that_is_broken_is_written_anew(experiment: Experiment, text: str) -> None:
    experiment.calibration_file.write_text(text)
    experiment.save_calibration({"power": {"bound": 85.0}})
    assert experiment.load_calibration() == {"power": {"bound": 85.0}}


@pytest.mark.parametrize("text", [None, "", "[]", "{", '{"experiment": "run", "job": "x"}'])
def test_a_best_network_that_is_missing_or_broken(experiment: Experiment, text: str | None) -> None:
    if text is not None:
        experiment.best_file.write_text(text)
    assert experiment.best("run") is None
