"""The test set of a script: what it evaluates on."""

from __future__ import annotations

import pytest

from hwsearch.network.evaluate_calls import test_names as names_in
from hwsearch.network.evaluate_calls import test_set as set_of

BRACKETS = str.maketrans("{}", "[]")


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("print(model.evaluate(testX, testY, verbose=0))", [("testX", "testY")]),
        ("a = m.evaluate(x=X_test, y=Y_test)", [("X_test", "Y_test")]),
        ("m.evaluate([left_test, right_test], y)", [(["left_test", "right_test"], "y")]),
        ("m.evaluate({'a': a_test, 'b': b}, y)", [({"a": "a_test", "b": "b"}, "y")]),
        ("m.evaluate({'a': a_test, 'b': b + 1}, y)", []),
        ("m.evaluate(x_train, y_train); m.evaluate(x_test, y_test)", [("x_test", "y_test")]),
        ("m.evaluate(x_val, y_val)", []),
        ("m.evaluate(test_ds)", []),
        ("m.evaluate(x_test / 255, y_test)", []),
        ("x_test = x_test / 255\nm.evaluate(x_test, y_test)", []),
        ("evaluate(x_test, y_test)", []),
        ("def show(x_test, y_test):\n    m.evaluate(x_test, y_test)", []),
    ],
)
def test_calls_name_a_test_set(after, found, tmp_path):
    script = tmp_path / "net.py"
    script.write_text(f"m.evaluate(old_test, y_test)\nm.fit(x_train, y_train)\n{after}\n")
    assert names_in(str(script), 2) == found


def test_files_that_cannot_be_read_name_none(tmp_path):
    (tmp_path / "bad.py").write_text("m.fit(")
    for name in ("bad.py", "none.py"):
        assert names_in(str(tmp_path / name), 1) == []


@pytest.mark.parametrize(
    ("names", "evaluated", "fitted", "expected"),
    [
        ("x_test y_test", [], {}, ("x_test", "y_test")),
        ("X_test y_test", [], {"x": "X_train", "y": "y_train"}, ("X_test", "y_test")),
        ("X_test y_test", [], {"x": "X_scaled", "y": "y_train"}, None),
        ("X_test testX testY", [], {"x": "trainX", "y": "trainY"}, ("testX", "testY")),
        ("x_test x_test_s y_test", [], {"x": "x_train_s", "y": "y_train"}, ("x_test_s", "y_test")),
        (
            "x_test y_test a_test b_test",
            [(["a_test", "b_test"], "y_test")],
            {},
            ("[a_test, b_test]", "y_test"),
        ),
        (
            "a_test b_test y_test",
            [({"a": "a_test", "b": "b_test"}, "y_test")],
            {},
            ("{a_test, b_test}", "y_test"),
        ),
        ("x_test y_test", [("made_later", "y_test")], {}, ("x_test", "y_test")),
        ("x_test x y", [], {"x": "x", "y": "y"}, None),
        ("x_train_s y_test", [], {"x": "x_s", "y": "y_train"}, None),
        ("x_test y_test x_s y_train", [], {"x": "x_s", "y": "y_train"}, None),
    ],
)
def test_values_are_those_that_the_script_has(names, evaluated, fitted, expected):
    found = set_of({name: name.upper() for name in names.split()}, evaluated, fitted, {}, ())
    assert (found and found[2:]) == expected
    if found:
        given = list(found[0].values()) if isinstance(found[0], dict) else found[0]
        assert str(given).replace("'", "") == expected[0].upper().translate(BRACKETS)
