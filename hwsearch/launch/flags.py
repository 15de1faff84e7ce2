"""The flags of gener_experiment.py: read, checked, and turned into a request.

Nothing here loads a heavy library. A flag may be written with '_' or '-' between its words. Only
what was given is kept, so that a resumed run can tell it from a default.
"""

from __future__ import annotations

import argparse
import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from hwsearch.errors import UserError, did_you_mean
from hwsearch.metrics import METRICS

_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

DESCRIPTION = """\
Makes an experiment of a template and searches for its best network under a budget.
The template is DIR/keras_model/network_def.py, a Keras script with HYPERPARAM{...} for values."""

EPILOG = """\
Flags may be written with - for _.
exit status: 0 done, 1 the search failed, 2 something in the request is wrong, 130 Ctrl-C"""

_NAMES = ", ".join(METRICS)
_UNITS = ", ".join(f"{metric.name} {metric.unit}" for metric in METRICS.values())

#: Flags by group: what their value is called ("" = they have none), and their help.
GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "what to search": {
        "--experiment": ("DIR", "folder of the experiment (required)"),
        "--optimize": ("M", f"metric to make small (required): {_NAMES}"),
        "--constraint": ("M", "metric with a budget; repeat it for more, each with its value"),
        "--constraint_val": (
            "V",
            f"the metric must be below V ({_UNITS}); or a share such as 33%: "
            "what that many random networks meet on this machine",
        ),
        "--epochs": ("N", "training epochs a network (50)"),
        "--seed": ("N", "of the search and of every network (0)"),
    },
    "when to end": {
        "--max_finished_jobs": ("N", "networks to evaluate (no end)"),
        "--max_time": ("T", "seconds, or 90m, 2h; no network is begun later (no end)"),
    },
    "how to run": {
        "--resume": (
            "NAME",
            "go on with the newest run, or the named one; flags not given are as they were",
        ),
        "--max_concurrent": ("N", "networks evaluated at once (1)"),
        "--database": (
            "ADDR",
            "sqlite:PATH, HOST:PORT or mongodb://... (SQLite in DIR/mongodb); the environment's "
            "SPEARMINT_DB_ADDRESS wins",
        ),
        "--debug": ("", "say more"),
    },
    "how to measure": {
        "--meter": ("NAME", "source of power and energy readings (auto)"),
        "--list_meters": ("", "show what this machine can measure, and end"),
        "--profile_batch_size": ("N", "images a run while measuring (the script's)"),
        "--profile_repeats": ("N", "groups of steady load, at least (8)"),
        "--profile_time_limit": ("T", "seconds for measuring a network (as needed)"),
        "--profile_target_error": ("E", "standard error to reach, share of the mean (0.02)"),
    },
}
_SPECIAL: dict[str, dict[str, Any]] = {
    "--constraint": {"action": "append", "default": []},
    "--constraint_val": {"action": "append", "default": []},
    "--resume": {"nargs": "?", "const": True, "default": False},
}


@dataclass(slots=True)
class Request:
    """What the flags ask for.

    Attributes:
        experiment: The folder; "" with `list_meters`.
        constraints: Bounds by metric; None where a share stands for it.
        shares: Percentages by metric.
        given: Other settings by their name in `Settings`, only those that were given.
        database: The address, None = not given.
        resume: True = the newest run; a name; False = a fresh run.
        list_meters: Only show what this machine can measure.
    """

    experiment: str = ""
    constraints: dict[str, float | None] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    database: str | None = None
    resume: bool | str = False
    list_meters: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(message.removeprefix("argument "))


