"""The methods by which networks are chosen."""

from __future__ import annotations

import pytest

from hwsearch.experiment import methods
from spearmint import choosers


@pytest.mark.parametrize("unaware", [False, True])
@pytest.mark.parametrize("method", methods.METHODS)
def test_the_optimiser_has_a_chooser_for_each_method(method: str, unaware: bool) -> None:
    variables = {"variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}}}
    keys = methods.config(method, unaware=unaware, per_second=method in methods.RATING)
    chooser = choosers.create(variables | keys)
    assert not chooser.warnings
    name = methods.config(method, unaware=False).get("chooser", "default_chooser")
    assert type(chooser).__module__ == f"spearmint.choosers.{name}"


def test_a_misspelt_method() -> None:
    with pytest.raises(ValueError, match=r"one of auto, hw_ieci, .*did you mean"):
        methods.METHOD.from_text("hw_ieic")
