"""The GPUs of this machine that a run's local jobs use, one each."""

from __future__ import annotations

import os
from collections.abc import Mapping

from hwsearch.experiment import Settings
from hwsearch.experiment.placement import LOCAL
from hwsearch.launch.machine.keras_device import keras_uses_gpu
from hwsearch.meters.device import Device, visible_gpus
from hwsearch.meters.gpus import installed
from hwsearch.metrics import metric


def job_gpus(settings: Settings, environ: Mapping[str, str] | None = None) -> list[Device]:
    """The GPUs for local jobs; [] if the machine has not several: then jobs need no choice.

    If something is measured, they are of the model of the first one.

    Args:
        settings: The run's.
        environ: None = the environment of this process; CUDA_VISIBLE_DEVICES limits the choice.

    Raises:
        UserError: CUDA_VISIBLE_DEVICES is ambiguous, or Keras cannot be loaded.
    """
    if LOCAL not in settings.schedulers:
        return []
    environ = os.environ if environ is None else environ
    gpus = installed()
    if "CUDA_VISIBLE_DEVICES" in environ and gpus:
        gpus = visible_gpus(environ, gpus)
    if len(gpus) < 2 or not keras_uses_gpu():
        return []
    measured = any(metric(name).needs_device for name in settings.metrics)
    if measured and not settings.mixed_devices:
        gpus = [gpu for gpu in gpus if gpu.name == gpus[0].name]
    return gpus


def described(gpus: list[Device], settings: Settings) -> str:
    """How jobs are placed, in one line."""
    names = dict.fromkeys(gpu.name for gpu in gpus)
    share = settings.jobs_per_gpu
    each = "one network" if share == 1 else f"up to {share} networks"
    line = f"{len(gpus)} GPU{'s' * (len(gpus) > 1)} ({', '.join(names)}), {each} at a time on each"
    room = len(gpus) * share
    if settings.resources is None and settings.max_concurrent > room:
        line += (
            f": {room} of --max_concurrent {settings.max_concurrent} run at the same time; "
            "--jobs_per_gpu lets more share a GPU"
        )
    return line
