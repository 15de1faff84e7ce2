"""Networks of scripts that call `fit`, and of a script that leaves the training to the tool."""

from __future__ import annotations

import textwrap

import pytest

from hwsearch.network.network import Network
from tests.hwsearch.network.scripts import BEFORE, MODEL, OF_NAMES


@pytest.fixture
def network_from(tmp_path):
    def make(script: str, **options) -> Network:
        path = tmp_path / "00000001_keras_net.py"
        head = MODEL if script.startswith(MODEL) else ""
        path.write_text(BEFORE + head + textwrap.dedent(script.removeprefix(head)))
        return Network.from_script(path, 1, **options)

    return make


@pytest.fixture
def network_of_names(tmp_path):
    def make(more: str = "", script: str = OF_NAMES, seed: int = 1) -> Network:
        path = tmp_path / "00000001_keras_net.py"
        path.write_text(script + textwrap.dedent(more))
        return Network.from_script(path, seed)

    return make
