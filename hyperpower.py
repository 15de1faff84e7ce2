"""The objective: a job's hyper-parameters become a network's error and costs.

`main(job_id, params)` is what the optimiser calls, in <experiment>/spearmint. Run as a program,
this finds the budget that a share of random networks of an experiment meets:

    python hyperpower.py --calibrate experiments/digits --metrics runtime --share 33
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings


def main(job_id: int, params: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluates a job of the experiment whose `spearmint` folder is the current one.

    Args:
        job_id: Names the rendered script.
        params: By token: an array or list of one value, or a job's `{"type", "values"}`.

    Returns:
        A number for every task of config.json: the optimised metric; bound - measured for each
        constraint; NaN for what could not be had. Besides, `measurements` (what was found out) and,
        where a number is NaN, `reason`.

    Raises:
        EvaluationError: The network cannot be built, measured or trained.
    """
    import hwsearch.keras_runtime  # noqa: F401, PLC0415 - seconds; first of all that needs Keras
    from hwsearch.evaluation import EvaluationError, evaluate  # noqa: PLC0415

    try:
        experiment = Experiment(Path.cwd().parent)
        settings = experiment.load_settings()
        template = experiment.load_template()
        return evaluate(experiment, settings, template, job_id, params).returned()
    except UserError as error:
        raise EvaluationError(str(error)) from error


def calibrate(arguments: argparse.Namespace) -> int:
    """Finds and prints the bounds; writes them to tmp/calibration.json."""
    import hwsearch.keras_runtime  # noqa: F401, PLC0415 - seconds
    from hwsearch import calibration  # noqa: PLC0415
    from hwsearch.formatting import cost as shown_cost  # noqa: PLC0415

    experiment = Experiment(arguments.calibrate)
    experiment.check()
    shares = _shares(arguments.metrics, arguments.share)
    settings = calibration.QUICK
    if arguments.meter or arguments.batch_size:
        settings = Settings(
            "",
            "error",
            meter=arguments.meter or "auto",
            profile_batch_size=arguments.batch_size,
            profile_time_limit=calibration.QUICK.time_limit_s,
            profile_target_error=calibration.QUICK.target_error,
        ).profile_settings()
    found = calibration.calibrate(
        experiment,
        shares,
        samples=arguments.samples,
        seed=arguments.seed,
        settings=settings,
        report=lambda line: print(line, file=sys.stderr, flush=True),
    )
    experiment.save_calibration(found.to_json())
    for name, share in shares.items():
        count = len(found.costs[name])
        print(
            f"{name}: {share:g}% of {count} random networks stay below "
            f"{shown_cost(name, found.bound(name))}",
            file=sys.stderr,
        )
    if found.broken:
        print(f"{found.broken.total()} networks could not be measured:", file=sys.stderr)
        for reason, count in found.broken.most_common():
            print(f"  {count} times: {reason}", file=sys.stderr)
    print(json.dumps(found.to_json()))
    return 0


def _shares(metrics: Sequence[str], shares: Sequence[float]) -> dict[str, float]:
    names = [name for word in metrics for name in word.split(",") if name]
    if len(shares) == 1:
        shares = list(shares) * len(names)
    if len(shares) != len(names):
        raise UserError(
            f"--share: got {len(shares)} for {len(names)} metrics; expected one, or one each"
        )
    return dict(zip(names, shares, strict=True))


def run(argv: Sequence[str] | None = None) -> int:
    """The command line: returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="hyperpower.py",
        description="Finds the budget that a share of random networks of an experiment meets on "
        "this machine. Prints it as JSON; progress goes to standard error.",
    )
    parser.add_argument("--calibrate", metavar="DIR", required=True, help="the experiment")
    parser.add_argument("--metrics", nargs="+", required=True, help="such as runtime or power")
    parser.add_argument(
        "--share", type=float, nargs="+", required=True, help="percent of the networks"
    )
    parser.add_argument("--samples", type=int, help="networks to build (default: 16)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of networks")
    parser.add_argument("--meter", help="what measures (default: the best there is)")
    parser.add_argument("--batch-size", type=int, help="while measuring (default: the script's)")
    arguments = parser.parse_args(argv)
    try:
        if arguments.samples is not None and arguments.samples < 2:
            raise UserError(f"--samples: got {arguments.samples}; expected at least 2")
        if not 0 <= arguments.seed < 2**32:
            raise UserError(f"--seed: got {arguments.seed}; expected a whole number in 0..2**32-1")
        return calibrate(arguments)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
