"""Keeps the best network under the budget: best/, tmp/best.json, tmp/best_model.keras, ...

With --keep_models, further networks are kept in models/; so are those of the Pareto front of
several objectives, whose best network is the one with the best first objective.
"""

from __future__ import annotations

import math
import os
import tokenize
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from hwsearch import budget
from hwsearch.experiment.archive import Archive
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.kept import best as kept_best
from hwsearch.experiment.kept import models
from hwsearch.experiment.kept.best import report
from hwsearch.experiment.kept.content import Files
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.network.network import Network
from hwsearch.network.requirements import of_versions, requirements
from hwsearch.network.saving import Origin, Saved, save
from hwsearch.printing import one_line

_SCRIPT_LEFT = "its script is kept, and so are the files of the previous best network"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained network that may be the best.

    Attributes:
        values: The job's values by task, as the optimiser gets them.
        measurements: The source of the description in best.json.
    """

    job_id: int
    values: Mapping[str, float]
    measurements: Measurements


def keep_if_best(
    experiment: Experiment, settings: Settings, candidate: Candidate, network: Network
) -> float | None:
    """Keeps the network if it meets every budget and is better than the best of this run so far.

    Jobs that end at the same time wait for each other. The test set is evaluated only here. If
    files cannot be written, as on a full disk, that is printed and the former ones stay. Of a
    network that was only measured, the description is kept, and no model.

    Returns:
        The test error in % if the network is the new best, or is kept as one of the Pareto front
        of several objectives; else None.
    """
    is_known = not any(math.isnan(candidate.values[one.name]) for one in settings.objectives)
    is_feasible = budget.all_met(candidate.values, settings.constraints)
    if not is_known or not (is_feasible or settings.keep_models or settings.sweep):
        retract(experiment, settings, candidate.job_id)
        return None
    try:
        with kept_best.locked(experiment):
            if Archive(experiment).current_run() != settings.experiment_name:
                # A job that outlived its run, which was killed: the files are another's.
                return None
            kept_best.settle(experiment, settings)
            if kept_best.has_attempt(experiment, settings, candidate.job_id):
                kept_best.retract(experiment, settings, candidate.job_id)
            return _keep(experiment, settings, candidate, network, is_feasible)
    except OSError as error:
        # Data of the script that are read in pieces, as by h5py, raise errors without a number.
        reason = error.strerror or one_line(error)
        report(f"the best network cannot be kept ({reason})", "its script is kept")
        return None


def retract(experiment: Experiment, settings: Settings, job_id: int) -> None:
    """Takes back what an earlier attempt of a job has kept; what cannot be written is printed.

    That attempt was killed before its result was stored, and the result of this one is another.
    """
    if not kept_best.has_attempt(experiment, settings, job_id):
        return
    try:
        with kept_best.locked(experiment):
            if Archive(experiment).current_run() == settings.experiment_name:
                kept_best.retract(experiment, settings, job_id)
    except OSError as error:
        report(f"the best network cannot be kept ({error.strerror})", "best.json is out of date")


def _keep(
    experiment: Experiment,
    settings: Settings,
    candidate: Candidate,
    network: Network,
    is_feasible: bool,
) -> float | None:
    """Keeps the network where it belongs; as `keep_if_best`, which has locked the files."""
    former = experiment.best(settings.experiment_name)
    new = _described(settings, candidate, former)
    trained = candidate.measurements.outcome is not Outcome.MEASURED
    is_best = is_feasible and _is_better(new, former, settings)
    is_wanted = trained and models.wanted(experiment, settings, new)
    if not (is_best or is_wanted):
        return None
    is_told = is_best or (is_wanted and settings.has_front)
    if is_told and trained:
        new = replace(new, test_error=network.test_error())
    if trained:
        _save(experiment, settings, new, network.model, (is_best, is_wanted))
    else:
        _keep_best(experiment, settings, new, Files())
    return new.test_error if is_told else None


def _described(settings: Settings, candidate: Candidate, former: BestNetwork | None) -> BestNetwork:
    """What is known about the network but its test error and its files."""
    measurements = candidate.measurements
    minimised = candidate.values[settings.optimize]
    known = BestNetwork.of(
        measurements,
        run=settings.experiment_name,
        job=candidate.job_id,
        optimize=settings.optimize,
        objective=budget.minimised(minimised, settings.maximize),
        values=candidate.values,
    )
    if former is None:
        return replace(known, change=1)
    return replace(known, change=former.change + 1, previous=former.without_files())


def _is_better(new: BestNetwork, best: BestNetwork | None, settings: Settings) -> bool:
    """Whether a network becomes the best: the order is that of reports."""
    return best is None or new.order(settings) < best.order(settings)


def _save(
    experiment: Experiment,
    settings: Settings,
    new: BestNetwork,
    model: Any,
    wanted: tuple[bool, bool],
) -> None:
    """Saves a network; if neither model nor weights can be saved, those before stay.

    Args:
        experiment: The experiment.
        settings: Of the run.
        new: The network.
        model: Its `keras.Model`.
        wanted: Whether it is the best one, and whether it is kept in models/.
    """
    is_best, is_wanted = wanted
    places = (experiment.best_model, experiment.best_weights)
    # Keras insists on the endings.
    whole, weights = (place.with_name(f".{os.getpid()}-{place.name}") for place in places)
    try:
        origin = _origin(experiment, new)
        saved = save(model, whole, weights, origin)
        files = Files(saved.model, saved.weights)
        if saved.fault:
            which = "best model" if is_best else "model"
            report(f"the {which} cannot be saved ({saved.fault})", _left(saved, is_best))
        new = replace(new, requirements=_requirements(origin, new.versions))
        if saved.loading is not None:
            new = replace(new, loading=saved.loading.value, objects=saved.objects)
            if is_wanted:
                _keep_model(experiment, settings, new, files)
        if is_best:
            _keep_best(experiment, settings, new, files)
    finally:
        for path in (whole, weights):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _keep_model(experiment: Experiment, settings: Settings, new: BestNetwork, files: Files) -> None:
    """Keeps a network in models/."""
    try:
        models.keep(experiment, settings, new, files)
    except OSError as error:
        report(f"models/job-{new.job} cannot be written ({error.strerror})", "its script is kept")


def _keep_best(experiment: Experiment, settings: Settings, new: BestNetwork, files: Files) -> None:
    """Makes a network the best one, in best/ and in tmp/."""
    places = (experiment.best_model, experiment.best_weights)
    moves = dict(zip(places, (files.model, files.weights), strict=True))
    if files == Files():
        former = experiment.best(settings.experiment_name)
        new, moves = kept_best.after(new, former), {}
    else:
        names = [
            place.relative_to(experiment.folder).as_posix() if file is not None else None
            for place, file in moves.items()
        ]
        new = replace(new, model=names[0], weights=names[1])
    kept_best.show(experiment, settings, new, files)
    try:
        experiment.save_best(new, moves)
    except OSError as error:
        problem = f"the files of the best network cannot be written ({error.strerror})"
        report(problem, _SCRIPT_LEFT)


def _origin(experiment: Experiment, new: BestNetwork) -> Origin:
    """Where the model comes from, as far as its files are there."""
    modules = experiment.load_modules() or {}
    return Origin(experiment.template.parent, _script(experiment, new), modules)


def _script(experiment: Experiment, new: BestNetwork) -> str:
    """The text of the rendered script; "" if it cannot be read."""
    try:
        with tokenize.open(experiment.folder / new.script) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ""


def _requirements(origin: Origin, versions: Mapping[str, str]) -> tuple[str, ...]:
    with suppress(Exception):  # a package whose description is broken
        return requirements(origin.script, origin.modules, versions)
    return of_versions(versions)


def _left(saved: Saved, is_best: bool) -> str:
    if saved.weights is not None:
        return "its script and its weights are kept"
    return _SCRIPT_LEFT if is_best else "its script is kept"
