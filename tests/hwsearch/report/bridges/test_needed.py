"""Optional libraries."""

from __future__ import annotations

import json
import sys

import pytest

from hwsearch.errors import UserError
from hwsearch.report.bridges.needed import needed


def test_a_library_that_is_there() -> None:
    assert needed("json", "json", "--x") is json


def test_a_library_that_is_not_installed() -> None:
    with pytest.raises(UserError) as caught:
        needed("no_such_library", "no-such", "--x")
    assert str(caught.value) == (
        "--x: the package no-such is not installed (No module named 'no_such_library'); "
        f"install it: {sys.executable} -m pip install no-such"
    )
