"""Importing Keras without the start-up chatter of its backend, and without taking a whole GPU.

    from hwsearch.keras_runtime import keras

Importing this module imports Keras and starts nothing else: no operation runs, so that a process
can be forked afterwards. A worker that is forked from a process with this module loaded starts at
once instead of after seconds. What the user has set in the environment stays as it is.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

ENVIRONMENT = {
    # Errors only; TensorFlow's information and warnings are about how it was compiled.
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Left alone, TensorFlow and JAX take nearly all memory of a GPU when they start, and leave
    # nothing for the next job on it.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}

# Written by TensorFlow's libraries while they are loaded, before they know of the log level.
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
    """Holds back standard error, of C libraries too; gives back all but lines with the noise.

    For one thread: what others write meanwhile comes late.
    """
    sys.stderr.flush()
    try:
        real = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            os.close(real)
            held.seek(0)
            for line in held:
                if not any(mark in line for mark in noise):
                    os.write(2, line)


def _import_keras() -> Any:
    chatty = "TF_CPP_MIN_LOG_LEVEL" in os.environ
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if chatty:
        return importlib.import_module("keras")
    # "5 out of the last 5 calls triggered retracing": every network here is a new one.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with without_noise():
        return importlib.import_module("keras")


keras = _import_keras()
"""The package."""
