"""The libraries that a run needs, looked for without being imported: that would take seconds."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

from hwsearch.errors import UserError

BACKENDS = ("tensorflow", "torch", "jax")


def backend() -> str:
    """The backend that Keras will choose: of $KERAS_BACKEND, its keras.json, or TensorFlow."""
    named = os.environ.get("KERAS_BACKEND")
    if named:
        return named
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        document = json.loads(Path(home, "keras.json").read_text(encoding="utf-8"))
        return str(document["backend"])
    except (OSError, ValueError, KeyError, TypeError):
        return BACKENDS[0]


def check() -> None:
    """Sees that all are there.

    Raises:
        UserError: One is not, or the backend is none that is supported.
    """
    chosen = backend()
    if chosen not in BACKENDS:
        raise UserError(
            f"KERAS_BACKEND: got {chosen!r} (of the environment or Keras' keras.json); "
            f"expected one of {', '.join(BACKENDS)}"
        )
    for library in ("keras", "numpy", "scipy", chosen):
        if importlib.util.find_spec(library) is None:
            what = ", the backend that Keras is told to use," if library == chosen else ""
            raise UserError(f"{library}{what} is not installed; expected it in {sys.executable}")
