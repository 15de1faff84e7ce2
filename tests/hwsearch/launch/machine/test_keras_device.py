"""Whether Keras uses a GPU, asked in another process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.launch.machine.keras_device import keras_uses_gpu


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    keras_uses_gpu.cache_clear()


def test_the_keras_of_the_tests_runs_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert keras_uses_gpu() is False


@pytest.mark.parametrize(("place", "used"), [("cuda:0", True), ("/device:GPU:0", True)])
def test_a_keras_with_a_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, used: bool
) -> None:
    fake = tmp_path / "keras"
    fake.mkdir()
    (fake / "__init__.py").write_text(
        f"""
import types
ops = types.SimpleNamespace(zeros=lambda shape: types.SimpleNamespace(device={place!r}))
"""
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert keras_uses_gpu() is used


def test_a_keras_that_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("raise OSError('libcudart.so: no such\\tfile')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UserError) as caught:
        keras_uses_gpu()
    assert str(caught.value) == (
        f"keras: cannot be used with {sys.executable}: OSError: libcudart.so: no such\\tfile"
    )
