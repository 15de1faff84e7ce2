"""Profiles of networks for hardware models: `--profile N`, and the program that measures them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser, read_values
from hwsearch.command_line.setting import Setting, settings_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.run_lock import run_lock
from hwsearch.launch import script_modules
from hwsearch.launch.command.flags import FOLDER
from hwsearch.launch.command.request import Request
from hwsearch.launch.machine import libraries
from hwsearch.launch.machine.gpus import job_gpus
from hwsearch.launch.machine.meter_check import chosen_meter
from hwsearch.launch.optimiser import ROOT
from hwsearch.launch.profiling import calibrate, measuring_batch, measuring_child
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.predicting import LEAST, LEAST_NETWORKS
from hwsearch.progress.steps import Steps
from hwsearch.template import Template

if TYPE_CHECKING:
    from hwsearch.calibration.profiling import Profiling

#: What every machine can measure.
ALWAYS = ("runtime", "memory")
WITH_METER = ("power", "energy")
_MEASURING = settings_of(ProfileSettings)
FLAGS = {
    entry.name: entry
    for entry in (
        Setting("profile", FOLDER, "DIR", "folder of the experiment", default=MISSING),
        Setting("networks", kinds.PROFILES, "N", "networks to measure", default=MISSING),
        Setting("metrics", kinds.TEXT, "M,M", "metrics to measure", default=",".join(ALWAYS)),
        *(calibrate.FLAGS[name] for name in ("seed", "unscored")),
        Setting("timeout", kinds.SECONDS, "T", "give up a network that takes longer", unset="10m"),
        Setting(
            "attached",
            kinds.SWITCH,
            "",
            "end when the program that started this one ends",
            default=False,
        ),
        calibrate.FLAGS["plain"],
        *(_MEASURING[name] for name in ("meter", "batch_size", "repeats")),
        *(_MEASURING[name] for name in ("time_limit_s", "target_error")),
    )
}


def alone(request: Request) -> int:
    """Profiles and reports, without a search; returns the exit status.

    Raises:
        UserError: Something in the request is wrong, or no network can be measured.
    """
    experiment = Experiment(request.experiment)
    experiment.check()
    libraries.check()
    template = Template.from_file(experiment.template)
    script_modules.check(template)
    settings = Settings("profile", "runtime", **request.given)
    note = measuring_batch.choose(settings, template)
    check(request, settings, experiment)
    with run_lock(experiment):
        if note:
            print(note, flush=True)
        models(request, settings, experiment, plain=request.plain)
    return 0


def check(request: Request, settings: Settings, experiment: Experiment) -> None:
    """Checks what `models` will use, before anything is written.

    Raises:
        UserError: Another experiment cannot be used, or too few networks are to be profiled.
    """
    if request.learn_costs_from:
        from hwsearch.launch.profiling import costs_from  # noqa: PLC0415 - imports SciPy

        costs_from.check(request.learn_costs_from, settings, experiment)
    elif request.profile is not None and request.profile < LEAST:
        from hwsearch.predicting.store import Store  # noqa: PLC0415 - as above

        if Store(experiment.hardware).is_empty():
            raise UserError(_too_few(request.profile))


def models(
    request: Request, settings: Settings, experiment: Experiment, *, plain: bool = False
) -> None:
    """What the flags ask for that concerns hardware models, before a search.

    Raises:
        UserError: No network can be measured, or the other experiment cannot be used.
        SystemExit: A signal stopped the process.
    """
    if request.learn_costs_from:
        from hwsearch.launch.profiling import costs_from  # noqa: PLC0415 - imports SciPy

        for source in request.learn_costs_from:
            print(costs_from.adopt(source, settings, experiment), flush=True)
    if request.profile is not None:
        first(settings, experiment, request.profile, plain=plain)


def first(settings: Settings, experiment: Experiment, count: int, *, plain: bool = False) -> None:
    """Profiles networks with the settings of a run, and prints how well their models predict.

    Networks are built and measured in a process of its own, which imports Keras.

    Args:
        settings: Those of the run for measuring, its seed and its metrics.
        experiment: Its template is used.
        count: Number of networks.
        plain: Show lines only, on a terminal too.

    Raises:
        UserError: No network can be measured; the reasons were printed.
        SystemExit: A signal stopped the process.
    """
    gpus = job_gpus(settings)
    metrics = [*ALWAYS, *_metered(settings)]
    command = [sys.executable, str(ROOT / "hyperpower.py"), "--profile", str(experiment.folder)]
    command += ["--networks", str(count), "--metrics", ",".join(metrics)]
    command.append("--attached")
    careful = settings.profile_settings()
    for entry in fields(careful):
        value = getattr(careful, entry.name)
        if entry.name in FLAGS and value is not None:
            command += [f"--{entry.name}", str(value)]
    gpu = gpus[0].uuid if gpus else ""
    status = measuring_child.run(command, settings, gpu=gpu, plain=plain)
    if status in {130, 143}:
        print("\nthe same command continues", flush=True)
        raise SystemExit(status)
    if status:
        raise UserError("--profile: no hardware models were made (see the messages above)")


def _metered(settings: Settings) -> tuple[str, ...]:
    """The metrics that need a power meter, if there is one; else the reason is printed."""
    try:
        chosen_meter(settings, " and ".join(WITH_METER))
    except UserError as error:
        if settings.meter != "auto" or set(WITH_METER) & set(settings.metrics):
            raise
        print(f"note: power and energy are not measured: {error}", flush=True)
        return ()
    return WITH_METER


def run(argv: Sequence[str]) -> int:
    """Profiles networks, one line each, and prints how well their models predict.

    Raises:
        UserError: A flag or the template is wrong, or no network can be measured.
    """
    parser = OneLineParser(
        prog="hyperpower.py",
        usage="%(prog)s --profile DIR --networks N [...]",
        description="Profiles networks of an experiment for hardware models.",
    )
    for entry in FLAGS.values():
        entry.add_to(parser)
    _, values = read_values(parser, argv, FLAGS)
    experiment = Experiment(values["profile"])
    experiment.check()

    from hwsearch.calibration import builders, profiling  # noqa: PLC0415 - imports Keras
    from hwsearch.calibration.profile_report import report  # noqa: PLC0415
    from hwsearch.predicting.store import Store  # noqa: PLC0415

    if values.get("attached"):
        builders.end_with_parent()
    careful = {f.name for f in fields(ProfileSettings)} & values.keys()
    with Steps("profiles", "profile", sys.stderr, plain=values.get("plain", False)) as steps:
        steps.wait("Keras starts and builds the first network")
        found = profiling.profile_networks(
            experiment,
            values["networks"],
            values.get("metrics", FLAGS["metrics"].default).split(","),
            settings=ProfileSettings(**{name: values[name] for name in careful}),
            seed=values.get("seed", 0),
            scored=not values.get("unscored", False),
            limit_s=values.get("timeout") or builders.LIMIT_S,
            report=steps,
        )
    _print(_summary(found))
    store = Store(experiment.hardware)
    different = len({one.signature for one in store.records(found.platform)})
    if different < LEAST and not store.others(found.platform):
        raise UserError(_why_none(found, values["networks"], different, experiment))
    print(report(store.model(found.platform), store.model_file(found.platform)), flush=True)
    return 0


def _summary(found: Profiling) -> str:
    new = "1 new profile" if found.measured == 1 else f"{found.measured} new profiles"
    lines = [f"{new}, {found.before} from before"]
    return "\n".join([*lines, *found.failures.lines()])


def _why_none(found: Profiling, asked: int, different: int, experiment: Experiment) -> str:
    """Why there are too few different networks for a hardware model, and what to do."""
    if asked < LEAST:
        return _too_few(asked)
    what = "structure" if different == 1 else "structures"
    reason = (
        "see above why others could not be measured"
        if found.failures.reasons
        else "let a HYPERPARAM change a layer or its size"
    )
    return (
        f"{experiment.template}: the profiled networks have {different} {what}; expected {LEAST} "
        f"or more, which a hardware model needs: {reason}, or use --learn_costs_from with another "
        "experiment"
    )


def _too_few(asked: int) -> str:
    return (
        f"--profile: got {asked}; expected {LEAST} or more, because a hardware model needs "
        f"{LEAST} different networks (a search uses those of {LEAST_NETWORKS} or more)"
    )


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
