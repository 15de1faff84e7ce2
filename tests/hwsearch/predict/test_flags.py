"""The flags of `python -m hwsearch.predict`."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.predict.flags import Request, read


def test_all_flags():
    assert read(["net.py"]) == Request("net.py", None, None, None)
    words = "--job 7 --experiment=e --batch-size 8 --learn_costs_from f DIR"
    assert read(words.split()) == Request("DIR", "e", 7, 8, "f")


def test_each_fault_is_one_line():
    with pytest.raises(UserError) as caught:
        read(["--job", "0"])
    assert str(caught.value).splitlines() == [
        "--job: got '0'; expected a whole number above 0",
        "SCRIPT: got nothing; expected a Keras script, or an experiment's folder",
    ]
