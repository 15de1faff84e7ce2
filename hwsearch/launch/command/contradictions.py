"""Flags of gener_experiment.py that contradict each other although each of them is valid."""

from __future__ import annotations

from collections.abc import Iterable

from hwsearch.experiment.placement import LOCAL, schedulers
from hwsearch.launch.command.request import Request
from hwsearch.metrics import METRICS, metric

#: The settings that `--profile` uses without a search, besides those of its measurements.
PROFILED = ("seed", "meter", "job_timeout", "mixed_devices", "scheduler", "debug")
#: Settings that `--measure needed` excludes, and that may be given at each start of a run.
NEED_ALL = ("unaware", "mixed_devices", "keep_models", "repeats")
#: Settings with whose other values all networks are measured before their training.
_MEASURING = (("stop", "off"), ("hardware_models", "auto"))


def contradictions(request: Request) -> list[str]:
    """One line for each fault of a request whose flags are valid one by one."""
    if request.retry_broken and not request.resume:
        return ["--retry_broken: given without --resume; expected both"]
    for name in request.optimised:
        if name in request.constraints:
            return [is_optimised("--constraint", name, request)]
    optimised = request.optimised
    # A resumed run has its constraints already.
    are_costs = bool(optimised) and not any(metric(name).is_quality for name in optimised)
    if are_costs and not request.constraints and not request.resume:
        got = repr(optimised[0]) if len(optimised) == 1 else ", ".join(optimised)
        largest = len(optimised) == 1 and bool(request.given.get("maximize"))
        flag, winner = ("maximize", "largest") if largest else ("optimize", "smallest")
        return [
            f"--{flag}: got {got} without a constraint; expected e.g. "
            f"--constraint error --constraint_val 5 (otherwise the {winner} network would win)"
        ]
    return [
        *_without_search(request),
        *_too_few(request),
        *_all_measured(request),
        *_not_predicted(request),
        *_misplaced(request),
    ]


def is_optimised(flag: str, name: str, request: Request) -> str:
    """The fault of a flag that bounds a metric which is optimised."""
    others = (other for other in METRICS if other not in request.optimised)
    return (
        f"{flag}: got {name!r}, which is optimised; expected one of {', '.join(others)}, or "
        "another val_NAME"
    )


def _without_search(request: Request) -> list[str]:
    """What would be ignored because there is no search."""
    if not request.only_profiles:
        return []
    ignored = [
        name for name in request.given if name not in PROFILED and not name.startswith("profile_")
    ]
    others = {"database": request.database is not None, "json": request.json}
    ignored += [name for name, is_given in others.items() if is_given]
    return [
        f"--{name}: given with --profile but without --optimize, so there is no search; "
        "expected --optimize too"
        for name in ignored
    ]


def _too_few(request: Request) -> list[str]:
    """What leaves budgets of a sweep without a network of their own."""
    sweep = request.given.get("sweep")
    if not sweep or request.resume:  # a resumed one may have its networks already
        return []
    [budgets] = map(len, sweep.values())
    return [
        f"--{limit}: got {request.given[limit]} with --sweep of {budgets} budgets; expected at "
        "least one network for each"
        for limit in ("max_finished_jobs", "max_trained")
        if request.given.get(limit, budgets) < budgets
    ]


def _all_measured(request: Request) -> list[str]:
    """What makes `--measure needed` mean nothing: every network is measured first then."""
    given = request.given
    if given.get("measure") != "needed":
        return []
    others = [name for name in (*NEED_ALL, "sweep") if given.get(name)]
    others += ["constraint memory"] if "memory" in request.constraints else []
    others += [f"{name} {given[name]}" for name, off in _MEASURING if given.get(name, off) != off]
    if given.get("further_objectives"):
        others.append(f"optimize {','.join(request.optimised)}")
    return [
        f"--measure: got needed with --{other}, which needs all measurements; "
        "expected one of the two"
        for other in others
    ]


def _not_predicted(request: Request) -> list[str]:
    """Profiles of another experiment that no prediction of this start would use."""
    is_off = request.given.get("hardware_models") == "off"
    if not (is_off and request.learn_costs_from and request.profile is None):
        return []
    return [
        "--learn_costs_from: given with --hardware_models off, so the search would not use it; "
        "expected one of the two"
    ]


def _misplaced(request: Request) -> list[str]:
    """What the flags about the place of jobs contradict."""
    given = request.given
    faults = []
    if "resources" in given:
        faults += [
            f"--{name}: given with --resources; expected it in {request.resources_file!r}, as "
            f"{name.replace('_', '-')!r} of each resource"
            for name in ("scheduler", "scheduler_args", "max_concurrent")
            if name in given
        ]
    here = given.get("scheduler", LOCAL) == LOCAL and "resources" not in given
    known = "scheduler" in given or not request.resume  # else it is in the settings of that run
    if "scheduler_args" in given and here and known:
        faults.append("--scheduler_args: given for local jobs; expected --scheduler slurm")
    used = schedulers(given.get("scheduler", LOCAL), given.get("resources"))
    if used != {LOCAL}:  # a resumed run may have determined its percentages before
        faults += measured_here(request.profile, () if request.resume else request.shares)
    return faults


def measured_here(profile: int | None, shares: Iterable[str]) -> list[str]:
    """What would be measured on this machine although jobs run elsewhere.

    Args:
        profile: Networks to measure for hardware models; None = none.
        shares: Metrics whose bounds are percentages that are still to be determined.
    """
    faults = []
    if profile is not None:
        faults.append(
            f"--profile: got {profile} for jobs that run elsewhere; expected local jobs, "
            "because it measures on this machine"
        )
    measured = [name for name in shares if metric(name).needs_device]
    if measured:
        faults.append(
            f"--constraint_val: got a percentage for {', '.join(measured)}, which would be "
            "measured on this machine, not on those of the jobs; expected a number: run "
            "hyperpower.py --calibrate on one of those machines"
        )
    return faults
