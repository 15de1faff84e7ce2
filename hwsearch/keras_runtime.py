"""Imports Keras without the start-up messages of its backend and without taking a whole GPU.

    from hwsearch.keras_runtime import keras

All modules of this package that need Keras import it this way; the backend obeys some settings only
before it is loaded. Environment variables that the user has set are not changed.

The import takes seconds but runs no operation, so that a process can still be forked afterwards: a
worker forked from a process that has loaded this module starts at once.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import logging
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

ENVIRONMENT = {
    # Only errors: TensorFlow's other messages are about how it was compiled.
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # By default, TensorFlow and JAX take nearly all memory of a GPU when they start, which leaves
    # none for a second job on it.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}

# Written by TensorFlow's libraries while they are loaded, before the log level takes effect.
NOISE = (
    b"WARNING: All log messages before absl::InitializeLog()",
    b"oneDNN custom operations are on",
    b"This TensorFlow binary is optimized",
    b"To enable the following instructions",
    b"cuda_fft.cc",
    b"cuda_dnn.cc",
    b"cuda_blas.cc",
    b"Unable to register cu",
    b"computation_placer.cc",
    b"could not find cuda drivers",
)


@contextlib.contextmanager
def without_noise(noise: tuple[bytes, ...] = NOISE) -> Iterator[None]:
    """Removes lines that contain the noise from standard error, including that of C libraries.

    All output appears at the end, also that of other threads. Not for use in several threads.
    """
    sys.stderr.flush()
    try:
        real = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as buffer:
        os.dup2(buffer.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            os.close(real)
            buffer.seek(0)
            for line in buffer:
                if not any(mark in line for mark in noise):
                    os.write(2, line)


def _import_keras() -> Any:
    # A user who wants more messages than errors gets all of them; level 3 asks for fewer. The
    # level that is set below shows in child processes too: it is no such wish.
    chatty = os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2") not in ("2", "3")
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if chatty:
        return importlib.import_module("keras")
    # No "5 out of the last 5 calls triggered retracing": here every network is a new one.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with without_noise():
        return importlib.import_module("keras")


keras = _import_keras()
"""The package."""


def versions() -> dict[str, str]:
    """Versions of Python, Keras, its backend and NumPy; `backend` is the backend's name."""
    backend = keras.backend.backend()
    used = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": backend,
        "numpy": importlib.metadata.version("numpy"),
    }
    # A backend without a version of its own is one that Keras brings.
    with contextlib.suppress(ImportError, AttributeError):
        used[backend] = str(importlib.import_module(backend).__version__)
    return used
