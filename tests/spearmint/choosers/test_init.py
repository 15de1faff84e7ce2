"""Available choosers, and how a config.json is checked."""

from __future__ import annotations

import doctest
import sys

import pytest

from spearmint import choosers
from spearmint.choosers import available, create
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.choosers.random_search import RandomSearch
from spearmint.config import ConfigError, parse
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.errors import UserError

VARIABLES = {"variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}


def test_the_example_of_the_docstring():
    assert doctest.testmod(choosers) == (0, 10)


def test_choosers_of_the_folder_are_available():
    assert {"default_chooser", "random_search"} <= set(available())
    assert "chooser" not in available()


def test_default_and_by_name():
    assert isinstance(create(VARIABLES, 1), DefaultChooser)
    assert isinstance(create(VARIABLES | {"chooser": "random_search"}, 1), RandomSearch)
    assert isinstance(
        create(VARIABLES | {"chooser": "spearmint.choosers.random_search"}), RandomSearch
    )


def test_a_module_put_into_the_folder_is_a_chooser(tmp_path, monkeypatch):
    text = (
        "from spearmint.choosers.random_search import RandomSearch\n"
        "ARGUMENTS = {}\n"
        "def init(problem, seed, arguments):\n"
        "    return RandomSearch(problem, seed)\n"
    )
    (tmp_path / "my_chooser.py").write_text(text)
    monkeypatch.setattr(choosers, "__path__", [*choosers.__path__, str(tmp_path)])
    assert isinstance(create(VARIABLES | {"chooser": "my_chooser"}, 1), RandomSearch)
    monkeypatch.delitem(sys.modules, "spearmint.choosers.my_chooser")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ([], "config: got []; expected an object"),
        ({}, "config: variables: got nothing; expected an object with one variable per key"),
        (
            VARIABLES | {"chooser": "best_of_all"},
            'config: chooser: got "best_of_all"; expected one of default_chooser, hw_cwei, ',
        ),
        (VARIABLES | {"chooser": "chooser"}, 'config: chooser: got "chooser"; expected one of'),
        (VARIABLES | {"chooser": "random_serch"}, '(did you mean "random_search"?)'),
        (VARIABLES | {"chooser": 3}, "config: chooser: got 3; expected the name of a chooser"),
        (VARIABLES | {"chooser-args": "mcmc_iters=10"}, 'chooser-args: got "mcmc_iters=10"'),
        (
            VARIABLES | {"chooser-args": {"fantasies": 0}},
            "config: chooser-args.fantasies: got 0; expected a whole number from 1 to 256",
        ),
        (VARIABLES | {"chooser-args": {"fantasies": 2.5}}, "a whole number from 1 to 256"),
        (VARIABLES | {"chooser-args": {"fantasies": True}}, "a whole number from 1 to 256"),
        (VARIABLES | {"grid_size": 0}, "config: grid_size: got 0"),
        (VARIABLES | {"grid_seed": "a"}, 'config: grid_seed: got "a"'),
        (VARIABLES | {"tasks": {"c": {"type": "CONSTRAINT"}}}, "one to three tasks"),
    ],
)
def test_faults_are_one_line(config, line):
    with pytest.raises(ConfigError) as error:
        create(config, 0)
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_all_faults_are_reported_together():
    config = {
        "variables": {
            "x": {"type": "FLOAT", "min": 0, "max": 1, "size": 20_000},
            "e": {"type": "ENUM", "options": ["a", {"b": 1}, {"name": 2}, float("nan")]},
        },
        "tasks": {"reason": {"type": "OBJECTIVE"}},
        "chooser-args": {"starts": -1},
    }
    with pytest.raises(ConfigError) as error:
        create(config)
    places = [line.split(": ")[1] for line in error.value.faults]
    assert places == [
        "variables.x.size",
        "variables.e.options",
        "variables.e.options",
        "variables.e.options",
        "tasks.reason",
        "chooser-args.starts",
    ]


def test_unknown_keys_are_warnings():
    config = {
        "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1, "lenght": 2}},
        "chooser-args": {"parallel-opt": True, "mcmc_iters": 10},
    }
    with pytest.warns(UserWarning, match="unknown key, ignored") as caught:
        chooser = create(config)
    assert [str(warning.message) for warning in caught] == list(chooser.warnings)
    assert {warning.filename for warning in caught} == {__file__}
    assert [line.split(": ")[1] for line in chooser.warnings] == [
        "variables.x.lenght",
        "chooser-args.parallel-opt",
        "chooser-args.mcmc_iters",
    ]


def test_faults_of_a_file_name_the_file():
    document = VARIABLES | {"main-file": "f.py", "chooser": "bayes", "chooser-args": {"a": 1}}
    with pytest.raises(ConfigError, match=r"^dir/c\.json: chooser: got"):
        create(parse(document, source="dir/c.json", environ={}))
    config = parse(document | {"chooser": None}, source="dir/c.json", environ={})
    chooser = create(config)  # it issues no Python warning: main.py prints them
    (line,) = chooser.warnings
    assert line.startswith("dir/c.json: chooser-args.a: unknown key, ignored; known keys: initial")


def test_a_config_and_its_dictionary_give_the_same_chooser():
    document = VARIABLES | {"main-file": "f.py", "seed": 5, "grid_seed": 9}
    config = parse(document, environ={})
    same = [create(document), create(config), create(config.problem), create(document, 5)]
    assert len({str(chooser.suggest([])) for chooser in same}) == 1


def test_the_seed_of_the_file_is_the_default():
    assert create(VARIABLES).seed == 0
    assert create(VARIABLES | {"seed": 5}).seed == 5
    assert create(VARIABLES | {"seed": 5}, 0).seed == 0


def test_a_seed_is_a_whole_number():
    with pytest.raises(UserError, match="seed"):
        create(VARIABLES, 1.5)


def test_hyphens_and_underscores_are_the_same():
    chooser = create(VARIABLES | {"chooser-args": {"initial_points": 7}}, 0)
    assert isinstance(chooser, DefaultChooser)
    assert chooser.arguments["initial-points"] == 7


def test_faults_of_name_and_arguments_are_added_and_warnings_are_left_to_create():
    faults = Faults("config.json")
    problem = read_problem(ObjectReader.of_file(VARIABLES | {"chooser": "bayes"}, faults))
    choosers.check(problem, faults)
    (line,) = faults.faults
    assert line.startswith('config.json: chooser: got "bayes"; expected one of default_chooser, ')
    faults = Faults("config.json")
    arguments = {"no such": 1, "initial-points": -1}
    mapping = VARIABLES | {"chooser-args": arguments}
    choosers.check(read_problem(ObjectReader.of_file(mapping, faults)), faults)
    assert len(faults.faults) == 1
    assert faults.warnings == []
