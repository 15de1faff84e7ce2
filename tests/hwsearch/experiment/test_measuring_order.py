from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hwsearch.experiment.measuring_order import may_train_first
from hwsearch.experiment.settings import Settings

SETTINGS = Settings("run", "error", {"power": 85.0}, measure="needed")


def test_networks_of_a_run_with_one_best_network_may_be_trained_first() -> None:
    assert may_train_first(SETTINGS)
    assert may_train_first(replace(SETTINGS, optimize="val_accuracy", maximize=True))
    assert may_train_first(replace(SETTINGS, constraints={"power": 85.0, "params": 1e6}))


@pytest.mark.parametrize(
    "changes",
    [
        {"measure": "all"},
        {"stop": "freeze-thaw"},
        {"optimize": "runtime"},
        {"constraints": {"params": 1e6}},
        {"constraints": {"memory": 2.0, "power": 85.0}},
        {"hardware_models": "off"},
        {"mixed_devices": True},
        {"unaware": True},
        {"further_objectives": {"runtime": False}},
        {"sweep": {"power": [90.0, 85.0]}},
        {"keep_models": 3},
        {"repeats": 3},
    ],
)
def test_otherwise_all_networks_are_measured_first(changes: dict[str, Any]) -> None:
    assert not may_train_first(replace(SETTINGS, **changes))
