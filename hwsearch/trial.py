"""Whether all networks of a template fail as one of them did: then a search is of no use.

The first job of a run is its check: it is built, runs on a batch and is trained. Only if it fails
are other networks tried, so that a template without faults loses no time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from hwsearch.errors import UserError
from hwsearch.network.errors import without_numbering
from hwsearch.network.fitting.one_step import train_one_step
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.template import Template


def always_fails(
    template: Template,
    home: Path,
    seed: int,
    reason: str,
    *,
    scored: bool,
    reported: Collection[str] = (),
    validation_split: float | None = None,
) -> bool:
    """Whether networks of quite different values fail for the same reason.

    Args:
        template: Of the search.
        home: Its path.
        seed: Of the networks' weights.
        reason: Why one network failed, with lines of the template. Numbers that Keras gives to
            layers may differ.
        scored: Whether the error in % is wanted.
        reported: Names that Keras must report.
        validation_split: Share of the training set to hold out; None = as the script does.
    """
    for params in probes(template):
        failure = _failure(template, home, seed, params, scored, reported, validation_split)
        if without_numbering(failure) != without_numbering(reason):
            return False
    return True


def probes(template: Template) -> list[dict[str, Any]]:
    """Values for three networks: in the middle, at the lower and at the upper ends."""
    variables = template.variables().items()
    return [
        {name: _at(variable, position) for name, variable in variables}
        for position in (0.5, 0.0, 1.0)
    ]


def _at(variable: Mapping[str, Any], position: float) -> Any:
    if variable["type"] == "ENUM":
        return variable["options"][round(position * (len(variable["options"]) - 1))]
    value = variable["min"] + position * (variable["max"] - variable["min"])
    return round(value) if variable["type"] == "INT" else value


def _failure(
    template: Template,
    home: Path,
    seed: int,
    params: Mapping[str, Any],
    scored: bool,
    reported: Collection[str],
    validation_split: float | None,
) -> str:
    """Why a network cannot be built, or trained for one step; "" if it can."""
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        script = Path(folder) / "00000000_keras_net.py"
        try:
            rendered = template.render(params)
            with rendered_script.trial(
                template, rendered, script, home=home, seed=seed, title="a trial network"
            ):
                network = Network.from_script(
                    script, seed, scored=scored, validation_split=validation_split
                )
                train_one_step(network, seed, reported)
        except UserError as error:
            return str(error)
    return ""
