"""One job of experiments/digits on each of Keras' backends: rendered, measured and trained."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def python_of(backend: str) -> Path:
    if backend == "tensorflow":
        return Path(sys.executable)
    python = ROOT / f".venv-{backend}" / "bin" / "python"
    if not python.exists():
        reason = f"no .venv-{backend}: run tests/backends/install.sh {backend}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return python


@pytest.fixture
def run(backend, request):
    """Runs a script of this folder on a backend; returns the JSON in its last line."""
    environment = os.environ | {"KERAS_BACKEND": backend}
    if backend == "jax":
        # Most of its time goes into compiling: quickly, and each program once. What it compiles is
        # the same for all that the tests compare.
        environment |= {
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
            "JAX_COMPILATION_CACHE_DIR": str(request.config.cache.mkdir("jax")),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }

    def answer(script, *arguments):
        done = subprocess.run(
            [str(python_of(backend)), str(Path(__file__).with_name(script)), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return answer


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_one_job_of_the_digits(backend, run, tmp_path):
    folder = tmp_path / "digits on é"
    answer = run("one_job.py", folder)
    measurements = answer["measurements"]
    assert measurements["versions"]["backend"] == backend
    assert backend in measurements["versions"]
    assert answer["macs"] > 0
    assert 0 < answer["runtime"] < 1
    assert math.isclose(1.0 - answer["runtime"], measurements["metrics"]["runtime"]["value"])
    assert measurements["epochs"] == 1
    assert measurements["history"]["loss"][0] > 0
    assert answer["val_loss"] == 1e9 - measurements["history"]["val_loss"][0]
    assert answer["training_time"] == 1e9 - measurements["metrics"]["training_time"]["value"]
    assert 0 <= answer["error"] < 80  # guesses would be wrong in 90%
    assert 0 <= measurements["test_error"] < 80
    assert (folder / "tmp" / "best_model.keras").is_file()
    assert "reason" not in answer
    code = re.findall(
        r"```python\n(.*?)```", (folder / "best" / "README.md").read_text(), re.DOTALL
    )
    code += ["import keras", "print(keras.backend.backend(), model.count_params(), model.compiled)"]
    assert len(code) == 3
    loaded = subprocess.run(
        [str(python_of(backend)), "-c", "\n".join(code)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"},
    )
    assert loaded.returncode == 0, loaded.stderr
    count = int(measurements["metrics"]["params"]["value"])
    assert loaded.stdout.split() == [backend, str(count), "True"]
    lines = (folder / "best" / "requirements.txt").read_text().split("\n")
    assert any(line.startswith(backend) for line in lines)


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["torch"])
def test_steps_of_torch_are_observed_while_that_is_wanted(backend, run):
    assert run("torch_steps.py") == {"seen": [1.0], "weight": 0.0}


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_captured_fit_trains_as_the_script_alone_does(backend, run, tmp_path):
    histories = {how: run("same_history.py", how, tmp_path / how) for how in ("alone", "searched")}
    assert len(histories["alone"]) >= 5
    for name, alone in histories["alone"].items():
        searched = histories["searched"][name]
        searched.pop("error", None)  # ours; Keras does not report it
        assert searched == alone, name


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_a_paused_training_ends_as_one_in_one_piece(backend, run, tmp_path):
    kinds = ["layers", "batches"] if backend == "jax" else []  # it compiles for long
    begun, ended = (run("pausing.py", what, tmp_path, *kinds) for what in ("begin", "end"))
    assert len(begun) >= 2
    for name, (whole, first) in begun.items():
        second, last = ended[name]
        assert [one["paused"] for one in (whole, first, second, last)] == [False, True, True, False]
        assert [one["from"] for one in (whole, first, second, last)] == [0, 0, 1, 3], name
        assert last == whole | {"from": 3}, name
        changing = [len(set(values)) for values in whole["history"].values()]
        assert max(changing) > 2, name  # it is not the same in each epoch
