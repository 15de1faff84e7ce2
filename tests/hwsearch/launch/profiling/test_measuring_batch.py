from __future__ import annotations

import pytest

from hwsearch.experiment import Settings
from hwsearch.launch.profiling.measuring_batch import choose
from hwsearch.template import Template

ENUM = 'HYPERPARAM{"type": "ENUM", "token": "batch", "options": [256, 8, 32]}'
LOG2 = 'HYPERPARAM{"type": "INT", "token": "batch size", "transform": "LOG2", "min": 5, "max": 7}'
FLOAT = 'HYPERPARAM{"type": "FLOAT", "token": "b", "min": 1, "max": 9}'


def chosen(script, metric="runtime", **given):
    settings = Settings("run", "error", {metric: 3.0}, **given)
    return choose(settings, Template.parse(script)), settings.profile_batch_size


@pytest.mark.parametrize(
    ("script", "token", "size"),
    [
        (f"batch_size = {ENUM}", "'batch'", 32),
        (f"batch_size = {LOG2}", "'batch size'", 64),
        (f"model.fit(x, batch_size={LOG2})", "'batch size'", 64),
        (f"batch_size = 2 ** {ENUM}", "'batch'", 32),
        (f"batch_size = int({FLOAT})", "'b'", 32),
    ],
)
def test_the_middle_of_its_values_or_32(script, token, size):
    line, found = chosen(script)
    assert found == size
    assert f"batch_size depends on {token}: all networks are measured in batches of {size}" in line


@pytest.mark.parametrize(
    ("script", "given"),
    [
        (f"batch_size = 32\nunits = {ENUM}", {}),
        (f"batch_size = {ENUM}", {"metric": "params"}),
        (f"batch_size = {ENUM}", {"profile_batch_size": 1}),
    ],
)
def test_nothing_is_chosen(script, given):
    assert chosen(script, **given) == ("", given.get("profile_batch_size"))
