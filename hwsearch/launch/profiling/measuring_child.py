"""Programs of hyperpower.py that build and measure networks, in a process that imports Keras."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hwsearch.experiment import Settings
from hwsearch.launch.child_process import Forwarding


def run(
    command: Sequence[str], settings: Settings, *, gpu: str, plain: bool, quiet: bool = False
) -> int:
    """Runs one to its end; returns its exit status.

    Args:
        command: The program, and the flags that are its own.
        settings: Of the run, whose seed, limit and need of an error become flags.
        gpu: The UUID of the GPU to measure on; "" = the process's first.
        plain: Show lines only, on a terminal too.
        quiet: As for `Forwarding.run`.
    """
    words = [*command, "--seed", str(settings.seed)]
    if "error" not in settings.metrics:
        words.append("--unscored")
    if plain:
        words.append("--plain")
    if settings.job_timeout:
        words += ["--timeout", repr(settings.job_timeout)]
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": gpu} if gpu else None
    with Forwarding() as signals:
        return signals.run(words, quiet=quiet, environ=environ)
