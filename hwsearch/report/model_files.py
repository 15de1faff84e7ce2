"""The files of the best network's model in reports, and how they are loaded."""

from __future__ import annotations

import shlex
from pathlib import Path

from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.kept.models import kept_models
from hwsearch.formatting import jobs
from hwsearch.network.way_to_load import Loading
from hwsearch.printing import one_line

#: The most jobs that are listed of those whose models are kept.
MOST = 20
_OWN = "with OBJECTS of own_objects.py"
#: `script` and `weights` are the files in the report.
WAYS = {
    Loading.MODEL: 'keras.models.load_model("best_model.keras")',
    Loading.UNCOMPILED: 'keras.models.load_model("best_model.keras", compile=False): loss or '
    "metrics are the script's own",
    Loading.UNSAFE: 'keras.models.load_model("best_model.keras", safe_mode=False): a Lambda layer '
    "is code in it",
    Loading.OBJECTS: f'keras.models.load_model("best_model.keras", custom_objects=OBJECTS), {_OWN}',
    Loading.UNSAFE_OBJECTS: 'keras.models.load_model("best_model.keras", custom_objects=OBJECTS, '
    f"safe_mode=False), {_OWN}",
    Loading.SCRIPT: "hwsearch.network.loading.load(script, weights): Keras needs the script's code",
}


def model_files(job: object, kept: BestNetwork | None, experiment: Experiment) -> list[str]:
    """The files of a job's trained network, or those that are there instead.

    Args:
        job: Id of the job.
        kept: The best network of the run, whose files were kept.
        experiment: The run's files.
    """
    if kept is None:
        return []
    places = {"model": experiment.best_model, "weights": experiment.best_weights}
    there = {name: one_line(place) for name, place in places.items() if is_file(place)}
    owner = kept.job if kept.model or kept.weights else kept.former_job
    if owner is None or not there:
        return [*_not_saved(job, kept, experiment), *_folder(job, kept, experiment)]
    if owner != job:
        line = f"  model   not saved; that of job {owner} is {next(iter(there.values()))}"
        return [line, *_folder(job, kept, experiment)]
    lines = [f"  {name:<8}{place}" for name, place in there.items()]
    lines[0] += f" (of the best of {kept.folds} folds)" if kept.folds > 1 else " (trained)"
    if kept.loading in WAYS:
        lines.append(f"  load    {WAYS[Loading(kept.loading)]}")
    return [*lines, *_folder(job, kept, experiment)]


def best_folder(job: object, run: str, experiment: Experiment) -> Path | None:
    """The folder best/, if it has the network of this job."""
    network = KeptFolder(experiment.best_folder).network()
    if network is None or network.run != run or network.job != job:
        return None
    return experiment.best_folder


def where(job: object, run: str, experiment: Experiment) -> list[str]:
    """Where the best network is and how it is loaded, and which further models are kept."""
    lines = []
    folder = best_folder(job, run, experiment)
    network = KeptFolder(experiment.best_folder).network()
    if folder is not None and network is not None:
        way = WAYS[Loading(network.loading)] if network.loading in WAYS else "see README.md there"
        lines.append(f"the network of job {job} is in {one_line(folder)}; to load it: {way}")
    kept = list(kept_models(experiment, run))
    if kept:
        lines.append(f"models kept: {jobs(kept, MOST)}, in {one_line(experiment.models)}")
    return lines


def kept_readmes(run: str, experiment: Experiment) -> dict[object, Path]:
    """README.md of each network of a run that a folder keeps, by job."""
    found: dict[object, Path] = {
        job: experiment.kept_model(job) / "README.md" for job in kept_models(experiment, run)
    }
    best = KeptFolder(experiment.best_folder).network()
    if best is not None and best.run == run:
        found[best.job] = experiment.best_folder / "README.md"
    return found


def _not_saved(job: object, kept: BestNetwork, experiment: Experiment) -> list[str]:
    """That a network was trained, and neither its model nor its weights could be saved."""
    if kept.job != job or kept.model or kept.weights:
        return []
    command = f"python -m hwsearch.finish {shlex.quote(one_line(experiment.folder))} --job {job}"
    return [f"  model   could not be saved; {command} trains it again"]


def _folder(job: object, kept: BestNetwork, experiment: Experiment) -> list[str]:
    folder = best_folder(job, kept.run, experiment)
    content = "all of it" if kept.model or kept.weights else "without a model"
    return [] if folder is None else [f"  folder  {one_line(folder)} ({content}, with README.md)"]


def is_file(path: Path) -> bool:
    """Whether a file is there; False also for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False
