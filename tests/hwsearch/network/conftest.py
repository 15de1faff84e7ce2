"""Fixtures of the tests of captured training."""

from __future__ import annotations

import textwrap

import pytest

from hwsearch.network.network import Network
from tests.hwsearch.network.scripts import BEFORE, MODEL


@pytest.fixture
def network_from(tmp_path):
    def make(script: str, **options) -> Network:
        path = tmp_path / "00000001_keras_net.py"
        head = MODEL if script.startswith(MODEL) else ""
        path.write_text(BEFORE + head + textwrap.dedent(script.removeprefix(head)))
        return Network.from_script(path, 1, **options)

    return make
