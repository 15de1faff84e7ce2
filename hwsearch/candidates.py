"""What is known of the budgets of a network that has no job yet, and is not measured or trained."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwsearch import budget
from hwsearch.costs import costs_of
from hwsearch.expected_costs import expected_costs
from hwsearch.experiment.settings import Settings
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.predicting.hardware_model import HardwareModel
from hwsearch.template import Template


def known_margins(
    template: Template,
    home: Path,
    settings: Settings,
    params: Mapping[str, Any],
    model: HardwareModel | None = None,
) -> dict[str, float | list[float]]:
    """Builds a network as its job would; computes and predicts what is left of each budget.

    Nothing is measured or trained.

    Args:
        template: The template of the run.
        home: Its file, in whose folder scripts find their modules and data.
        settings: The settings of the run.
        params: As `hyperpower.main` takes them.
        model: Predicts costs that have to be measured; None = they are unknown.

    Returns:
        The constraint's value, as the job's evaluation gives it, by metric; of what is predicted,
        [value, standard deviation].

    Raises:
        UserError: The network cannot be built or counted.
    """
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        script = Path(folder, "00000000_keras_net.py")
        # No count depends on the weights, so that any seed will do.
        with rendered_script.trial(
            template,
            template.render(params),
            script,
            home=home,
            seed=settings.seed,
            title="a candidate",
        ):
            network = Network.from_script(
                script,
                settings.seed,
                settings.seed,
                scored="error" in settings.metrics,
                validation_split=settings.validation_split,
            )
            return _margins(network, settings, model)


def _margins(
    network: Network, settings: Settings, model: HardwareModel | None
) -> dict[str, float | list[float]]:
    """The margins of a network that has been built: see `known_margins`."""
    names, bounds = settings.computed_constraints, settings.constraints
    costs = costs_of(network, names, {}, settings.profile_settings()).values
    margins: dict[str, float | list[float]] = {
        name: budget.margin(bounds[name], costs[name]) for name in names
    }
    if model is not None:
        expected = expected_costs(model, network, settings, settings.predictable)
        for name, cost in expected.items():
            margins[name] = [budget.margin(bounds[name], cost.value), cost.deviation]
    return margins
