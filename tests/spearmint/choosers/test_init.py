"""Which choosers there are, and what a config may say of them."""

from __future__ import annotations

import sys

import pytest

from spearmint import choosers
from spearmint.choosers import available, create
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.choosers.random_search import RandomSearch
from spearmint.errors import UserError

VARIABLES = {"variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}


def test_those_of_the_folder_are_available():
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
        "def init(config, seed, arguments):\n"
        "    return RandomSearch(config, seed)\n"
    )
    (tmp_path / "my_chooser.py").write_text(text)
    monkeypatch.setattr(choosers, "__path__", [*choosers.__path__, str(tmp_path)])
    assert isinstance(create(VARIABLES | {"chooser": "my_chooser"}, 1), RandomSearch)
    monkeypatch.delitem(sys.modules, "spearmint.choosers.my_chooser")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ([], "an object"),
        ({}, '"variables"'),
        (VARIABLES | {"chooser": "best_of_all"}, "['default_chooser'"),
        (VARIABLES | {"chooser": "chooser"}, "'chooser'"),
        (VARIABLES | {"chooser": 3}, "got 3"),
        (VARIABLES | {"chooser-args": "mcmc_iters=10"}, "an object"),
        (VARIABLES | {"chooser-args": {"mcmc_iters": 10}}, "has no 'mcmc_iters'; it has ['fant"),
        (VARIABLES | {"chooser-args": {"fantasies": 0}}, "a whole number from 1 to 256"),
        (VARIABLES | {"chooser-args": {"fantasies": 2.5}}, "a whole number from 1 to 256"),
        (VARIABLES | {"chooser-args": {"fantasies": True}}, "a whole number from 1 to 256"),
        (VARIABLES | {"grid_size": 0}, '"grid_size"'),
        (VARIABLES | {"grid_seed": "a"}, '"grid_seed"'),
    ],
)
def test_faults_are_one_line(config, words):
    with pytest.raises(UserError) as error:
        create(config, 0)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_seed_is_a_whole_number():
    with pytest.raises(UserError, match="seed"):
        create(VARIABLES, 1.5)


def test_hyphens_and_underscores_are_the_same():
    chooser = create(VARIABLES | {"chooser-args": {"initial_points": 7}}, 0)
    assert chooser.arguments["initial-points"] == 7