def parser() -> argparse.ArgumentParser:
    """All flags, in groups; values stay strings."""
    top = _Parser(
        prog="gener_experiment.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        usage="%(prog)s --experiment DIR --optimize M [--constraint M --constraint_val V]... [...]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for title, flags in GROUPS.items():
        group = top.add_argument_group(title)
        for flag, (metavar, text) in flags.items():
            how: dict[str, Any] = {"metavar": metavar} if metavar else {"action": "store_true"}
            how |= _SPECIAL.get(flag, {})
            group.add_argument(flag, help=text.replace("%", "%%"), **how)
    return top


def read(argv: Sequence[str]) -> Request:
    """What the flags ask for.

    Raises:
        UserError: One line for each thing that is wrong with them.
        SystemExit: After --help.
    """
    flags, rest = parser().parse_known_args([_underscored(word) for word in argv])
    faults = [_unknown(word) for word in rest]
    if flags.list_meters and not faults:
        return Request(list_meters=True)
    request = Request(flags.experiment or "", resume=flags.resume, database=flags.database)
    if not flags.experiment:
        faults.append("--experiment: got nothing; expected the experiment's folder")
    for name, convert in _VALUES.items():
        text = getattr(flags, name)
        if text is None:
            continue
        try:
            request.given[name] = convert(text)
        except ValueError as error:
            faults.append(f"--{name}: got {text!r}; expected {error}")
    if flags.debug:
        request.given["debug"] = True
    if flags.database == "":
        faults.append("--database: got ''; expected sqlite:PATH, HOST:PORT or mongodb://...")
    if flags.optimize is None and not flags.resume:
        faults.append(f"--optimize: got nothing; expected one of {', '.join(METRICS)}")
    faults += _read_constraints(request, flags.constraint, flags.constraint_val)
    if not faults:
        faults += _contradictions(request)
    if faults:
        raise UserError("\n".join(faults))
    return request


def _read_constraints(request: Request, names: list[str], values: list[str]) -> list[str]:
    faults = []
    if len(names) != len(values):
        faults.append(
            f"--constraint: got {len(names)} ({', '.join(names) or 'none'}) and "
            f"{len(values)} --constraint_val ({', '.join(values) or 'none'}); "
            "expected one --constraint_val for each --constraint"
        )
    for name in names:
        if name not in METRICS:
            faults.append(f"--constraint: got {name!r}; expected {_one_of_the_metrics(name)}")
        elif names.count(name) > 1:
            faults.append(f"--constraint: got {name!r} {names.count(name)} times; expected it once")
    if faults:
        return list(dict.fromkeys(faults))
    for name, text in zip(names, values, strict=True):
        try:
            if text.endswith("%"):
                request.shares[name] = _share(name, text)
                request.constraints[name] = None
            else:
                request.constraints[name] = _bound(name, text)
        except ValueError as error:
            faults.append(f"--constraint_val: got {text!r} for {name}; expected {error}")
    return faults


def _contradictions(request: Request) -> list[str]:
    optimised = request.given.get("optimize")
    if optimised is None:
        return []
    if optimised in request.constraints:
        return [
            f"--constraint: got {optimised!r}, which is optimised; expected one of "
            f"{', '.join(name for name in METRICS if name != optimised)}"
        ]
    # A resumed run has its constraints already.
    if optimised != "error" and not request.constraints and not request.resume:
        return [
            f"--optimize: got {optimised!r} without a constraint; expected e.g. "
            "--constraint error --constraint_val 5 (else the smallest network is the best)"
        ]
    return []


def _bound(name: str, text: str) -> float:
    bound = _number(text)
    top = METRICS[name].upper_limit
    if bound is None or bound <= 0 or bound > top:
        limit = f", at most {top:g}" if math.isfinite(top) else ""
        unit = METRICS[name].unit
        raise ValueError(f"a number above 0{limit} (in {unit}), or a share of networks such as 33%")
    return bound


def _share(name: str, text: str) -> float:
    share = _number(text[:-1])
    if name == "error":
        raise ValueError("a number: errors of random networks are not known before training")
    if share is None or not 0 < share < 100:
        raise ValueError("a share of random networks between 0% and 100%, such as 33%")
    return share


def _metric(text: str) -> str:
    if text not in METRICS:
        raise ValueError(_one_of_the_metrics(text))
    return text


def _one_of_the_metrics(text: str) -> str:
    return f"one of {', '.join(METRICS)}{did_you_mean(text, METRICS)}"


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text, re.ASCII) or int(text) < 1:
        raise ValueError("a whole number above 0")
    return int(text)


def _seed(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or int(text) >= 2**32:
        raise ValueError(f"a whole number in 0..{2**32 - 1}")
    return int(text)


def _seconds(text: str) -> float:
    number = _number(text.rstrip("smhd"))
    unit = _UNITS_S.get(text[len(text.rstrip("smhd")) :])
    if number is None or unit is None or not 0 < number * unit <= 1e9:
        raise ValueError("seconds above 0, or 90s, 90m, 2h, 1d")
    return number * unit


def _relative_error(text: str) -> float:
    number = _number(text)
    if number is None or not 0 < number < 1:
        raise ValueError("a share of the mean between 0 and 1, such as 0.02")
    return number


def _name(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("a meter's name; --list_meters shows them")
    return text


def _meter(text: str) -> str:
    """A recording's path is made absolute: jobs run in another folder."""
    name, colon, path = _name(text).partition(":")
    if name == "replay":
        path = path or os.environ.get("HYPERPOWER_REPLAY", "")
        return f"replay:{os.path.abspath(path)}" if path else text  # noqa: PTH100
    return f"{name}{colon}{path}"


def _number(text: str) -> float | None:
    """A finite number; None for "nan", "1_000", blanks and whatever else float() takes or not."""
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text, re.ASCII):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


_VALUES: dict[str, Callable[[str], Any]] = {
    "optimize": _metric,
    "epochs": _count,
    "seed": _seed,
    "max_finished_jobs": _count,
    "max_time": _seconds,
    "max_concurrent": _count,
    "meter": _meter,
    "profile_batch_size": _count,
    "profile_repeats": _count,
    "profile_time_limit": _seconds,
    "profile_target_error": _relative_error,
}


def _underscored(word: str) -> str:
    """`--max-time=5` as `--max_time=5`; other words as they are."""
    if not word.startswith("--") or len(word) == 2:
        return word
    flag, equals, value = word.partition("=")
    return "--" + flag[2:].replace("-", "_") + equals + value


def _unknown(word: str) -> str:
    known = [flag for action in parser()._actions for flag in action.option_strings]
    flag = word.partition("=")[0]
    if flag.startswith("-"):
        return f"{flag}: no such flag; --help shows all{did_you_mean(flag, known)}"
    return f"got {os.fspath(word)!r} without a flag; --help shows all"
