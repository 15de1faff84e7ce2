from __future__ import annotations

import base64
import codecs
import json
import math
import zlib
from typing import Any

import numpy as np
import pytest

from spearmint.database import DatabaseError
from spearmint.database.documents import from_json, from_stored, plain, to_json, unpacked
from spearmint.testing.databases.documents import packed


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


@pytest.mark.parametrize("count", [1, 100])
@pytest.mark.parametrize("kind", [str, bytes])
def test_text_of_python_2_is_broken_into_lines(count: int, kind: type) -> None:
    numbers = np.random.default_rng(0).random(count)
    lines = codecs.encode(zlib.compress(numbers.astype("<f8").tobytes()), "base64")
    assert lines.count(b"\n") == (1 if count == 1 else 15)
    value = lines if kind is bytes else lines.decode()
    document = {"ctype": "compressed array", "shape": [count], "value": value}
    assert unpacked(document, "job 1") == numbers.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"value": "!"},
        {"value": 5},
        {"value": "ü"},
        {"value": "YWJj"},
        {"value": None},
        {"shape": [3]},
        {"shape": [-1, -2]},
        {"shape": None},
        {"shape": "x"},
        {"value": base64.b64encode(zlib.compress(b"123")).decode()},
    ],
)
def test_error_of_unpacking_is_one_line(change: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match=r"^job 1: a compressed array ") as caught:
        unpacked(packed([1, 2], [2]) | change, "job 1")
    assert "\n" not in str(caught.value)


def test_integers_of_the_2018_tool_are_integers_again() -> None:
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
def test_text_that_is_not_a_document(text: str) -> None:
    with pytest.raises(DatabaseError, match=r"^job 7: "):
        from_json(text, "job 7")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (object(), "job: got object"),
        ({"a": [1, {2}]}, r"job\.a\[1\]: got set"),
        ({"a": {"b": b"x"}}, r"job\.a\.b: got bytes"),
        ({3: 1j}, r"job\.3: got complex"),
    ],
)
def test_values_of_other_types_are_refused_with_their_place(value: Any, place: str) -> None:
    with pytest.raises(TypeError, match=f"^{place}.*; expected numbers, strings") as caught:
        plain(value, "job")
    assert "\n" not in str(caught.value)


def test_plain_copies() -> None:
    inner = [1]
    copy = plain({"a": inner})
    inner.append(2)
    assert copy == {"a": [1]}


def test_stored_keys_are_mapped_at_every_depth() -> None:
    stored = {"_a": [{"_b": 1}], "_c": {"_d": {"$numberDouble": "NaN"}}}
    found = from_stored(stored, "job 1", lambda key: key.removeprefix("_"))
    assert found["a"] == [{"b": 1}]
    assert math.isnan(found["c"]["d"])


def test_packed_array_in_a_stored_document_names_the_document() -> None:
    broken = packed([1.0], [1]) | {"value": "not base64!"}
    with pytest.raises(DatabaseError, match=r"^job 3: a compressed array cannot be read"):
        from_stored({"params": broken}, "job 3", str)
    with pytest.raises(DatabaseError, match=r"^job 3: a compressed array cannot be read"):
        from_json(json.dumps({"params": broken}), "job 3")


def test_documents_that_are_nested_too_deep_are_refused() -> None:
    deep: Any = 1
    for _ in range(90):
        deep = [deep]
    assert plain(deep, "job") == deep
    for outer in ([deep], {"a": deep}, (deep,)):
        with pytest.raises(DatabaseError, match="90 levels"):
            plain(outer, "job")


def test_json_that_is_nested_too_deep() -> None:
    with pytest.raises(DatabaseError, match=r"^job 1: is not JSON"):
        from_json("[" * 100_000, "job 1")


def test_keys_and_short_texts_are_shared_between_documents() -> None:
    text = '{"a name": {"another name": "a short text"}, "long": "' + 200 * "x" + '"}'
    first, second = from_json(text, "here"), from_json(text, "here")
    assert first == second
    for one, other in zip(first, second, strict=True):
        assert one is other
    (pair,), (again,) = first["a name"].items(), second["a name"].items()
    assert (pair[0] is again[0], pair[1] is again[1]) == (True, True)
    assert first["long"] is not second["long"], "kept only as long as their documents"
    stored = [from_stored({"a name": ["a text that is " + "short"]}, "x", str) for _ in range(2)]
    assert next(iter(stored[0])) is next(iter(stored[1]))
