from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.calibration.recipe import Recipe
from hwsearch.errors import UserError
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.network.network import Network
from hwsearch.template import Template
from tests.small_template import TEMPLATE


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    template = Template.parse(TEMPLATE)
    return Recipe(template, tmp_path / "net.py", tmp_path, 3, ProfileSettings(), ("params",))


def test_a_network_its_costs_and_its_script(recipe: Recipe) -> None:
    made = recipe.measured(7, {"units": 5}, print, "a network of a test")
    assert made.network.model.count_params() == made.costs.values["params"] == 7 * 5 + 2
    assert "units = 5" in made.text
    script = (recipe.folder / "00000007_keras_net.py").read_text(encoding="utf-8")
    assert "a network of a test" in script
    assert made.text in script


def test_errors_of_a_check_name_lines_of_the_template(recipe: Recipe) -> None:
    script = recipe.folder / "00000007_keras_net.py"

    def check(network: Network) -> None:
        assert network.model.count_params() == 7 * 5 + 2
        line = script.read_text(encoding="utf-8").splitlines().index("units = 5") + 1
        raise UserError(f"{script.name}:{line}: too small")

    with pytest.raises(UserError, match=r"^keras_model/network_def.py:5: too small$"):
        recipe.measured(7, {"units": 5}, print, "a network", check)
