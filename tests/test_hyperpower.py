"""hyperpower.py: the objective that mainrun.py calls, and the command that finds a bound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hyperpower
from hwsearch.evaluation import EvaluationError
from hwsearch.experiment import Experiment, Settings
from hwsearch.template import Template

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = """
import keras
import numpy as np

units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
x_train, y_train = np.zeros((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 8
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
"""


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """The optimiser calls the objective in the `spearmint` folder of an experiment."""
    made = Experiment(tmp_path / "an experiment")
    made.prepare()
    made.template.parent.mkdir()
    made.template.write_text(TEMPLATE)
    made.save_settings(Settings("run", "params", {"error": 100.0}, epochs=1))
    made.save_template(Template.parse(TEMPLATE))
    monkeypatch.chdir(made.spearmint_dir)
    return made


def values(units: int) -> dict[str, Any]:
    return {"units": {"type": "int", "values": [units]}}


def test_a_job_becomes_a_number_for_each_task(experiment: Experiment) -> None:
    answer = hyperpower.main(3, values(5))
    assert answer["params"] == 3 * 5 + 6 * 2
    assert 0 <= answer["error"] <= 100
    assert "measurements" in answer
    assert experiment.rendered(3).is_file()


def test_the_template_is_the_one_of_the_run(experiment: Experiment) -> None:
    experiment.template.write_text("changed since")
    assert hyperpower.main(1, values(5))["params"] == 27


@pytest.mark.parametrize("name", ["settings.json", "template.json"])
def test_a_missing_file_of_the_run_is_an_error_of_the_job(
    experiment: Experiment, name: str
) -> None:
    (experiment.tmp / name).unlink()
    with pytest.raises(EvaluationError, match=name):
        hyperpower.main(1, values(5))


def test_importing_it_loads_no_keras() -> None:
    code = "import hyperpower, sys; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_mistake_on_the_command_line_is_one_line_and_status_2() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "hyperpower.py"), "--calibrat", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--calibrat: no such flag; --help shows all; did you mean '--cal")


@pytest.mark.parametrize("words", [["--profile", "x"], ["--profile=x"]])
def test_profiles_are_asked_for_with_or_without_an_equals_sign(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "hyperpower.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--networks: got nothing; expected a whole number above 0\n"
