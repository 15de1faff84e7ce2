"""Forks of the process that runs the tests."""

from __future__ import annotations

import gc
import os


def fork() -> int:
    """As `os.fork`; garbage first, because TensorFlow's, collected in a child, ends or hangs it."""
    gc.collect()
    return os.fork()
