"""What a network is expected to cost before it is measured, where hardware models have earned it.

The models of an experiment are used for networks of a search once they know enough networks of the
run's device. Until then, and wherever they know nothing of a metric, networks are measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import stdtr

from hwsearch.budget import AtLeast, Bound, limit
from hwsearch.costs import counts_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.first_device import known_device
from hwsearch.experiment.settings import Settings
from hwsearch.keras_runtime import keras
from hwsearch.network.network import Network
from hwsearch.network_records import structure_of
from hwsearch.predicting import LEAST_NETWORKS
from hwsearch.predicting.hardware_model import HardwareModel, Prediction
from hwsearch.predicting.records import Platform
from hwsearch.predicting.store import Store

#: A model is made again once this share of the profiles is newer than it.
NEWER = 0.2
#: Half of an interval that holds 90 % of a normal distribution, in standard deviations.
_HALF = 1.645


@dataclass(frozen=True, slots=True)
class ExpectedCost:
    """One expected cost, in the metric's unit.

    Attributes:
        value: The prediction.
        spread: Standard deviation of its logarithm.
        networks: Number of networks that the model knows.
    """

    value: float
    spread: float
    networks: int

    @classmethod
    def of(cls, prediction: Prediction, networks: int) -> ExpectedCost:
        """A model's prediction; the spread is that of its calibrated interval."""
        half = 0.5 * math.log(prediction.high / prediction.low)
        return cls(prediction.value, half / _HALF, networks)

    @property
    def deviation(self) -> float:
        """Standard deviation in the metric's unit."""
        return self.value * self.spread

    def probability(self, bound: Bound) -> float:
        """The probability that the cost meets a bound.

        The logarithm of the cost has Student's t distribution: its spread was estimated, too.
        """
        if limit(bound) <= 0:
            return float(isinstance(bound, AtLeast))
        distance = math.log(limit(bound) / self.value) / max(self.spread, 1e-9)
        sign = -1.0 if isinstance(bound, AtLeast) else 1.0
        return float(stdtr(self.networks - 1, sign * distance))


def model_for(experiment: Experiment, settings: Settings) -> HardwareModel | None:
    """The model of the run's device; None without one, or if the run must not use it."""
    device = known_device(experiment)
    if device is None or not settings.predictable:
        return None
    platform = Platform.from_json({**device, "backend": keras.backend.backend()})
    try:
        return Store(experiment.hardware).model(platform, newer=NEWER)
    except (UserError, OSError):  # too few profiles, or a full disk: networks are measured
        return None


def expected_costs(
    model: HardwareModel, network: Network, settings: Settings, metrics: Iterable[str]
) -> dict[str, ExpectedCost]:
    """The costs of a network by those of some metrics whose models know enough networks.

    Raises:
        UserError: The network cannot be counted.
    """
    enough = [
        name
        for name in metrics
        if name in model.metrics and model.metrics[name].predictor.profiles >= LEAST_NETWORKS
    ]
    if not enough:
        return {}
    structure = structure_of(network, counts_of(network), settings.profile_batch_size)
    found = {}
    for name in enough:
        prediction = model.predict(name, structure)
        if 0 < prediction.low <= prediction.value <= prediction.high < math.inf:
            networks = model.metrics[name].predictor.profiles
            found[name] = ExpectedCost.of(prediction, networks)
    return found
