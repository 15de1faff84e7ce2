"""Whether Keras uses a GPU here, found in a process of its own: importing Keras takes seconds."""

from __future__ import annotations

import functools
import os
import subprocess
import sys

from hwsearch.errors import UserError
from hwsearch.launch.optimiser import ROOT
from hwsearch.printing import one_line

_CODE = """
import sys
from hwsearch.measuring.inference_load import on_gpu
sys.exit(0 if on_gpu() else 100)
"""
_CPU = 100
#: Importing Keras takes long on a busy machine, and more so from a network's disk.
LONGEST_S = 600.0


@functools.cache
def keras_uses_gpu() -> bool:
    """Whether the backend that Keras is told to use runs networks on a GPU.

    Raises:
        UserError: Keras cannot be loaded.
    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CODE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            f"keras: not loaded within {LONGEST_S:g} s by {sys.executable}; try import keras"
        ) from None
    if done.returncode not in {0, _CPU}:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        why = one_line(lines[-1] if lines else f"exit status {done.returncode}")
        raise UserError(f"keras: cannot be used with {sys.executable}: {why}")
    return done.returncode == 0
