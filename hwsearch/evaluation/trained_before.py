"""Networks that were trained and not measured: kept, so that they can be measured without training.

With `--measure needed`, a network may be trained first. It is measured later if its job was killed
before its late measurement, or if it could be the best one under other bounds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hwsearch.evaluation.job import Job
from hwsearch.evaluation.segments import state_key
from hwsearch.measurements import Measurements
from hwsearch.network.network import Network
from hwsearch.pausing import weights
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.state import State
from hwsearch.pausing.store import Store
from hwsearch.printing import one_line

#: Of all files of a run; the oldest ones are removed first, and their networks are trained again.
MOST_BYTES = 2**30


def keep_trained(job: Job, network: Network, measurements: Measurements, reason: str) -> None:
    """Keeps a trained network whose costs are not measured; prints why if it cannot be kept.

    Only of a script with one call of `fit` is the network that was trained the one that is built.

    Args:
        job: The job.
        network: With the weights that are kept.
        measurements: All that is known.
        reason: Why the training ended early; "" if it did not.
    """
    if not network.is_by_plan:
        return
    state = State(
        key=_key(job),
        epoch=measurements.epochs or 0,
        planned=measurements.epochs or 0,
        seconds=0.0,
        variables=weights.values(network.model),
        report={},
        attributes=[],
        streams={},
        before={
            "measurements": json.dumps(measurements.to_json()),
            "reason": reason,
            "seconds": dict(job.stopwatch.seconds),
        },
    )
    store = _store(job)
    try:
        kept = store.keep(job.id, state.to_bytes())
        fault = "" if kept else f"it is larger than {store.limit}"
    except (CannotPauseError, OSError) as error:
        fault = one_line(error)
    if fault:
        print(f"note: the trained network is not kept to be measured later: {fault}")


def trained_before(job: Job, network: Network) -> tuple[Measurements, str] | None:
    """Gives a network the weights of its earlier training, and the job the time that this took.

    Args:
        job: The job.
        network: As its script builds it.

    Returns:
        What is known of it, and why its training ended early; None if it has to be trained.
    """
    if job.settings.measure != "needed" or not job.settings.needs_training:
        return None
    state = State.read(_store(job).path(job.id), _key(job))
    if state is None or not weights.fits(network.model, state.variables):
        return None
    weights.assign(network.model, state.variables)
    job.stopwatch.go_on(state.before.get("seconds", {}))
    known = Measurements.from_json(json.loads(state.before["measurements"]))
    return known, str(state.before["reason"])


def forget_trained(job: Job) -> None:
    """Removes what is kept of a network that was measured."""
    _store(job).forget(job.id)


def _store(job: Job) -> Store:
    return Store(job.experiment.unmeasured, MOST_BYTES)


def _key(job: Job) -> Mapping[str, Any]:
    return state_key(job, job.settings.epochs)
