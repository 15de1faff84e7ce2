from __future__ import annotations

import pytest

from hwsearch.launch.command.contradictions import contradictions
from hwsearch.launch.command.request import Request


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"seed": 3, "meter": "nvml", "profile_repeats": 4, "job_timeout": 60.0},
        {"optimize": "error", "max_time": 9.0},
    ],
)
def test_flags_that_profiles_use(given: dict[str, object]) -> None:
    assert contradictions(Request("d", profile=3, given=given)) == []


def test_flags_that_profiles_without_a_search_would_ignore() -> None:
    given = {"max_time": 9.0, "seed": 3, "epochs": 2}
    request = Request("d", profile=3, given=given, database="h:1", json=True)
    end = "given with --profile but without --optimize, so there is no search; "
    assert contradictions(request) == [
        f"--{name}: {end}expected --optimize too"
        for name in ("max_time", "epochs", "database", "json")
    ]
    assert contradictions(Request("d", profile=3, resume=True, given={"max_time": 9.0})) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"stop": "freeze-thaw"}, "stop freeze-thaw"),
        ({"hardware_models": "off"}, "hardware_models off"),
        ({"keep_models": 3}, "keep_models"),
        ({"repeats": 3}, "repeats"),
        ({"unaware": True}, "unaware"),
        ({"mixed_devices": True}, "mixed_devices"),
        ({"sweep": {"power": [60.0, 70.0]}}, "sweep"),
        ({"further_objectives": {"power": False}}, "optimize error,power"),
    ],
)
def test_what_needs_all_measurements(more: dict[str, object], words: str) -> None:
    given = {"optimize": "error", "measure": "needed"} | more
    assert contradictions(Request("d", given=given)) == [
        f"--measure: got needed with --{words}, which needs all measurements; expected one of the "
        "two"
    ]
    assert contradictions(Request("d", given=given | {"measure": "all"})) == []


def test_profiles_of_another_experiment_need_predictions() -> None:
    given = {"optimize": "error", "hardware_models": "off"}
    [fault] = contradictions(Request("d", given=given, learn_costs_from=["e"]))
    assert fault.startswith("--learn_costs_from: given with --hardware_models off, so the search")
    assert contradictions(Request("d", given=given, learn_costs_from=["e"], profile=3)) == []
    assert contradictions(Request("d", given={"optimize": "error"}, learn_costs_from=["e"])) == []


def test_memory_is_not_measured_after_a_training() -> None:
    given = {"optimize": "error", "measure": "needed"}
    [fault] = contradictions(Request("d", constraints={"runtime": 1.0, "memory": 1.0}, given=given))
    assert fault.startswith("--measure: got needed with --constraint memory, which needs all")


def test_needed_measurements_alone() -> None:
    given = {"optimize": "error", "measure": "needed", "stop": "off", "hardware_models": "auto"}
    assert contradictions(Request("d", given=given)) == []


def test_a_metric_cannot_be_bounded_and_optimised() -> None:
    given = {"optimize": "power", "further_objectives": {"error": False}}
    [fault] = contradictions(Request("d", constraints={"error": 3.0}, given=given))
    assert fault.startswith(
        "--constraint: got 'error', which is optimised; expected one of energy, runtime"
    )
