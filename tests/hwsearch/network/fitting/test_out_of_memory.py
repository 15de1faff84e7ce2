"""Which exceptions say that there is too little memory."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.out_of_memory import is_out_of_memory


def test_an_array_that_does_not_fit():
    with pytest.raises(MemoryError) as caught:
        np.ones(2**46)
    assert is_out_of_memory(caught.value)
    wrapped = NetworkError("net.py:3: too large")
    wrapped.__cause__ = caught.value
    assert is_out_of_memory(wrapped)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CUDA out of memory. Tried to allocate 20.00 MiB", True),
        ("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 123 bytes.", True),
        ("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes", True),
        ("{{function_node x}} OOM when allocating tensor with shape[4,8] and type float", True),
        ("shapes do not match", False),
        ("the words memory and out", False),
    ],
)
def test_texts_of_the_backends(text, expected):
    assert is_out_of_memory(RuntimeError(text)) is expected


def test_a_class_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    assert is_out_of_memory(tf.errors.ResourceExhaustedError(None, None, "no room"))


def test_nothing_is_no_error():
    assert not is_out_of_memory(None)
