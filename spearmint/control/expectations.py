"""What is expected of constraints that are predicted, for jobs that may leave them open.

With `"tell-main": true` in `candidate-check`, a job is told what is expected of its constraints,
and may leave them open (`spearmint.worker.outcome`). To the chooser, such a constraint has the
value that is expected now, as that of a point that was discarded because of its prediction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spearmint.database import Document
from spearmint.optimiser.observations import PREDICTIONS, UNMEASURED, is_prediction
from spearmint.optimiser.rating import Rate, Rating

#: The key of a job for what its objective is told.
EXPECTED = "expected"


#: The key of a job for the version of the check that predicted its constraints.
VERSION = "check version"


def of_version(jobs: Iterable[Document], version: str | None) -> list[Document]:
    """The jobs, without predictions by another version of the check: those are of other bounds."""
    if version is None:
        return list(jobs)
    return [
        {**job, PREDICTIONS: {}}
        if job.get(PREDICTIONS) and job.get(VERSION, version) != version
        else job
        for job in jobs
    ]


def expected(rating: Rating, jobs: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """What is expected of a point, by constraint, as `expected` of a job's document.

    Args:
        rating: Of the point.
        jobs: All jobs.

    Returns:
        `value` and `deviation` of the constraint, the `probability` that it is met, and `compared`:
        of how many jobs both the prediction and the value are known.
    """
    compared = _compared(jobs)
    return {
        name: {
            "value": rating.expected[name],
            "deviation": rating.spread[name],
            "probability": probability,
            "compared": compared.get(name, 0),
        }
        for name, probability in rating.met.items()
    }


def _compared(jobs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Of how many jobs both the prediction and the value are known, by constraint."""
    counts: dict[str, int] = {}
    for job in jobs:
        predicted, values = job.get(PREDICTIONS), job.get("values")
        if not isinstance(predicted, Mapping) or not isinstance(values, Mapping):
            continue
        for name, pair in predicted.items():
            value = values.get(name)
            if is_prediction(pair) and value is not None and math.isfinite(value):
                counts[name] = counts.get(name, 0) + 1
    return counts


def filled(jobs: Sequence[Document], correct: Rate) -> list[Document]:
    """The jobs, with expected values for the constraints that they have left open.

    Args:
        jobs: All jobs.
        correct: Corrects predictions by what was measured.
    """
    places = [place for place, job in enumerate(jobs) if job.get(UNMEASURED)]
    found = list(jobs)
    if not places:
        return found
    left = [jobs[place] for place in places]
    predicted = [job.get(PREDICTIONS) or {} for job in left]
    ratings = correct([job["params"] for job in left], predicted)
    for place, rating in zip(places, ratings, strict=True):
        found[place] = _with_values(jobs[place], rating.expected)
    return found


def _with_values(job: Document, values: Mapping[str, float]) -> Document:
    """The job with these values where it left them open; they correct no prediction."""
    known = {name: values[name] for name in job[UNMEASURED] if name in values}
    kept = {name: pair for name, pair in (job.get(PREDICTIONS) or {}).items() if name not in known}
    return {**job, "values": {**job["values"], **known}, PREDICTIONS: kept}
