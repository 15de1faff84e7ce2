"""Trains a network once more and keeps it."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.atomic_files import write_atomic, write_json, write_json_after
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.finished import Finished
from hwsearch.finish.flags import Request
from hwsearch.keras_runtime import keras
from hwsearch.measurements.repeat import Repeat
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.network.saving import Origin, save
from hwsearch.printing import one_line


def seed_of(settings: Settings, job: int, number: int) -> int:
    """The seed of a training: none that the search used; in 0..2**32-1.

    Args:
        settings: Of the run.
        job: The job.
        number: Of the training, from 1.
    """
    return int(np.random.SeedSequence([settings.seed, job, number]).generate_state(1)[0])


def train(
    experiment: Experiment,
    settings: Settings,
    script: bytes,
    place: Finished,
    seeded: tuple[int, int],
    request: Request,
) -> Repeat:
    """Trains a network and writes its files; the record comes last.

    Args:
        experiment: The experiment.
        settings: Of the run.
        script: The job's script.
        place: Where the files go.
        seeded: Number and seed of the training.
        request: What the flags ask for.

    Raises:
        NetworkError: The network cannot be built or trained.
    """
    number, seed = seeded
    path = place.script(number)
    write_atomic(path, rendered_script.reseeded(script, seed))
    keras.backend.clear_session()
    network = Network.from_script(
        path,
        seed,
        settings.seed,
        scored="error" in settings.metrics,
        validation_split=settings.validation_split,
    )
    template = experiment.find_template()

    def say(line: str) -> None:
        shown = line if template is None else rendered_script.in_template(line, path, template)
        print(f"  {shown}", flush=True)

    result, loss = _trained(network, settings, request, seed, say)
    repeat = Repeat(
        seed=seed,
        epochs=result.epochs,
        kept_epoch=result.kept_epoch,
        metrics=result.metrics | _tested(network),
        loss=loss,
        test_error=network.test_error(),
        seconds=result.seconds,
        reason=result.reason,
    )
    return _kept(repeat, network.model, place, number, experiment.template.parent)


def _trained(
    network: Network,
    settings: Settings,
    request: Request,
    seed: int,
    say: Callable[[str], None],
) -> tuple[TrainResult, float]:
    """Trains; without a validation set, the last epoch is kept. `say` takes one line per epoch.

    Returns:
        The result, and the training loss at the kept epoch.
    """
    monitor, mode = settings.monitor
    keep_best, reported = not settings.last_epoch, settings.reported
    if request.all_data:
        network.use_all_data()
        monitor, mode, keep_best, reported = "", "min", False, ()
    with _unread():
        result = network.train(
            request.epochs or settings.epochs,
            seed,
            say=say,
            monitor=monitor,
            mode=mode,
            keep_best=keep_best,
            reported=reported,
        )
    losses = result.history.get("loss", [])
    is_known = 0 < result.kept_epoch <= len(losses)
    return result, losses[result.kept_epoch - 1] if is_known else math.nan


@contextlib.contextmanager
def _unread() -> Iterator[None]:
    """That nobody reads the output any more is no fault of the script that trains meanwhile.

    Raises:
        BrokenPipeError: Nobody reads it.
    """
    try:
        yield
    except NetworkError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None
        raise


def _tested(network: Network) -> dict[str, float]:
    """What Keras reports of the test set, with `test_` before each name; {} if it cannot."""
    if network.test is None or not network.model.compiled:
        return {}
    try:
        found = network.test.evaluated(network.model)
    except Exception:  # nobody asked for it, and its form was not checked
        return {}
    return {f"test_{name}": value for name, value in found.items()}


def _kept(repeat: Repeat, model: Any, place: Finished, number: int, home: Path) -> Repeat:
    """Saves model and weights, then the record that names them.

    Raises:
        OSError: The record cannot be written; neither is the model then.
    """
    if repeat.reason and not repeat.kept_epoch:
        write_json(place.record(number), repeat.to_json())
        return repeat
    places = (place.model(number), place.weights(number))
    # Keras insists on the endings.
    whole, weights = (path.with_name(f".{os.getpid()}-{path.name}") for path in places)
    try:
        saved = save(model, whole, weights, Origin(home))
        if saved.loading is None:
            raise UserError(
                f"{one_line(place.folder)}: the trained network cannot be saved ({saved.fault}); "
                "expected room for it"
            )
        repeat = replace(
            repeat,
            model=places[0].name if saved.model else None,
            weights=places[1].name if saved.weights else None,
            loading=saved.loading.value,
        )
        files = dict(zip(places, (saved.model, saved.weights), strict=True))
        write_json_after(place.record(number), repeat.to_json(), files)
    finally:
        for path in (whole, weights):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return repeat
