"""Settings of trainings in a search that trains no network."""

from __future__ import annotations

from typing import Any

import pytest

from hwsearch.experiment import Settings
from hwsearch.launch.without_training import notes

TRAINING: dict[str, Any] = {"epochs": 3, "train_timeout": 9.0, "keep_models": 2}


def test_what_has_no_effect_is_said_in_one_note() -> None:
    assert notes(Settings("run", "runtime", {"params": 9e4}, **TRAINING)) == [
        "note: no network is trained, because all metrics of this search are known before a "
        "training: --epochs, --train_timeout, --keep_models have no effect on it"
    ]
    [one] = notes(Settings("run", "runtime", {"params": 9e4}, last_epoch=True))
    assert one.endswith(": --last_epoch has no effect on it")
    [one] = notes(Settings("run", "runtime", {"params": 9e4}, measure="needed"))
    assert one.endswith(": --measure needed has no effect on it")


@pytest.mark.parametrize(
    ("optimize", "bounds", "given"),
    [
        ("error", {"params": 9e4}, TRAINING),
        ("runtime", {"error": 5.0}, TRAINING),
        ("runtime", {"params": 9e4}, {"max_trained": 3, "max_time": 9.0}),
    ],
)
def test_else_there_is_none(optimize: str, bounds: dict[str, Any], given: dict[str, Any]) -> None:
    assert notes(Settings("run", optimize, bounds, **given)) == []
