"""Operations in words."""

from __future__ import annotations

import numpy as np

from hwsearch.counting.tracing.descriptions import described, whole_numbers

SIZE, FLOAT = (1, 4, 4, 2), "float32"


def test_shapes_types_and_whole_numbers_tell_operations_apart():
    plain = described("MaxPool", [(SIZE, FLOAT)], {"ksize": [2, 2], "slope": 0.1, "seed": 3})
    assert plain == described(
        "MaxPool", [(list(SIZE), FLOAT)], {"slope": 0.2, "ksize": (2, 2), "seed2": 4}
    )
    assert plain != described("AvgPool", [(SIZE, FLOAT)], {"ksize": [2, 2]})
    assert plain != described("MaxPool", [(SIZE, FLOAT)], {"ksize": [3, 3]})
    assert plain != described("MaxPool", [(None, FLOAT)], {"ksize": [2, 2]})
    assert plain != described("MaxPool", [(SIZE, "float16")], {"ksize": [2, 2]})


def test_whole_numbers():
    assert whole_numbers((1, [2, np.int64(3)], True)) == [1, [2, 3], 1]
    assert [whole_numbers(value) for value in (0.5, "SAME", (), [1, None], None)] == [None] * 5
