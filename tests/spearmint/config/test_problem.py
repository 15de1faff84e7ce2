"""The part of a config.json that a chooser needs."""

from __future__ import annotations

from spearmint.config.problem import TOP_KEYS, read_problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.records import Problem, Task, Variable

VARIABLES = {"x": {"type": "FLOAT", "min": 0, "max": 1}}


def test_variables_are_enough() -> None:
    faults = Faults("file")
    problem = read_problem(ObjectReader({"variables": VARIABLES}, "", faults))
    assert problem == Problem((Variable("x", "FLOAT", 1, 0.0, 1.0),), (Task("main", True),))
    assert problem.source == "file"
    assert (faults.faults, faults.warnings) == ([], [])


def test_keys_of_the_chooser_arrive() -> None:
    document = {
        "variables": VARIABLES,
        "chooser": "random_search",
        "chooser-args": {"a": 1},
        "grid_size": 200,
        "grid_seed": -7,
        "seed": 3.0,
    }
    problem = read_problem(ObjectReader(document, "", Faults("file")))
    assert (problem.chooser, problem.chooser_args) == ("random_search", {"a": 1})
    assert (problem.grid_size, problem.grid_seed, problem.seed) == (200, -7, 3)


def test_every_key_of_a_config_is_known_and_others_are_warnings() -> None:
    faults = Faults("file")
    document = dict.fromkeys(TOP_KEYS) | {"variable": VARIABLES}
    read_problem(ObjectReader(document, "", faults))
    (line,) = faults.warnings
    assert line == 'file: variable: unknown key, ignored; did you mean "variables"?'
