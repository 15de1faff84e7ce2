from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from spearmint.database import DatabaseError
from spearmint.database.documents import from_json, to_json, unpacked


def packed(numbers: list[float], shape: list[int]) -> dict[str, Any]:
    data = zlib.compress(struct.pack(f"<{len(numbers)}d", *numbers))
    return {"ctype": "compressed array", "shape": shape, "value": base64.b64encode(data).decode()}


@pytest.mark.parametrize(
    ("numbers", "shape", "expected"),
    [
        ([1.0, math.inf, -2.5], [3], [1.0, math.inf, -2.5]),
        ([1, 2, 3, 4, 5, 6], [2, 3], [[1, 2, 3], [4, 5, 6]]),
        ([1, 2, 3, 4], [2, 1, 2], [[[1, 2]], [[3, 4]]]),
        ([], [0], []),
        ([], [2, 0], [[], []]),
        ([7.0], [], 7.0),
    ],
)
def test_unpacked(numbers: list[float], shape: list[int], expected: Any) -> None:
    assert unpacked(packed(numbers, shape), "job 1") == expected


def test_packed_by_numpy() -> None:
    array = np.linspace(-1.0, 1.0, 6).reshape(3, 2)
    value = base64.b64encode(zlib.compress(array.tobytes()))
    document = {"ctype": "compressed array", "shape": list(array.shape), "value": value}
    assert unpacked(document, "job 1") == array.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"value": "!"},
        {"value": "YWJj"},
        {"value": None},
        {"shape": [3]},
        {"shape": [-1, -2]},
        {"shape": None},
        {"shape": "x"},
        {"value": base64.b64encode(zlib.compress(b"123")).decode()},
    ],
)
def test_what_cannot_be_unpacked_is_one_line(change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match=r"^job 1: a compressed array ") as caught:
        unpacked(packed([1, 2], [2]) | change, "job 1")
    assert "\n" not in str(caught.value)


def test_the_originals_integers_are_integers_again() -> None:
    document = {
        "params": {
            "i": {"type": "int", "values": packed([3, 4], [2])},
            "f": {"type": "float", "values": packed([3, 4], [2])},
            "e": {"type": "enum", "values": ["a"]},
        },
        "other": {"type": "int", "values": [1.0]},
    }
    result = from_json(json.dumps(document), "job 1")
    assert [type(v) for v in result["params"]["i"]["values"]] == [int, int]
    assert [type(v) for v in result["params"]["f"]["values"]] == [float, float]
    assert result["params"]["e"] == {"type": "enum", "values": ["a"]}
    assert type(result["other"]["values"][0]) is float


def test_json_is_strict() -> None:
    text = to_json({"values": {"a": math.nan, "b": -math.inf}, "name": "ü"})
    assert "ü" in text

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(text, parse_constant=refuse)["values"] == {
        "a": {"$numberDouble": "NaN"},
        "b": {"$numberDouble": "-Infinity"},
    }


@pytest.mark.parametrize("text", ["", "{", "[1]", "3", "null"])
def test_text_that_is_no_document(text: str) -> None:
    with pytest.raises(DatabaseError, match=r"^job 7: "):
        from_json(text, "job 7")
