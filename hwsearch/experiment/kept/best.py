"""The best network of a run in its two places: the folder best/, and tmp/best.json with its files.

The folder changes first, in one step; then the files in tmp/ follow. Whoever is killed between
leaves the folder ahead, and `settle` lets the files follow.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.kept import models
from hwsearch.experiment.kept.content import Files, files_in, put
from hwsearch.experiment.kept.folder import KeptFolder, link
from hwsearch.experiment.settings import Settings


@contextlib.contextmanager
def locked(experiment: Experiment) -> Iterator[None]:
    """Lets one process at a time in; the lock ends with its process, however that ends.

    Raises:
        OSError: The lock's file cannot be opened.
    """
    with experiment.best_lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def settle(experiment: Experiment, settings: Settings) -> None:
    """Makes the two places agree: after a kill, a full disk, or a run of an older version.

    Only for the run in place, under the lock. What cannot be written is printed.
    """
    folder = KeptFolder(experiment.best_folder)
    folder.tidy(settings.experiment_name)
    models.prune(experiment, settings)
    noted, shown = experiment.best(settings.experiment_name), in_folder(experiment, settings)
    if shown is not None and (noted is None or shown.change > noted.change):
        if not shown.misses(settings.constraints):
            _follow(experiment, shown)
    elif noted is not None and (shown is None or shown.change < noted.change):
        show(experiment, settings, noted, kept_files(experiment, noted))


def in_folder(experiment: Experiment, settings: Settings) -> BestNetwork | None:
    """The network in best/, if it is one of this run."""
    network = KeptFolder(experiment.best_folder).network()
    if network is None or network.run != settings.experiment_name:
        return None
    return network


def show(experiment: Experiment, settings: Settings, network: BestNetwork, files: Files) -> None:
    """Makes best/ the folder of a network; prints why if it cannot be written."""
    try:
        put(experiment, settings, network, files, experiment.best_folder)
    except OSError as error:
        report(
            f"the folder best cannot be written ({error.strerror})",
            "the best network is in tmp, as best.json says",
        )


def kept_files(experiment: Experiment, network: BestNetwork) -> Files:
    """The model and weights in tmp/ that best.json names."""
    model, weights = (
        experiment.folder / name if name and (experiment.folder / name).is_file() else None
        for name in (network.model, network.weights)
    )
    return Files(model, weights)


def adopt(experiment: Experiment, settings: Settings, network: BestNetwork) -> None:
    """Makes a network the best one whose job ended earlier, as under another budget.

    Its model is there if it was kept as one of the K best, or is still that of the former best;
    else best/ says how to train it, and the former model stays in tmp/ under its job's name.

    Raises:
        OSError: tmp/best.json cannot be written.
    """
    noted = experiment.best(settings.experiment_name)
    change = max(
        (one.change for one in (noted, in_folder(experiment, settings)) if one is not None),
        default=0,
    )
    network = replace(network, change=change + 1)
    kept = models.kept_models(experiment, settings.experiment_name).get(network.job)
    if kept is not None:
        files = files_in(experiment.kept_model(kept.job), kept)
        network = _with_model(experiment, network, files, kept.loading, kept.objects)
        network = replace(network, requirements=kept.requirements)
        show(experiment, settings, network, files)
        _link(experiment, network, files)
    elif noted is not None and owner(noted) == network.job:
        there = Files(_if_there(experiment.best_model), _if_there(experiment.best_weights))
        loading = noted.loading if noted.job == network.job else noted.former_loading
        objects = noted.objects if noted.job == network.job else noted.former_objects
        network = _with_model(experiment, network, there, loading, objects)
        show(experiment, settings, network, there)
        experiment.save_best(network)
    else:
        network = after(network, noted)
        show(experiment, settings, network, Files())
        experiment.save_best(network)
    models.prune(experiment, settings)


def retract(experiment: Experiment, settings: Settings, job: int) -> None:
    """Takes back what is kept of an earlier attempt of a job, whose result was never stored.

    The best network is the one before it again. Only for the run in place, under the lock.

    Raises:
        OSError: tmp/best.json cannot be written or removed.
    """
    settle(experiment, settings)
    if job in models.kept_models(experiment, settings.experiment_name):
        models.drop(experiment, job)
    noted = experiment.best(settings.experiment_name)
    if noted is None or noted.job != job:
        return
    if noted.previous is None or noted.previous.misses(settings.constraints):
        revoke(experiment, settings)
    else:
        adopt(experiment, settings, noted.previous)


def has_attempt(experiment: Experiment, settings: Settings, job: int) -> bool:
    """Whether an earlier attempt of a job has left a network in one of the places."""
    run = settings.experiment_name
    places = (experiment.best_folder, experiment.kept_model(job))
    found = [experiment.best(run), *(KeptFolder(place).network() for place in places)]
    return any(one is not None and (one.run, one.job) == (run, job) for one in found)


def revoke(experiment: Experiment, settings: Settings) -> None:
    """Takes note that no network meets the budget: best/ and best.json go, the model stays."""
    if in_folder(experiment, settings) is not None:
        try:
            KeptFolder(experiment.best_folder).remove()
        except OSError as error:
            report(f"the folder best cannot be removed ({error.strerror})", "it is out of date")
    if experiment.best(settings.experiment_name) is not None:
        experiment.best_file.unlink()
    models.prune(experiment, settings)


def refresh(experiment: Experiment, settings: Settings) -> None:
    """Writes the folders of kept networks again, since their texts name the bounds."""
    run = settings.experiment_name
    noted = experiment.best(run)
    if noted is not None and in_folder(experiment, settings) is not None:
        show(experiment, settings, noted, kept_files(experiment, noted))
    for job, network in models.kept_models(experiment, run).items():
        place = experiment.kept_model(job)
        script = experiment.rendered(job).relative_to(experiment.folder).as_posix()
        try:
            files = files_in(place, network)
            put(experiment, settings, replace(network, script=script), files, place)
        except OSError as error:
            report(f"models/job-{job} cannot be written ({error.strerror})", "it is as it was")


def after(network: BestNetwork, former: BestNetwork | None) -> BestNetwork:
    """A best network without a model of its own: that of the former best stays in tmp/."""
    if former is None:
        return network
    own = bool(former.model or former.weights)
    return replace(
        network,
        former_job=owner(former),
        former_loading=former.loading if own else former.former_loading,
        former_objects=former.objects if own else former.former_objects,
    )


def owner(best: BestNetwork) -> int | None:
    """The job whose model is in tmp/best_model.keras, or whose weights are beside it."""
    return best.job if best.model or best.weights else best.former_job


def report(problem: str, left: str) -> None:
    """Prints what could not be done, and what there is instead."""
    print(f"{problem}; {left}", file=sys.stderr)


def _with_model(
    experiment: Experiment, network: BestNetwork, files: Files, loading: str, objects: str
) -> BestNetwork:
    """The network with the names that its files have in tmp/."""
    names = [
        place.relative_to(experiment.folder).as_posix() if file is not None else None
        for place, file in zip(_places(experiment), (files.model, files.weights), strict=True)
    ]
    return replace(network, model=names[0], weights=names[1], loading=loading, objects=objects)


def _follow(experiment: Experiment, shown: BestNetwork) -> None:
    """Lets best.json and the model in tmp/ follow the folder."""
    files = files_in(experiment.best_folder, shown)
    network = _with_model(experiment, shown, files, shown.loading, shown.objects)
    script = f"{experiment.tmp.name}/{shown.script}" if shown.script else ""
    try:
        _link(experiment, replace(network, script=script), files)
    except OSError as error:
        report(f"the files of the best network cannot be written ({error.strerror})", "best has it")


def _link(experiment: Experiment, network: BestNetwork, files: Files) -> None:
    """Writes best.json, with the model's files as further names of others.

    Raises:
        OSError: They cannot be written.
    """
    moved: dict[Path, Path | None] = {}
    try:
        for place, file in zip(_places(experiment), (files.model, files.weights), strict=True):
            moved[place] = None
            if file is not None:
                temporary = place.with_name(f".{os.getpid()}-{place.name}")
                temporary.unlink(missing_ok=True)
                link(file, temporary)
                moved[place] = temporary
        if files.model is None and files.weights is None:
            moved = {}  # the model of the former best stays
        experiment.save_best(network, moved)
    finally:
        for one in moved.values():
            if one is not None:
                with contextlib.suppress(OSError):
                    one.unlink(missing_ok=True)


def _places(experiment: Experiment) -> tuple[Path, Path]:
    return experiment.best_model, experiment.best_weights


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None
