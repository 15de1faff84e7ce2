"""Values that come back from a file as they were, and those that are refused."""

from __future__ import annotations

import math
import random
from collections import deque

import ml_dtypes
import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.plain import Writer, read


def again(value):
    return read(Writer().file(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -7,
        2**70,
        0.1,
        float("-inf"),
        "naïve\n",
        b"\x00\xff",
        [1, [2.5, None]],
        (1, (2,), []),
        {3: "three", (1, 2): {"four"}, "five": frozenset({5})},
    ],
)
def test_plain_values_come_back(value):
    found = again(value)
    assert found == value
    assert type(found) is type(value)


def test_nan_comes_back():
    assert math.isnan(again([float("nan")])[0])


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "float16", ml_dtypes.bfloat16])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_arrays_come_back(dtype, shape):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    found = again({"x": array})["x"]
    assert (found.dtype, found.shape) == (array.dtype, shape)
    assert found.tobytes() == array.tobytes()
    found[...] = 0  # it can be written to


def test_numbers_of_numpy_come_back():
    found = again(np.float32(0.1))
    assert (type(found), found) == (np.float32, np.float32(0.1))


def test_a_queue_keeps_its_length():
    found = again(deque([1, [2]], maxlen=2))
    assert (found, found.maxlen) == (deque([1, [2]]), 2)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_generators_go_on(bits):
    ours, theirs = np.random.Generator(bits(5)), random.Random(6)
    ours.normal(size=3)
    theirs.gauss(0, 1)
    found = again([ours, theirs])
    assert found[0].normal() == ours.normal()
    assert found[1].gauss(0, 1) == theirs.gauss(0, 1)


def test_tensors_and_operations_of_keras_come_back():
    found = again([keras.ops.convert_to_tensor([1.5]), keras.ops.less])
    assert keras.ops.is_tensor(found[0])
    assert keras.ops.convert_to_numpy(found[0]).tolist() == [1.5]
    assert found[1] is keras.ops.less


class Own:
    """A class of a script."""


@pytest.mark.parametrize(
    "value", [Own(), [Own()], np.array([Own()]), math.sin, lambda: 1, 1j, {"x": {Own}}]
)
def test_other_values_are_refused(value):
    with pytest.raises(CannotPauseError):
        Writer().file(value)


def test_a_list_in_two_places_is_refused():
    shared = [1]
    with pytest.raises(CannotPauseError, match="share"):
        Writer().file({"one": shared, "other": shared})


def test_a_list_in_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(CannotPauseError, match="share"):
        Writer().file(value)


@pytest.mark.parametrize("content", [b"", b"x" * 100, Writer().file([1])[:-40]])
def test_a_damaged_file_is_an_error(content):
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever NumPy raises
        read(content)
