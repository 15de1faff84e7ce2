"""Entry point: the objective, which turns a job's hyper-parameters into error and costs.

The optimiser calls `main(job_id, params)` in <experiment>/spearmint. Run as a program, this finds
the bound that a percentage of random networks of an experiment meets:

    python hyperpower.py --calibrate experiments/digits --metrics runtime --share 33

or profiles networks for hardware models, as `gener_experiment.py --profile` does:

    python hyperpower.py --profile experiments/digits --networks 20
"""

from __future__ import annotations

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while modules are imported ends the program at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.launch.profiling import calibrate, profile


def main(
    job_id: int,
    params: Mapping[str, Any],
    until: float = 1.0,
    expected: Mapping[str, Any] | None = None,
    ahead: Callable[[bool], None] | None = None,
) -> dict[str, Any]:
    """Evaluates a job of the experiment whose `spearmint` folder is the current one.

    Args:
        job_id: Names the rendered script.
        params: By token: an array or list of one value, or a job's `{"type", "values"}`.
        until: With --stop, the share of the training, in (0, 1], after which it is paused. The next
            call for the same job continues from there.
        expected: By constraint, what the optimiser expects of it where it is predicted: `value`,
            `deviation`, `probability` and `compared`, as a job's document has them.
        ahead: Gets True when the network begins to be trained, and False before it is measured
            after that: whether the optimiser may build candidates of the next job meanwhile.

    Returns:
        A number for every task of config.json: the optimised metric; bound - measured for each
        constraint; NaN for what could not be determined. Besides, `measurements` and, if a number
        is NaN, `reason`. None for the constraint of a cost that is `expected`, if the network was
        trained without being measured. If the training was paused, only the numbers that are known,
        and `paused`: `progress`, the share that is done, `curve`, the optimised metric at shares of
        it, and `took`, what this call took.

    Raises:
        EvaluationError: The network cannot be built, measured or trained.
    """
    from hwsearch.evaluation import EvaluationError, evaluate  # noqa: PLC0415 - imports Keras

    try:
        experiment = Experiment(Path.cwd().parent)
        settings = experiment.load_settings()
        template = experiment.load_template()
        found = evaluate(experiment, settings, template, job_id, params, until, expected, ahead)
        return found.returned()
    except EvaluationError:
        raise
    except UserError as error:
        raise EvaluationError(str(error)) from error


def computed(params: Mapping[str, Any]) -> dict[str, float | list[float]]:
    """What is left of the budgets, as far as it is known without a measurement.

    The network is built and counted, neither measured nor trained. The optimiser calls this for a
    candidate before it becomes a job.

    Args:
        params: As `main` takes them.

    Returns:
        The constraint's value by metric; of what the hardware models predict, [value, standard
        deviation]; {} if the network cannot be built, since its job says why.
    """
    from hwsearch.candidates import known_margins  # noqa: PLC0415 - imports Keras
    from hwsearch.expected_costs import model_for  # noqa: PLC0415

    experiment = Experiment(Path.cwd().parent)
    settings, template = experiment.load_settings(), experiment.load_template()
    try:
        model = model_for(experiment, settings)
        return known_margins(template, experiment.template, settings, params, model)
    except UserError:
        return {}


if __name__ == "__main__":
    asked = {word.partition("=")[0] for word in sys.argv}
    command = profile.run if "--profile" in asked else calibrate.run
    sys.exit(exit_status(lambda: command(sys.argv[1:])))
