"""The files of the best network's model in the report, and how they are loaded."""

from __future__ import annotations

from pathlib import Path

from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.network.way_to_load import Loading
from hwsearch.printing import one_line

#: `script` and `weights` are the files in the report.
WAYS = {
    Loading.MODEL: 'keras.models.load_model("best_model.keras")',
    Loading.UNCOMPILED: 'keras.models.load_model("best_model.keras", compile=False): loss or '
    "metrics are the script's own",
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
        return []
    if owner != job:
        return [f"  model   not saved; that of job {owner} is {next(iter(there.values()))}"]
    lines = [f"  {name:<8}{place}" for name, place in there.items()]
    lines[0] += " (trained)"
    if kept.loading in WAYS:
        lines.append(f"  load    {WAYS[Loading(kept.loading)]}")
    return lines


def is_file(path: Path) -> bool:
    """Whether a file is there; False also for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False
