from __future__ import annotations

import pytest

from hwsearch import keras2
from hwsearch.keras2 import reports


@pytest.fixture(autouse=True)
def _installed():
    """The old spellings work, and each is reported anew in every test."""
    keras2.install()
    keras2.install()  # a second time: nothing happens
    reports._reported.clear()
