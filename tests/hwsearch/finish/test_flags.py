"""The flags of `python -m hwsearch.finish`."""

from __future__ import annotations

import pytest

from hwsearch.errors import UserError
from hwsearch.finish.flags import Request, read


def test_all_flags():
    assert read(["DIR"]) == Request("DIR", None, None, False, 3)
    words = "--job 7 --epochs=100 --all-data DIR --repeats 5"
    assert read(words.split()) == Request("DIR", 7, 100, True, 5)


def test_each_fault_is_one_line():
    with pytest.raises(UserError) as caught:
        read(["--job", "0", "--repeat=3"])
    assert str(caught.value).splitlines() == [
        "--repeat: no such flag; --help shows all; did you mean '--repeats'?",
        "--job: got '0'; expected a whole number above 0",
        "DIR: got nothing; expected the folder of an experiment",
    ]
