"""Libraries that a run needs are checked before it begins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.launch.machine import libraries


@pytest.fixture(autouse=True)
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return tmp_path


def test_the_backend_is_the_one_that_keras_will_choose(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert libraries.backend() == "tensorflow"
    (keras_home / "keras.json").write_text('{"backend": "jax"}')
    assert libraries.backend() == "jax"
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert libraries.backend() == "torch"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"floatx": "float32"}'])
def test_a_file_that_names_no_backend(keras_home: Path, text: str) -> None:
    (keras_home / "keras.json").write_text(text)
    assert libraries.backend() == "tensorflow"


def test_the_libraries_of_the_tests_are_installed() -> None:
    libraries.check()


def test_an_unknown_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(UserError, match=r"got 'theano'.*; expected one of tensorflow"):
        libraries.check()


def test_a_backend_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setitem(sys.modules, "torch", None)  # wherever it may be installed
    with pytest.raises(
        UserError, match=r"torch: not installed in .* \(it is the backend selected for Keras\)"
    ):
        libraries.check()


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(UserError, match=r"^scipy: not installed in .*install.sh installs it in"):
        libraries.check()
