"""Another experiment's profiles inform hardware models: `--learn_costs_from`.

They are copied: an experiment keeps all that its models are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.other_profiles import other_profiles
from hwsearch.experiment.placement import LOCAL
from hwsearch.launch.earlier_runs.learning import local_device
from hwsearch.launch.machine import libraries
from hwsearch.launch.machine.gpus import job_gpus
from hwsearch.predicting.records import Platform
from hwsearch.predicting.store import Store
from hwsearch.printing import one_line


def adopt(source: str, settings: Settings, experiment: Experiment) -> str:
    """Copies the profiles of another experiment; returns a line about them.

    Args:
        source: The folder of the other experiment.
        settings: Of the run; where its jobs run elsewhere, profiles of all devices are copied.
        experiment: Its models are to use the profiles.

    Raises:
        UserError: There are no profiles, or none of the device of the local jobs.
    """
    records = other_profiles(source, experiment, _here(settings))
    try:
        Store(experiment.hardware).adopt(Path(source), records)
    except OSError as error:
        raise UserError(
            f"{one_line(experiment.hardware)}: {error.strerror}; expected a writable folder"
        ) from None
    networks = len({one.signature for one in records})
    name = one_line(Path(source).resolve().name)
    return f"note: {networks} networks of {name} inform the hardware models of this template"


def check(sources: Iterable[str], settings: Settings, experiment: Experiment) -> None:
    """Checks that each of several experiments has profiles; see `adopt` for the arguments.

    Raises:
        UserError: One has none, or none of the device of the local jobs.
    """
    here = _here(settings)
    for source in sources:
        other_profiles(source, experiment, here)


def _here(settings: Settings) -> Platform | None:
    """The device of the local jobs; None if jobs run elsewhere."""
    if settings.schedulers != {LOCAL}:
        return None
    device = local_device(job_gpus(settings))
    return Platform(device.kind, device.name, libraries.backend(), device.cpus)
