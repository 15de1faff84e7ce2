"""What a fold is judged on."""

from __future__ import annotations

import sys
import textwrap

import numpy as np
import pytest

from hwsearch.network.folds import fold_data
from hwsearch.network.program import fit_calls

ROWS = np.arange(6)
LABELS = ROWS + 10


class Model:
    """Takes the fold at each call of fit."""

    def __init__(self):
        self.folds = []

    def fit(self, *_, **__):
        self.folds.append(fold_data.of_call(fit_calls.placed(sys._getframe(1))))

    def evaluate(self, *_, **__):
        return 0, 0

    predict = evaluate


def folds_of(tmp_path, body, head=""):
    path = tmp_path / "script.py"
    loop = "for train, test in splits:\n" + textwrap.indent(textwrap.dedent(body), "    ")
    path.write_text(textwrap.dedent(head) + "\n" + loop)
    model = Model()
    names = {
        "make": lambda: model,
        "x": ROWS,
        "y": LABELS,
        "splits": [(np.arange(2, 6), np.arange(2)), (np.arange(4), np.arange(4, 6))],
        "np": np,
        "x_test": ROWS,
    }
    exec(compile(path.read_text(), str(path), "exec"), {"__name__": "__main__", **names})
    return model.folds


MODEL = "model = make()\n"
FIT = MODEL + "model.fit(x[train], y[train])\n"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (FIT + "score = model.evaluate(x[test], y[test])", ""),
        (FIT + "model.evaluate(x[train], y[train])\nmodel.evaluate(x[test], y[test])", ""),
        (FIT + "model.evaluate(x_test, y)\nmodel.evaluate(x=x[test], y=y[test])", ""),
        (FIT + "found = model.predict(x[test])[0]", ""),
        (
            MODEL + "a, b = x[test], y[test]\nmodel.fit(x[train], y[train])\nmodel.evaluate(a, b)",
            "",
        ),
        (
            FIT
            + "pair = (x[test], y[test])\nmodel.evaluate(*pair)\nmodel.evaluate(x[test], y[test])",
            "",
        ),
        (
            MODEL + "x_train, xt, y_train, yt = x[train], x[test], y[train], y[test]\n"
            "model.fit(x_train, y_train)\nmodel.predict(xt)\nmodel.evaluate(xt, yt)",
            "",
        ),
        (
            MODEL + "X_train, X_test, y_train, y_test = x[train], x[test], y[train], y[test]\n"
            "model.fit(X_train, y_train)\nmodel.predict(X_test)",
            "",
        ),
        (
            MODEL + "pair = (x[test], y[test])\nmodel.fit(x[train], y[train])\n"
            "model.evaluate(*pair)",
            "",
        ),
        (
            "run(x[train], y[train], x[test], y[test])",
            """
            def run(a, b, c, d):
                model = make()
                model.fit(a, b)
                return model.evaluate(c, d)
            """,
        ),
        (
            "model = run(x[train], y[train])\nmodel.evaluate(x[test], y[test])",
            """
            def run(a, b):
                model = make()
                model.fit(a, b)
                return model
            """,
        ),
    ],
)
def test_what_the_script_evaluates_on_after_the_call(body, head, tmp_path):
    first, second = folds_of(tmp_path, body, head)
    for fold, rows in ((first, [0, 1]), (second, [4, 5])):
        inputs, labels = fold.held_out
        assert (inputs.tolist(), labels.tolist()) == (rows, [10 + row for row in rows])


def test_the_validation_data_of_fit(tmp_path):
    body = MODEL + "model.fit(x[train], y[train], validation_data=(x[test], y[test]))"
    assert [fold.held_out for fold in folds_of(tmp_path, body)] == [None, None]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (MODEL + "model.fit(x, y)\nmodel.evaluate(x[test], y[test])", "on the same data"),
        (FIT, "judged on are not found"),
        (FIT + "model.evaluate(x_test, y)", "judged on are not found"),
        (FIT + "model.evaluate(load(x[test]), y[test])", "judged on are not found"),
        (
            MODEL + "model.fit(x[train], y[train], validation_data=(x_test, y))",
            "judged on are not found",
        ),
    ],
)
def test_loops_that_are_no_cross_validation(body, said, tmp_path):
    with pytest.raises(fold_data.NoFold, match=said):
        folds_of(tmp_path, body, "load = lambda part: part")


def test_a_name_that_changes_before_it_is_used_is_not_read_early(tmp_path):
    body = FIT + "a, b = x[test], y[test]\nmodel.evaluate(a, b)"
    with pytest.raises(fold_data.NoFold, match="not found"):
        folds_of(tmp_path, body, "a = b = x")


def test_a_call_outside_of_a_loop_trains_no_fold(tmp_path):
    assert folds_of(tmp_path, "pass", "make().fit(x, y)") == [None]
