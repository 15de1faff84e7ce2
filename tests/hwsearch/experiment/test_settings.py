"""Settings: a JSON round trip, and one line for every fault."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.budget import AtLeast
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings

FULL = Settings(
    "hyperpower-1",
    "error",
    {"power": 85.5, "runtime": 1e-7},
    {"runtime": 33.0},
    epochs=2,
    seed=7,
    meter="nvml",
    profile_batch_size=32,
    profile_repeats=3,
    profile_time_limit=1.5,
    profile_target_error=0.1,
    database="sqlite:a.sqlite",
    max_finished_jobs=20,
    max_time=60.0,
    max_concurrent=2,
    debug=True,
)


MODEL = Settings("a", "val_auc", {"val_recall": AtLeast(0.9), "val_loss": -0.5}, maximize=True)


@pytest.mark.parametrize("settings", [FULL, MODEL, Settings("a", "power", {"error": 5})])
def test_round_trip(settings: Settings) -> None:
    assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_metrics_begin_with_the_optimised_one() -> None:
    assert FULL.metrics == ("error", "power", "runtime")


def test_bounds_are_stored_as_people_write_them() -> None:
    assert MODEL.to_json()["constraints"] == {"val_recall": ">= 0.9", "val_loss": -0.5}


def test_what_is_known_before_training_and_what_keras_must_report() -> None:
    settings = Settings("a", "error", {"power": 1.0, "val_auc": 1.0, "training_time": 9.0})
    assert settings.known_before_training == ("power",)
    assert settings.reported == ("val_auc",)


@pytest.mark.parametrize(
    ("settings", "monitor"),
    [
        (Settings("a", "error"), ("error", "min")),
        (MODEL, ("val_auc", "max")),
        (Settings("a", "power", {"error": 5.0}), ("error", "min")),
        (Settings("a", "power", {"params": 5.0, "val_auc": AtLeast(0.9)}), ("val_auc", "max")),
        (Settings("a", "power", {"params": 5.0}), ("val_loss", "min")),
    ],
)
def test_the_best_epoch_is_best_in(settings: Settings, monitor: tuple[str, str]) -> None:
    assert settings.monitor == monitor


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"optimize": "speed"}, "optimize: got 'speed'; expected one of error, power, energy"),
        ({"optimize": ["error"]}, "optimize: got ['error']; expected one of error"),
        ({"experiment_name": ""}, "experiment_name: got ''; expected a name"),
        ({"constraints": {"power": -1}}, "expected bounds above 0 by metric"),
        ({"constraints": {"speed": 1}}, "expected bounds above 0 by metric"),
        ({"constraints": {"power": math.nan}}, "expected bounds above 0 by metric"),
        ({"constraints": {"power": ">= -1"}}, "expected bounds above 0 by metric"),
        ({"constraints": {"val_loss": "<= 1"}}, "expected bounds above 0 by metric"),
        ({"constraints": {"power": 10**400}}, "expected bounds above 0 by metric"),
        (
            {"shares": {"power": 100}},
            "shares: got {'power': 100}; expected percentages between 0 and 100 by metric",
        ),
        ({"epochs": True}, "epochs: got True; expected a whole number above 0"),
        ({"epochs": 1.0}, "epochs: got 1.0; expected a whole number above 0"),
        ({"seed": -1}, "seed: got -1; expected a whole number in 0..4294967295"),
        (
            {"profile_target_error": 1},
            "profile_target_error: got 1; expected a number between 0 and 1",
        ),
        ({"speed": 1}, "got the key 'speed'; the keys are experiment_name, optimize"),
    ],
)
def test_faults(changes: dict, fault: str) -> None:
    with pytest.raises(UserError) as caught:
        Settings.from_json(FULL.to_json() | changes, "tmp/settings.json")
    assert str(caught.value).startswith("tmp/settings.json: ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_are_reported_together() -> None:
    with pytest.raises(UserError) as caught:
        Settings.from_json({"epochs": 0, "seed": "x"})
    assert len(str(caught.value).splitlines()) == 4


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(FULL.to_json())), ANY_JSON) | ANY_JSON)
def test_anything_is_settings_or_faults(document: object) -> None:
    if isinstance(document, dict):
        document = FULL.to_json() | document
    try:
        settings = Settings.from_json(document)
    except UserError as error:
        message = str(error)
    else:
        assert Settings.from_json(settings.to_json()) == settings
        return
    assert message.startswith("settings.json: ")
