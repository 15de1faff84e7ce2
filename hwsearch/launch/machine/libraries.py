"""Checks that the libraries of a run are installed, without the seconds that importing takes."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

from hwsearch.errors import UserError, did_you_mean

BACKENDS = ("tensorflow", "torch", "jax")
INSTALL, PYTHON = "requirements/install.sh", ".venv/bin/python"


def backend() -> str:
    """The backend that Keras will choose: from $KERAS_BACKEND, its keras.json, or TensorFlow."""
    named = os.environ.get("KERAS_BACKEND")
    if named:
        return named
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        document = json.loads(Path(home, "keras.json").read_text(encoding="utf-8"))
        return str(document["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return BACKENDS[0]


def gpu_support(backend: str) -> str:
    """How a backend is installed with GPU support; "" if this repository does not install it."""
    return f" ({INSTALL} does so in .venv where nvidia-smi works)" if backend == BACKENDS[0] else ""


def check() -> None:
    """Checks that all required libraries are installed.

    Raises:
        UserError: One is missing, or the backend is not supported.
    """
    chosen = backend()
    if chosen not in BACKENDS:
        raise UserError(
            f"KERAS_BACKEND: got {chosen!r} (from the environment or Keras' keras.json); "
            f"expected one of {', '.join(BACKENDS)}{did_you_mean(chosen, BACKENDS)}"
        )
    for library in ("keras", "numpy", "scipy", chosen):
        if importlib.util.find_spec(library) is None:
            why = " (it is the backend selected for Keras)" if library == chosen else ""
            remedy = "install it there"
            if library not in BACKENDS[1:]:
                remedy = f"{INSTALL} installs it in .venv: use {PYTHON}"
            raise UserError(f"{library}: not installed in {sys.executable}{why}; {remedy}")
