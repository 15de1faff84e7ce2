"""experiments/mnist and cifar10, with small archives of the real format and without any."""

from __future__ import annotations

import io
import pickle
import random
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from hwsearch.counting import count
from hwsearch.network.datasets.held_out import HeldOut
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.template import Template

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache for Keras, and no connection to the network."""
    from keras.src.utils import file_utils

    home = tmp_path / "keras home"
    (home / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(home))  # for new processes; this one has already read it
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(home))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    return home / "datasets"


@pytest.fixture
def any_archive(monkeypatch):
    """Makes Keras accept archives whose checksum is not that of the real ones."""
    from keras.src.utils import file_utils

    monkeypatch.setattr(file_utils, "validate_file", lambda *_, **__: True)


def template(name: str) -> Template:
    return Template.from_file(EXPERIMENTS / name / "keras_model" / "network_def.py")


def rendered(name: str, folder: Path, end: str | None = None) -> Path:
    """A job script of the template with all minima, all maxima, or random values."""
    rng = random.Random(0)
    params = {
        token: variable[end]
        if end
        else rng.uniform(variable["min"], variable["max"])
        if variable["type"] == "FLOAT"
        else rng.randint(variable["min"], variable["max"])
        for token, variable in template(name).variables().items()
    }
    path = folder / "00000001_keras_net.py"
    home = Path(template(name).path)
    path.write_text(
        rendered_script.standalone(template(name).render(params), home=home, seed=1, title="job 1"),
        encoding="utf-8",
    )
    return path


def test_the_ranges_are_those_of_the_paper():
    cifar10, mnist = template("cifar10").variables(), template("mnist").variables()
    assert (len(cifar10), len(mnist)) == (13, 6)
    for layer in (1, 2, 3):
        assert cifar10[f"conv{layer}_features"]["min"] == 20
        assert cifar10[f"conv{layer}_features"]["max"] == 80
        assert (cifar10[f"conv{layer}_kernel"]["min"], cifar10[f"conv{layer}_kernel"]["max"]) == (
            2,
            5,
        )
        assert (cifar10[f"pool{layer}"]["min"], cifar10[f"pool{layer}"]["max"]) == (1, 3)
    for name in ("cifar10", "mnist"):
        low, high = (
            template(name).values({t: v[end] for t, v in template(name).variables().items()})
            for end in ("min", "max")
        )
        assert (low["fc1_units"], high["fc1_units"]) == (200, 700)
        assert (low["learning_rate"], high["learning_rate"]) == pytest.approx((0.1, 0.001))
        assert (low["momentum"], high["momentum"]) == (0.8, 0.95)
        assert (low["weight_decay"], high["weight_decay"]) == pytest.approx((0.01, 0.0001))


@pytest.mark.parametrize(
    ("name", "file", "origin", "place"),
    [
        ("mnist", "mnist.npz", "https://storage.googleapis.com/", "mnist.npz"),
        (
            "cifar10",
            "cifar-10-python.tar.gz",
            "https://www.cs.toronto.edu/",
            "cifar-10-batches-py-target_archive",
        ),
    ],
)
def test_without_a_network_one_line_names_the_file_and_its_place(
    name, file, origin, place, cache, tmp_path
):
    with pytest.raises(NetworkError) as caught:
        Network.from_script(rendered(name, tmp_path), seed=1)
    said = str(caught.value)
    assert f": {file} could not be downloaded from {origin}" in said
    assert said.endswith(f"download it yourself and put it at {cache / place}")
    assert "\n" not in said


@pytest.mark.slow
def test_the_calibration_prints_that_line_without_a_traceback(cache, tmp_path):
    experiment = tmp_path / "mnist"
    shutil.copytree(EXPERIMENTS / "mnist" / "keras_model", experiment / "keras_model")
    program = EXPERIMENTS.parent / "hyperpower.py"
    done = subprocess.run(
        [sys.executable, str(program), "--calibrate", str(experiment), "--metrics", "params",
         "--share", "30", "--samples", "2"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.endswith(f"put it at {cache / 'mnist.npz'}\n")
    assert "Traceback" not in done.stderr


def small_mnist(cache: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(
        cache / "mnist.npz",
        x_train=rng.integers(0, 256, (60, 28, 28), dtype="uint8"),
        y_train=np.arange(60, dtype="uint8") % 10,
        x_test=rng.integers(0, 256, (20, 28, 28), dtype="uint8"),
        y_test=np.arange(20, dtype="uint8") % 10,
    )


def small_cifar10(cache: Path) -> None:
    """Training batches of one image each, which Keras repeats in all 10000 rows of a batch."""
    with tarfile.open(cache / "cifar-10-batches-py-target_archive", "w:gz") as archive:
        for number, batch in enumerate(["test_batch", *(f"data_batch_{n}" for n in range(1, 6))]):
            labels = [number % 10] if number else list(range(10)) * 2
            rows = np.full((len(labels), 3072), 40 * number, dtype="uint8")
            content = pickle.dumps({b"data": rows, b"labels": labels, b"batch_label": b"x"})
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{batch}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def sizes(network):
    """Images to train on, to validate on and to test on."""
    return tuple(map(len, (network.plan.get("x"), network.validation.x, network.test.x)))


@pytest.mark.usefixtures("any_archive")
@pytest.mark.parametrize("end", ["min", "max"])
def test_mnist_trains(end, cache, tmp_path):
    small_mnist(cache)
    network = Network.from_script(rendered("mnist", tmp_path, end), seed=1)
    assert sizes(network) == (50, 10, 20)
    result = network.train(1, seed=1, say=lambda _: None)
    assert 0 <= result.error <= 100
    counts = count(network.model)
    assert counts.uncounted == ()
    assert counts.macs > 1e6


@pytest.mark.usefixtures("any_archive")
@pytest.mark.parametrize("end", ["min", "max"])
def test_cifar10_loads_and_runs(end, cache, tmp_path):
    small_cifar10(cache)
    network = Network.from_script(rendered("cifar10", tmp_path, end), seed=1)
    assert sizes(network) == (45000, 5000, 20)
    assert network.scoring.kind == "sparse"
    few = network.plan.arguments
    few["x"], few["y"] = few["x"][:64], few["y"][:64]
    few["validation_data"] = tuple(part[:64] for part in few["validation_data"])
    network.validation = HeldOut(*few["validation_data"])
    assert network.train(1, seed=1, say=lambda _: None).epochs == 1
    assert count(network.model).uncounted == ()


def test_digits_has_all_types_and_transforms():
    found = template("digits").hyperparameters
    assert len(found) >= 8
    assert {entry.type for entry in found} == {"INT", "FLOAT", "ENUM"}
    transforms = {entry.transform.text[0] for entry in found if entry.transform}
    assert transforms == {"X", "N", "L"}
