"""Whether the networks of a run may be trained before they are measured.

A network whose predicted costs meet the bounds almost certainly is trained first. It is measured
after that only if it could be the best one; most are not, and their measurement is saved.
"""

from __future__ import annotations

from hwsearch.experiment.settings import Settings
from hwsearch.metrics import metric

#: A network is trained first if it meets all bounds with a higher probability than this.
LIKELY = 0.99
#: So many predictions of a cost must have been compared with measurements of the run before.
COMPARED = 4


def may_train_first(settings: Settings) -> bool:
    """Whether there is one best network of the run, and its training says whether it could be that.

    Otherwise more measurements are needed than that of the best one so far: of a Pareto front, of
    several budgets, of further networks that are kept or trained again. A training in segments is
    worth its time only within the bounds. Memory cannot be measured later: on a CPU, it would be
    15 to 40 % more in a process that has trained (the networks of the digits template).
    """
    return (
        bool(settings.predictable)
        and "memory" not in settings.constraints
        and metric(settings.optimize).after_training
        and settings.measure == "needed"
        and settings.stop == "off"
        and not (settings.has_front or settings.sweep)
        and settings.keep_models is None
        and settings.repeats is None
    )
