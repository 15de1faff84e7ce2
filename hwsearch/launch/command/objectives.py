"""The objectives that --optimize, --maximize and --minimize ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch.experiment.metric_kinds import METRIC, unknown
from hwsearch.experiment.objectives import MOST_OBJECTIVES
from hwsearch.metrics import higher_is_better

#: The flags, in the order of the objectives.
FLAGS = ("optimize", "maximize", "minimize")


def read(named: Mapping[str, Sequence[str]], *, resume: bool) -> tuple[dict[str, Any], list[str]]:
    """The settings that name the objectives.

    Args:
        named: The metrics by flag, of those that were given.
        resume: Whether a run is resumed: its own settings are compared with these.

    Returns:
        Settings by name, without defaults unless a run is resumed; and a line for each fault.
    """
    wanted: dict[str, bool | None] = {}
    for flag, names in named.items():
        for name in names:
            if not METRIC.accepts(name):
                return {}, [unknown(f"--{flag}", name)]
            if name in wanted:
                return {}, [f"--{flag}: got {name!r} a second time; expected each metric once"]
            wanted[name] = higher_is_better(name) if flag == "optimize" else flag == "maximize"
    faults = _faults(wanted, resume=resume)
    if faults or not wanted:
        return {}, faults
    first, *further = wanted
    given: dict[str, Any] = {"optimize": first}
    if wanted[first] or (resume and wanted[first] is not None):  # False is the default
        given["maximize"] = wanted[first]
    if further or resume:
        given["further_objectives"] = {name: wanted[name] for name in further}
    return given, []


def _faults(wanted: Mapping[str, bool | None], *, resume: bool) -> list[str]:
    if len(wanted) > MOST_OBJECTIVES:
        got = f"{len(wanted)} metrics ({', '.join(wanted)})"
        return [f"--optimize: got {got}; expected at most {MOST_OBJECTIVES}"]
    unknown = [name for name, maximised in wanted.items() if maximised is None]
    if resume and len(wanted) == 1:  # as it was
        return []
    return [
        f"--optimize: got {name!r}, of which the tool does not know whether more is better; "
        f"expected --maximize {name} or --minimize {name}"
        for name in unknown
    ]
