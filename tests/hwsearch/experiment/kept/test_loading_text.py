"""The code that loads a network; test_readme.py runs it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hwsearch.experiment.kept.loading_text import WHY, ways
from hwsearch.network.way_to_load import Loading
from tests.hwsearch.experiment.kept.samples import network

FOLDER = Path('/it\'s "here" {x}/best')


@pytest.mark.parametrize("way", Loading)
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_each_way_is_python_for_its_backend(way: Loading, backend: str) -> None:
    one = replace(
        network(1),
        model="best_model.keras",
        weights="best_model.weights.h5",
        loading=way.value,
        objects="OBJECTS = {}",
        versions={"backend": backend},
    )
    found = ways(one, FOLDER)
    assert found[0][0] == WHY[way]
    assert len(found) == (2 if way is Loading.UNCOMPILED else 1)
    for _, code in found:
        compile(code, "README.md", "exec")
        assert repr(str(FOLDER)) in code
        assert ("KERAS_BACKEND" in code) == (backend == "jax")
    code = found[-1][1]
    needs_objects = (Loading.OBJECTS, Loading.UNSAFE_OBJECTS, Loading.UNCOMPILED)
    assert ("custom_objects=OBJECTS" in code) == (way in needs_objects)
    assert ("safe_mode=False" in code) == (way in (Loading.UNSAFE, Loading.UNSAFE_OBJECTS))


def test_a_network_of_an_older_version_is_loaded_too() -> None:
    old = replace(network(1), model="best_model.keras", loading="")
    assert ways(old, FOLDER)[0][0] == WHY[Loading.MODEL]
    with_weights = replace(old, weights="best_model.weights.h5")
    assert ways(with_weights, FOLDER)[0][0] == WHY[Loading.SCRIPT]
