"""What README.md says about a network; its commands are run."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hwsearch.atomic_files import write_json
from hwsearch.experiment import Settings
from hwsearch.experiment.keep_best import Candidate, keep_if_best
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.kept.readme import readme
from hwsearch.keras_runtime import versions
from hwsearch.measurements import Measurements, Quantity
from hwsearch.network.network import Network
from hwsearch.network.way_to_load import Loading
from tests.hwsearch.experiment.kept.samples import SETTINGS, network, prepared
from tests.hwsearch.network.loadable import CASES, rendered

X = np.linspace(0, 1, 64).reshape(16, 4).astype("float32")
#: Runs each block of each README in a process of its own, forked after Keras is imported.
RUNNER = """
import os, pathlib, re, sys
import keras
import numpy as np
x = np.linspace(0, 1, 64).reshape(16, 4).astype("float32")
for folder in map(pathlib.Path, sys.argv[1:]):
    text = (folder / "README.md").read_text()
    for number, code in enumerate(re.findall(r"```python\\n(.*?)```", text, re.DOTALL)):
        if not os.fork():
            names = {}
            exec(code, names)
            np.save(folder / f"out{number}.npy", names["model"].predict(x, verbose=0))
            if names["model"].compiled:
                (folder / f"compiled{number}").write_text("")
            sys.stdout.flush()
            os._exit(0)
        os.wait()
"""


def test_values_are_in_the_users_units() -> None:
    one = network(7, 2.5, 80.0)
    text = readme(one, SETTINGS, ["requirements.txt"], Path("/e/models/job-7"), Path("/e"))
    assert text.startswith("# Network 7 of run\n")
    for line in (
        "    error  2.50 ± 0.10 %  optimised",
        "    power  80 W           budget: below 85 W",
        "    seed   7",
        "It was trained with Python 3.12.1, Keras 3.13.2, jax 0.9.",
        "    units_|  8",
        "- `network.json`: the same information for programs",
    ):
        assert line in text.split("\n")


def test_the_model_of_a_cross_validation_is_that_of_one_fold() -> None:
    one = dataclasses.replace(network(7, 2.5), folds=5, model="tmp/best_model.keras")
    text = readme(one, SETTINGS, [], Path("/e/best"), Path("/e"))
    assert (
        "Error, losses and metrics are means of 5 folds. The model is that of the best fold" in text
    )
    assert "-m hwsearch.finish /e --job 7 --all_data\n" in text
    assert "folds" not in readme(network(7), SETTINGS, [], Path("/e/best"), Path("/e"))


def test_names_cannot_break_the_text() -> None:
    one = network(7)
    hostile = type(one)(
        "a_b", 7, "error", 2.0, hyperparameters={"a\n# x": "``` \n", "b": ["<b>"]}, seed=1
    )
    text = readme(hostile, SETTINGS, [], Path("/e/best"), Path('/it\'s "here"/e'))
    assert text.startswith(r"# The best network of a\_b")
    assert r"    a\n# x  ``` \n" in text
    assert "hwsearch.finish '/it'\"'\"'s \"here\"/e' --job 7\n" in text


def kept(case: str, folder: Path) -> tuple[Path, np.ndarray]:
    """A network that was trained and kept; the folder and its predictions."""
    settings = Settings("run", "error")
    experiment = prepared(folder, settings)
    script = rendered(folder, *CASES[case][1:], name="tmp/00000003_keras_net.py")
    modules = {"scaled.py": (folder / "keras_model" / "scaled.py").read_text()}
    write_json(experiment.template_file, {"modules": modules})
    trained = Network.from_script(script, seed=1)
    trained.train(1, seed=1)
    measurements = Measurements(
        script="tmp/00000003_keras_net.py",
        metrics={"error": Quantity(4.0)},
        versions=versions(),
    )
    keep_if_best(experiment, settings, Candidate(3, {"error": 4.0}, measurements), trained)
    return experiment.best_folder, trained.model.predict(X, verbose=0)


@pytest.mark.slow
def test_its_commands_load_the_network_in_another_program(tmp_path: Path) -> None:
    found = {
        case: kept(case, tmp_path / f'it\'s "{number}" {{x}}') for number, case in enumerate(CASES)
    }
    for folder, _ in found.values():  # the script's own modules are in the folder, too
        (folder.parent / "keras_model" / "scaled.py").unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *(str(folder) for folder, _ in found.values())],
        cwd=elsewhere,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
    )
    for case, (folder, expected) in found.items():
        blocks = (folder / "README.md").read_text().count("```python")
        assert blocks == (2 if case == "own loss" else 1)
        for number in range(blocks):
            assert (folder / f"out{number}.npy").is_file(), (case, done.stderr)
            np.testing.assert_array_equal(np.load(folder / f"out{number}.npy"), expected)
            uncompiled = CASES[case][0] is Loading.UNCOMPILED and number == 0
            assert (folder / f"compiled{number}").is_file() == (not uncompiled), case
        kept_network = KeptFolder(folder).network()
        assert kept_network is not None
        assert kept_network.loading == CASES[case][0]
        lines = (folder / "requirements.txt").read_text().splitlines()
        assert re.fullmatch(r"# Python 3\.\d+\.\d+", lines[0])
        assert {"keras", "numpy"} <= {line.partition("==")[0] for line in lines[1:]}
