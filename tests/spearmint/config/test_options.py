"""Options of an ENUM: which values they can be, and which are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config.options import as_option, option_key


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        ("1", 1, False),
        (None, False, False),
        ([1, [2]], [1.0, (2,)], True),
        ([1], [True], False),
        ([1], 1, False),
        ({"name": "a.b"}, {"name": "a.b"}, True),
        ({"name": "a.b"}, "a.b", False),
        (np.int64(3), 3, True),
    ],
)
def test_which_options_are_the_same(one: Any, other: Any, same: bool) -> None:
    assert (option_key(one) == option_key(other)) is same
    assert not same or hash(option_key(one)) == hash(option_key(other))


def test_options_become_plain_values() -> None:
    option = as_option([np.int64(3), (np.float32(0.5), None), True, "a", {"name": "a.b"}])
    assert repr(option) == "[3, [0.5, None], True, 'a', {'name': 'a.b'}]"


def test_nested_too_deep() -> None:
    deep: Any = 1
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(ValueError, match="lists of these"):
        as_option(deep)
