"""The flags of gener_experiment.py: read, checked, and turned into a request.

Nothing here loads a heavy library. Only what was given is kept, so that a resumed run can
distinguish it from a default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING
from typing import Any

from hwsearch import budget
from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser, values_of
from hwsearch.command_line.setting import Setting, settings_of
from hwsearch.errors import UserError
from hwsearch.experiment.limits import Limits
from hwsearch.experiment.metric_kinds import METRIC, METRIC_LIST
from hwsearch.experiment.placement import Place
from hwsearch.experiment.settings import Settings
from hwsearch.launch.command import bounds, objectives
from hwsearch.launch.command.contradictions import contradictions, is_optimised
from hwsearch.launch.command.request import Request
from hwsearch.metrics import METRICS

DESCRIPTION = """\
Turns a template into an experiment and searches for its best network under a budget.
The template, DIR/keras_model/network_def.py, is a Keras script with HYPERPARAM{...} in place of
values."""

EPILOG = """\
`-` and `_` are interchangeable in flags.
exit status: 0 finished, 1 the search failed, 2 the request is not valid, 130 Ctrl-C, 143 SIGTERM"""

FOLDER = kinds.Kind("the folder of an experiment", bool)
ADDRESS = kinds.Kind("sqlite:PATH, HOST:PORT or mongodb://...", bool)
_UNITS = ", ".join(f"{metric.name} {metric.unit}" for metric in METRICS.values())

#: By name; those that are not settings of a run first.
FLAGS = {
    entry.name: entry
    for entry in (
        Setting("experiment", FOLDER, "DIR", "folder of the experiment", default=MISSING),
        Setting(
            "optimize",
            METRIC_LIST,
            "M",
            f"metric to optimise: {', '.join(METRICS)}; or a loss or metric that the compiled "
            "model reports on the validation set, such as val_loss or val_auc; two or three, such "
            "as error,power, give the Pareto front",
            default=MISSING,
        ),
        Setting(
            "maximize",
            METRIC_LIST,
            "M",
            "metric that should be as high as possible, instead of --optimize or in addition to "
            "it; --optimize knows the direction of Keras' own metrics",
        ),
        Setting(
            "minimize",
            METRIC_LIST,
            "M",
            "metric that should be as low as possible, instead of --optimize or in addition to it",
        ),
        Setting(
            "constraint",
            METRIC,
            "M",
            "metric to bound; may be repeated, each with its own --constraint_val",
        ),
        Setting(
            "constraint_val",
            kinds.TEXT,
            "V",
            f"the metric must be below V ({_UNITS}; units as in 5ms, 8MiB, 2.5mJ and 1.5M are "
            'accepted), or at least V if written as ">= V"; a percentage such as 33% sets the '
            "bound that 33% of random networks meet on this machine",
        ),
        Setting(
            "sweep",
            kinds.TEXT,
            "M V,V",
            "several budgets of a metric, such as power 60,70,80: one run searches them one after "
            "the other, the loosest first; each gets an equal share of the limits, and every "
            "training counts for all",
        ),
        Setting(
            "resume",
            kinds.TEXT,
            "NAME",
            "continue the latest run, or the named one; omitted flags keep their previous values "
            "(--no_per_second takes --per_second back)",
        ),
        Setting(
            "retry_broken",
            kinds.SWITCH,
            "",
            "with --resume: run broken jobs again",
        ),
        Setting(
            "database",
            ADDRESS,
            "ADDR",
            f"{ADDRESS.expected}; the environment variable SPEARMINT_DB_ADDRESS takes precedence",
            unset="SQLite in DIR/mongodb",
        ),
        Setting(
            "json",
            kinds.SWITCH,
            "",
            "print the content of tmp/summary.json at the end; everything else goes to standard "
            "error",
        ),
        Setting(
            "plain",
            kinds.SWITCH,
            "",
            "print only lines, without the progress display that a terminal shows by default",
        ),
        Setting(
            "profile",
            kinds.PROFILES,
            "N",
            "measure N networks that represent the template, and fit models that predict the costs "
            "of others; this happens before the search, or alone without --optimize",
        ),
        Setting(
            "learn_costs_from",
            FOLDER,
            "DIR",
            "another experiment, measured on the same device, whose networks inform the models "
            "that predict costs until there are enough of this template; may be repeated",
            unset="none",
        ),
        Setting("list_meters", kinds.SWITCH, "", "show what this machine can measure, and exit"),
        *(entry for entry in settings_of(Settings).values() if entry.help),
    )
}
LIMITS = tuple(settings_of(Limits))
PLACE = tuple(settings_of(Place))
GROUPS = {
    "what to search": (
        "experiment",
        "optimize",
        "maximize",
        "minimize",
        "constraint",
        "constraint_val",
        "sweep",
        "epochs",
        "validation_split",
        "last_epoch",
        "seed",
        "enqueue",
        "learn_from",
        "repeats",
    ),
    "how networks are chosen": ("method", "unaware", "per_second"),
    "when to stop": (*LIMITS, "stop", "chance", "paused_size"),
    "how to run": ("resume", "retry_broken", "database", "keep_models", "plain", "json", "debug"),
    "where to run": PLACE,
    "how to measure": (
        "meter",
        "list_meters",
        "profile",
        "learn_costs_from",
        "profile_batch_size",
        "profile_repeats",
        "profile_time_limit",
        "profile_target_error",
        "hardware_models",
        "measure",
    ),
}
_FORMS: dict[str, dict[str, Any]] = {
    "constraint": {"action": "append", "default": []},
    "constraint_val": {"action": "append", "default": []},
    "sweep": {"nargs": 2, "metavar": ("M", "V,V"), "action": "append", "default": []},
    "learn_costs_from": {"action": "append"},
    "resume": {"nargs": "?", "const": True, "default": False},
}
#: Switches that a resumed run keeps, and that may change from start to start.
_REVOCABLE = ("unaware", "per_second", "mixed_devices", "debug")
_SWITCHES = {"json", "list_meters", "plain", "retry_broken"}
#: Flags whose values are read one by one.
_APART = {*_FORMS, *_SWITCHES} - {"learn_costs_from"}
_PLAIN = {name: entry for name, entry in FLAGS.items() if name not in _APART}


def parser() -> OneLineParser:
    """All flags, in groups."""
    top = OneLineParser(
        verbatim=["--scheduler_args"],  # whose value begins with a flag of sbatch or qsub
        prog="gener_experiment.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        usage="%(prog)s --experiment DIR --optimize M [--constraint M --constraint_val V]... [...]",
    )
    for title, names in GROUPS.items():
        group = top.add_argument_group(title)
        for name in names:
            FLAGS[name].add_to(group, revocable=name in _REVOCABLE, **_FORMS.get(name, {}))
    return top


def read(argv: Sequence[str]) -> Request:
    """What the flags ask for.

    Raises:
        UserError: One line for each fault.
        SystemExit: After --help.
    """
    flags, faults = parser().read(argv)
    if flags.list_meters and not faults:
        return Request(list_meters=True)
    values, wrong = values_of(flags, _PLAIN)
    faults += wrong
    request = Request(
        values.pop("experiment", ""),
        database=values.pop("database", None),
        resume=flags.resume,
        retry_broken=flags.retry_broken,
        plain=flags.plain,
        json=flags.json,
        resources_file=flags.resources or "",
        profile=values.pop("profile", None),
        learn_costs_from=values.pop("learn_costs_from", []),
        given=values,
    )
    if flags.resume == "":
        faults.append("--resume: got ''; expected the name of a run, or nothing after it")
    if flags.experiment is None:
        faults.append(FLAGS["experiment"].missing)
    if _needs_objective(flags) and not _objectives(flags):
        faults.append(FLAGS["optimize"].missing)
    named = {flag: values.pop(flag) for flag in objectives.FLAGS if flag in values}
    wanted, wrong = objectives.read(named, resume=bool(request.resume))
    values |= wanted
    faults += wrong
    request.constraints, request.shares, wrong = bounds.read(flags.constraint, flags.constraint_val)
    faults += wrong
    if len(flags.sweep) > 1:
        got = ", ".join(name for name, _ in flags.sweep)
        faults.append(f"--sweep: given {len(flags.sweep)} times ({got}); expected once")
    elif flags.sweep:
        faults += _read_sweep(request, *flags.sweep[0])
    if not faults:
        faults += contradictions(request)
    if faults:
        raise UserError("\n".join(faults))
    return request


def _read_sweep(request: Request, name: str, text: str) -> list[str]:
    """Adds the budgets of a sweep; a fresh run begins with the loosest one."""
    found, faults = bounds.read_sweep(name, text)
    if faults:
        return faults
    if name in request.constraints:
        return [f"--sweep: got {name!r}, which --constraint bounds; expected only one of the two"]
    if name in request.optimised:
        return [is_optimised("--sweep", name, request)]
    if request.given.get("further_objectives"):
        return ["--sweep: given with several objectives, whose front has the best of every budget"]
    limits = ("max_finished_jobs", "max_trained", "max_time")
    if not request.resume and not any(limit in request.given for limit in limits):
        flags = ", ".join(f"--{limit}" for limit in limits)
        return [f"--sweep: given without a limit that budgets can share; expected one of {flags}"]
    request.given["sweep"] = {name: [budget.to_json(bound) for bound in found]}
    if not request.resume:
        request.constraints[name] = found[0]
    return []


def _objectives(flags: Any) -> list[str]:
    """The flags that name what is optimised, of those that were given."""
    return [flag for flag in objectives.FLAGS if getattr(flags, flag) is not None]


def _needs_objective(flags: Any) -> bool:
    """Whether a search begins, by the flags as they were written."""
    if flags.resume is not False:
        return False
    return flags.profile is None or bool(flags.constraint) or bool(flags.sweep)
