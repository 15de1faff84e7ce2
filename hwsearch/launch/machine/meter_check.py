"""Checks before a run that its power and energy can be measured where its jobs will run."""

from __future__ import annotations

import sys

from hwsearch.errors import UserError
from hwsearch.experiment import Settings
from hwsearch.experiment.placement import LOCAL
from hwsearch.launch.machine import libraries
from hwsearch.launch.machine.gpus import job_gpus
from hwsearch.launch.machine.keras_device import keras_uses_gpu
from hwsearch.meters import choose, create
from hwsearch.meters.processor import cpu
from hwsearch.meters.protocol import Meter, MeterUnavailableError

#: Meters that read GPUs, which Keras may not use though they are there.
NVIDIA_METERS = ("nvml", "nvidia_smi")


def check_meter(settings: Settings) -> None:
    """Checks that power and energy can be measured here if they are asked for.

    If jobs run elsewhere, only the meter's name is checked: this machine says nothing about theirs.

    Raises:
        UserError: They cannot, or there is no such meter.
    """
    needed = {"power", "energy"}.intersection(settings.metrics)
    if needed and LOCAL in settings.schedulers:
        meter = chosen_meter(settings, " and ".join(sorted(needed)))
        fields = " and ".join(channel.field for channel in meter.channels())
        for name in sorted(needed):
            print(f"{name} is measured with {meter.name} ({fields})", flush=True)
    elif settings.meter != "auto":
        create(settings.meter)


def chosen_meter(settings: Settings, needed: str) -> Meter:
    """The meter for the device that Keras uses.

    Args:
        settings: Its `meter` is a name or `auto`.
        needed: What it is to measure, for messages.

    Raises:
        UserError: It does not work here, or it reads a GPU that Keras does not use.
    """
    meter = choose(settings.meter, next(iter(job_gpus(settings)), None))
    if meter.name not in NVIDIA_METERS or keras_uses_gpu():
        return meter
    try:
        return choose(settings.meter, cpu())
    except MeterUnavailableError:
        backend = libraries.backend()
        raise UserError(
            f"{needed}: cannot be measured: {meter.name} reads a GPU, but Keras runs networks on "
            f"the CPU ({backend} in {sys.executable} finds no GPU); install {backend} with GPU "
            f"support{libraries.gpu_support(backend)}, or bound runtime instead"
        ) from None
