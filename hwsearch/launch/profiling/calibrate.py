"""Finding a budget: the bound that a percentage of random networks meets on this machine.

`run` is the command line `python hyperpower.py --calibrate DIR ...`; `bounds` runs it as a child.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsearch.budget import AtLeast, Bound
from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser, read_values
from hwsearch.command_line.setting import Setting, settings_of
from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import Experiment, Settings
from hwsearch.formatting import cost as shown_cost
from hwsearch.launch.command.flags import FOLDER
from hwsearch.launch.machine import libraries
from hwsearch.launch.profiling import measuring_child
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.metrics import METRICS
from hwsearch.progress.steps import Steps

if TYPE_CHECKING:
    from hwsearch.calibration import Calibration

#: The others are unknown before training.
METRICS_BEFORE_TRAINING = tuple(
    name for name, metric in METRICS.items() if not metric.after_training
)
_MEASURING = settings_of(ProfileSettings)
FLAGS = {
    entry.name: entry
    for entry in (
        Setting("calibrate", FOLDER, "DIR", "folder of the experiment", default=MISSING),
        Setting(
            "metrics",
            kinds.Kind(f"one of {', '.join(METRICS_BEFORE_TRAINING)}", bool),
            "M",
            "metrics to bound, such as runtime or power",
            default=MISSING,
        ),
        Setting(
            "share",
            kinds.PERCENTAGE,
            "P",
            "percentage of networks that meet the bound: one for all metrics, or one for each",
            default=MISSING,
        ),
        Setting(
            "samples",
            kinds.whole(2, 10**6, "a whole number above 1"),
            "N",
            "random networks to build",
            unset="16, or 64 if nothing has to be measured",
        ),
        Setting("seed", kinds.SEED, "N", "random seed for the choice of networks", default=0),
        Setting(
            "unscored",
            kinds.SWITCH,
            "",
            "accept networks whose error in % cannot be computed",
            default=False,
        ),
        Setting(
            "timeout",
            kinds.SECONDS,
            "T",
            "give up a network that takes longer: seconds, or 90m, 2h",
            unset="10 min",
        ),
        _MEASURING["meter"],
        _MEASURING["batch_size"],
        Setting(
            "plain",
            kinds.SWITCH,
            "",
            "print one line per network instead of a progress bar",
            default=False,
        ),
    )
}
_SEVERAL = {"metrics", "share"}


def bounds(
    settings: Settings, experiment: Experiment, program: Path, gpu: str = "", *, plain: bool = False
) -> dict[str, Bound]:
    """Finds the bounds that are given as percentages of random networks.

    Networks are built and measured in a process of its own, which imports Keras.

    Args:
        settings: With `shares`; the seed, the meter and the batch size are those of the run.
        experiment: Its template is used.
        program: hyperpower.py.
        gpu: The UUID of the GPU to measure on; "" = the process's first.
        plain: Show lines only, on a terminal too.

    Returns:
        Bounds by metric.

    Raises:
        UserError: They could not be determined.
        SystemExit: A signal stopped the process.
    """
    if not settings.shares:
        return {}
    command = [sys.executable, str(program), "--calibrate", str(experiment.folder)]
    command += ["--metrics", *settings.shares]
    command += ["--share", *(repr(_below(settings, name)) for name in settings.shares)]
    command += ["--meter", settings.meter]
    if settings.profile_batch_size:
        command += ["--batch_size", str(settings.profile_batch_size)]
    status = measuring_child.run(command, settings, gpu=gpu, plain=plain, quiet=True)
    if status in {130, 143}:
        raise SystemExit(status)
    if status:
        got = ", ".join(f"{share:g}% for {name}" for name, share in settings.shares.items())
        why = " (see the messages above)"
        if status > 128:  # it had no time for a message
            sent = signal.strsignal(status - 128) or f"signal {status - 128}"
            why = f": a signal ended the process that builds random networks ({sent})"
        raise UserError(
            f"--constraint_val: got {got}, which could not be determined on this machine{why}"
        )
    found = experiment.load_calibration()
    return {
        name: AtLeast(found[name]["bound"])
        if isinstance(settings.constraints[name], AtLeast)
        else found[name]["bound"]
        for name in settings.shares
    }


def _below(settings: Settings, name: str) -> float:
    """The percentage of random networks below a bound: the rest, if they must be above it."""
    share = settings.shares[name]
    return 100 - share if isinstance(settings.constraints.get(name), AtLeast) else share


def run(argv: Sequence[str], *, isolated: bool = True) -> int:
    """Finds bounds, prints them as JSON and keeps them in tmp/calibration.json.

    Args:
        argv: The arguments of the command line.
        isolated: Whether networks are built in a process of their own.

    Raises:
        UserError: A flag or the template is wrong, or no network can be measured.
    """
    parser = OneLineParser(
        prog="hyperpower.py",
        usage="%(prog)s --calibrate DIR --metrics M... --share P... [...]",
        description="Finds the bound that a percentage of random networks of an experiment meets\n"
        "on this machine. Prints it as JSON; progress goes to standard error.",
    )
    for name, entry in FLAGS.items():
        form: dict[str, Any] = {"nargs": "+"} if name in _SEVERAL else {}
        entry.add_to(parser, **form)
    _, values = read_values(parser, argv, FLAGS)
    shares = _shares(values["metrics"], values["share"])
    libraries.check()
    experiment = Experiment(values["calibrate"])
    experiment.check()

    with Steps("calibration", "network", sys.stderr, plain=values.get("plain", False)) as steps:
        steps.wait("Keras starts and builds the first random network")
        found = _found(experiment, shares, values, steps, isolated=isolated)
    experiment.save_calibration(found.to_json())
    _report(found)
    print(json.dumps(found.to_json()))
    return 0


def _found(
    experiment: Experiment,
    shares: Mapping[str, float],
    values: Mapping[str, Any],
    steps: Steps,
    *,
    isolated: bool,
) -> Calibration:
    from hwsearch import calibration  # noqa: PLC0415 - imports Keras
    from hwsearch.calibration import builders  # noqa: PLC0415

    careful = {name: values[name] for name in ("meter", "batch_size") if name in values}
    return calibration.calibrate(
        experiment,
        shares,
        samples=values.get("samples"),
        seed=values.get("seed", FLAGS["seed"].default),
        settings=replace(calibration.QUICK, **careful),
        report=steps,
        limit_s=(values.get("timeout") or builders.LIMIT_S) if isolated else None,
        scored=not values.get("unscored", False),
    )


def _shares(metrics: Sequence[str], shares: Sequence[float]) -> dict[str, float]:
    names = [name for word in metrics for name in word.split(",") if name] or list(metrics)
    for name in names:
        if name not in METRICS_BEFORE_TRAINING:
            hint = did_you_mean(name, METRICS_BEFORE_TRAINING)
            raise UserError(f"--metrics: got {name!r}; expected {FLAGS['metrics'].expected}{hint}")
    if len(shares) == 1:
        shares = list(shares) * len(names)
    if len(shares) != len(names):
        raise UserError(
            f"--share: got {len(shares)} for {len(names)} metrics; expected one, or one for each"
        )
    return dict(zip(names, shares, strict=True))


def _report(found: Calibration) -> None:
    for name, share in found.shares.items():
        _print(
            f"{name}: {share:g}% of {len(found.costs[name])} random networks stay below "
            f"{shown_cost(name, found.bound(name))}"
        )
    for line in found.failures.lines():
        _print(line)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
