"""The models that are kept besides best/: models/job-7/, a folder for each network."""

from __future__ import annotations

import contextlib
import re

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.kept.content import Files, put
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.kept.selection import keeps_models, selected
from hwsearch.experiment.settings import Settings

_FOLDER = re.compile(r"job-(\d+)")
_LEFT = re.compile(r"\.job-(\d+)-")


def kept_models(experiment: Experiment, run: str) -> dict[int, BestNetwork]:
    """The networks of a run whose models are kept, by job."""
    found: dict[int, BestNetwork] = {}
    if not experiment.models.is_dir():
        return found
    for path in experiment.models.iterdir():
        if _FOLDER.fullmatch(path.name):
            network = KeptFolder(path).network()
            if network is not None and network.run == run:
                found[network.job] = network
    return dict(sorted(found.items()))


def wanted(experiment: Experiment, settings: Settings, network: BestNetwork) -> bool:
    """Whether the model of a network that has just been trained is to be kept."""
    if not keeps_models(settings):
        return False
    others = kept_models(experiment, settings.experiment_name) | {network.job: network}
    return network.job in selected(list(others.values()), settings, settings.keep_models)


def keep(experiment: Experiment, settings: Settings, network: BestNetwork, files: Files) -> None:
    """Keeps a network's model, and removes those that are no longer to be kept.

    Raises:
        OSError: It could not be written; nothing was removed.
    """
    put(experiment, settings, network, files, experiment.kept_model(network.job))
    prune(experiment, settings)


def prune(experiment: Experiment, settings: Settings) -> None:
    """Removes the models that are not to be kept; files that are not ours stay."""
    if not keeps_models(settings):
        return
    for path in experiment.models.glob(".job-*"):
        match = _LEFT.match(path.name)
        if match:
            KeptFolder(experiment.kept_model(int(match[1]))).tidy(settings.experiment_name)
    found = kept_models(experiment, settings.experiment_name)
    jobs = selected(list(found.values()), settings, settings.keep_models)
    for job in found:
        if job not in jobs:
            drop(experiment, job)
    with contextlib.suppress(OSError):  # not empty, or not there
        experiment.models.rmdir()


def drop(experiment: Experiment, job: int) -> None:
    """Removes the model of a job."""
    with contextlib.suppress(OSError):  # tried again the next time
        KeptFolder(experiment.kept_model(job)).remove()
