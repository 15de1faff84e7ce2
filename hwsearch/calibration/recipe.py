"""How a network that has no job is built and measured."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.calibration.builders import Say
from hwsearch.costs import Costs, costs_of
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.network.network import Network
from hwsearch.network.program import rendered_script
from hwsearch.template import Template

#: Is given a network that was measured; a UserError says why it cannot be used.
Check = Callable[[Network], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """A network that was measured.

    Attributes:
        network: The network.
        costs: What it costs.
        text: Its rendered template.
    """

    network: Network
    costs: Costs
    text: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is the same for all these networks of a template.

    Attributes:
        template: The template.
        home: Its path.
        folder: Where the networks' scripts go.
        seed: Seed of the networks.
        settings: How to measure.
        metrics: What to count and to measure.
        scored: Whether the networks have to give an error in percent.
    """

    template: Template
    home: Path
    folder: Path
    seed: int
    settings: ProfileSettings
    metrics: tuple[str, ...]
    scored: bool = True

    def measured(
        self,
        number: int,
        params: Mapping[str, Any],
        say: Say,
        title: str,
        check: Check | None = None,
    ) -> Measured:
        """Builds and measures a network; errors name the template's lines.

        Args:
            number: The network's number, for the name of its script.
            params: Its hyper-parameters.
            say: Prints a line about a wait.
            title: What its script calls it.
            check: Is called with the network after its measurement.

        Raises:
            UserError: It cannot be built or measured, or `check` raises it.
        """
        text = self.template.render(params)
        with self.built(number, text, title) as network:
            costs = costs_of(network, self.metrics, {}, self.settings, waiting=say)
            if check is not None:
                check(network)
            return Measured(network, costs, text)

    @contextlib.contextmanager
    def built(self, number: int, text: str, title: str) -> Iterator[Network]:
        """Builds a network; errors, those in the `with` block too, name the template's lines.

        Args:
            number: The network's number, for the name of its script.
            text: Its rendered template.
            title: What its script calls it.

        Raises:
            UserError: It cannot be built.
        """
        script = self.folder / f"{number:08d}_keras_net.py"
        trial = rendered_script.trial(
            self.template, text, script, home=self.home, seed=self.seed, title=title
        )
        with trial:
            yield Network.from_script(script, self.seed, scored=self.scored)
