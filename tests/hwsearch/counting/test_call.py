from __future__ import annotations

import pytest

from hwsearch.counting.call import Call, UncountableError, size
from hwsearch.keras_runtime import keras


def test_size_is_the_number_of_elements():
    assert size((2, 3, 4)) == 24
    assert size(()) == 1


def test_an_unknown_dimension_has_no_size():
    with pytest.raises(UncountableError, match=r"unknown dimension in \(None, 3\)"):
        size((None, 3))


def test_arguments_are_found_by_name_however_they_were_passed():
    layer = keras.layers.MultiHeadAttention(2, 4)
    call = Call(layer, ((1, 5),), ((1, 6), (1, 7)), args=("the query",), kwargs={"value": "v"})
    assert (call.argument("query"), call.argument("value")) == ("the query", "v")
    assert call.argument("key") is None
    assert (call.input, call.output) == ((1, 5), (1, 6))
