"""The test set of a script: what it evaluates on."""

from __future__ import annotations

import ast

import pytest

from hwsearch.network.datasets.held_out import Batches
from hwsearch.network.program.evaluate_calls import test_calls as calls_in
from hwsearch.network.program.evaluate_calls import test_set as set_of


def written(call):
    """The arguments of a call as text."""
    parts = (call.x, call.y, call.weight, call.steps)
    return ", ".join(ast.unparse(part) for part in parts if part is not None)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("print(model.evaluate(testX, testY, verbose=0))", ["testX, testY"]),
        ("a = m.evaluate(x=X_test, y=Y_test)", ["X_test, Y_test"]),
        ("m.evaluate([left_test, right_test], y)", ["[left_test, right_test], y"]),
        ("m.evaluate({'a': a_test, 'b': b}, y)", ["{'a': a_test, 'b': b}, y"]),
        ("m.evaluate(x_train, y_train); m.evaluate(x_test, y_test)", ["x_test, y_test"]),
        ("m.evaluate(x_val, y_val)", []),
        ("m.evaluate(test_ds)", ["test_ds"]),
        ("m.evaluate(test_ds, None, steps=3)", ["test_ds, 3"]),
        ("m.evaluate_generator(test_gen, 3)", ["test_gen, 3"]),
        ("m.evaluate_generator(generator=test_gen)", ["test_gen"]),
        ("m.evaluate([x, a], y, 9, 0, w_test)", ["[x, a], y, w_test"]),
        ("m.evaluate(x, y, batch_size=9, sample_weight=w_test)", ["x, y, w_test"]),
        ("m.evaluate(x_test / 255, y_test)", ["x_test / 255, y_test"]),
        ("evaluate(x_test, y_test)", []),
    ],
)
def test_calls_name_a_test_set(after, found, tmp_path):
    script = tmp_path / "net.py"
    script.write_text(f"m.evaluate(old_test, y_test)\nm.fit(x_train, y_train)\n{after}\n")
    calls = calls_in(str(script), 2)
    assert list(map(written, calls)) == found
    assert all(call.place == "net.py:3" and not call.late for call in calls)


@pytest.mark.parametrize(
    "after",
    [
        "x_test = x_test / 255\nm.evaluate(x_test, y_test)",
        "def show(x_test):\n    m.evaluate(x_test, y_test)",
    ],
)
def test_names_that_change_after_the_training_are_known(after, tmp_path):
    script = tmp_path / "net.py"
    script.write_text(f"m.fit(x_train, y_train)\n{after}\n")
    (call,) = calls_in(str(script), 1)
    assert (call.place, sorted(call.late)) == ("net.py:3", ["x_test"])


def test_files_that_cannot_be_read_name_none(tmp_path):
    (tmp_path / "bad.py").write_text("m.fit(")
    for name in ("bad.py", "none.py"):
        assert calls_in(str(tmp_path / name), 1) == []


@pytest.fixture
def found(tmp_path):
    """What a script with these calls is tested on."""

    def find(names, calls, fitted=None):
        script = tmp_path / "net.py"
        script.write_text(f"m.fit(x, y)\n{calls}\n")
        return set_of(names, calls_in(str(script), 1), fitted or {}, {}, ())

    return find


@pytest.mark.parametrize(
    ("names", "calls", "fitted", "expected"),
    [
        ("x_test y_test", "", {}, ("x_test", "y_test")),
        ("X_test y_test", "", {"x": "X_train", "y": "y_train"}, ("X_test", "y_test")),
        ("X_test y_test", "", {"x": "X_scaled", "y": "y_train"}, None),
        ("X_test testX testY", "", {"x": "trainX", "y": "trainY"}, ("testX", "testY")),
        ("x_test x_test_s y_test", "", {"x": "x_train_s", "y": "y_train"}, ("x_test_s", "y_test")),
        (
            "x_test y_test a_test b_test",
            "m.evaluate([a_test, b_test], y_test)",
            {},
            ("[a_test, b_test]", "y_test"),
        ),
        (
            "a_test b_test y_test",
            "m.evaluate({'a': a_test, 'b': b_test}, y_test)",
            {},
            ("{'a': a_test, 'b': b_test}", "y_test"),
        ),
        ("x_test y_test", "m.evaluate(made_later, y_test)", {}, ("x_test", "y_test")),
        ("x_test y_test", "m.evaluate(x_test[:1], y_test[:1])", {}, ("x_test[:1]", "y_test[:1]")),
        (
            "x_test y_test",
            "m.evaluate(x_test[:1], y_test[:1])\nm.evaluate(x_test, y_test)",
            {},
            ("x_test", "y_test"),
        ),
        ("x_test x y", "", {"x": "x", "y": "y"}, None),
        ("x_train_s y_test", "", {"x": "x_s", "y": "y_train"}, None),
        ("x_test y_test x_s y_train", "", {"x": "x_s", "y": "y_train"}, None),
    ],
)
def test_values_are_those_that_the_script_has(names, calls, fitted, expected, found):
    values = {name: name.upper() for name in names.split()}
    test, reason = found(values, calls, fitted)
    assert (test and test.names) == expected
    assert reason == ""
    if test:
        assert test.x == eval(expected[0], {}, values)


def test_batches_are_a_test_set(found):
    data = Batches([(1, 2), (3, 4), (5, 6)])
    for call, steps in (
        ("m.evaluate(test_ds)", None),
        ("m.evaluate(test_ds, steps=len(test_ds) // 2)", 1),
        ("m.evaluate_generator(test_ds, 2)", 2),
    ):
        test, reason = found({"test_ds": data}, call)
        assert (test.x, test.y, test.steps, reason) == (data, None, steps, "")
        assert test.names == ("test_ds", "the labels of test_ds")


def test_a_pair_of_arrays(found):
    test, _ = found({"test": ("x", "y")}, "m.evaluate(*test)")
    assert (test.x, test.y, test.names) == ("x", "y", ("test[0]", "test[1]"))


class Endless(Batches):
    @property
    def num_batches(self):
        return None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("m.evaluate(scaled(x_test), 1)", "scaled(x_test) is not known at the call of fit"),
        ("m.evaluate(x_test, made_later)", "made_later is not known at the call of fit"),
        ("x_test = 3\nm.evaluate(x_test, 1)", "x_test gets its value after the call of fit"),
        ("m.evaluate(x_test)", "evaluate gets x_test without labels; expected evaluate(x, y)"),
        ("m.evaluate(*x_test)", "expected evaluate(x, y), got evaluate(*x_test)"),
        ("m.evaluate(test_generator)", "test_generator can be read only once; expected a tf.data"),
        ("m.evaluate(test_endless)", "test_endless has no end; expected evaluate(test_endless, st"),
        ("m.evaluate(test_endless, steps=n())", "n() is not known at the call of fit"),
    ],
)
def test_what_cannot_be_used_is_said(call, said, found):
    names = {"x_test": "X", "test_generator": iter([]), "test_endless": Endless([])}
    test, reason = found(names, call)
    assert test is None
    line = 2 + call.count("\n")
    assert reason.startswith(f"net.py:{line}: the test error is not computed: {said}")
