"""The network of the script's own values, the defaults, beside the best one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.report.result import Result
from hwsearch.template import Template


def own_network(
    settings: Settings, results: Sequence[Result], best: Result | None, experiment: Experiment
) -> list[str]:
    """How much better the best network is than that of the defaults.

    Args:
        settings: Settings of the run.
        results: All results.
        best: The best network of the report; None if there is none.
        experiment: Its template has the defaults.

    Returns:
        A heading and a line per metric of the run; [] if no hyper-parameter has a default, or no
        finished job has all of them.
    """
    template = experiment.find_template()
    if template is None or not any(entry.has_default for entry in template.hyperparameters):
        return []
    own = next((result for result in results if _has_defaults(result, template)), None)
    if own is None or not any(math.isfinite(value) for value in own.values.values()):
        return []
    matter = template.active_values(own.params)
    every = all(entry.has_default for entry in template.hyperparameters if entry.token in matter)
    title = "Your own network" if every else "Network of the defaults"
    if best is not None and best.job == own.job:
        return [f"{title}: job {own.job}, which is the best one"]
    head = f"{title}: job {own.job}" + ("" if best is None else ", compared with the best one")
    names = [name for name in settings.metrics if math.isfinite(own.values.get(name, math.nan))]
    return [head, *(_line(name, own, best) for name in names)]


def _has_defaults(result: Result, template: Template) -> bool:
    """Whether the script got the default of each hyper-parameter that matters and has one."""
    try:
        values: Mapping[str, Any] = template.active_values(result.params)
    except UserError:  # from before a change of the template
        return False
    return all(
        values[entry.token] == entry.default
        for entry in template.hyperparameters
        if entry.has_default and entry.token in values
    )


def _line(name: str, own: Result, best: Result | None) -> str:
    """A metric of both networks, and the difference."""
    line = f"  {name}  {own.cost(name)}"
    if best is None or not math.isfinite(best.values.get(name, math.nan)):
        return line
    before, after = own.values[name], best.values[name]
    line += f" -> {best.cost(name)}"
    if before > 0:
        line += f" ({100 * (after / before - 1):+.1f}%)"
    errors = [error for error in (own.std_error(name), best.std_error(name)) if error > 0]
    if abs(after - before) < math.hypot(*errors):
        line += ", difference within the uncertainty"
    return line
