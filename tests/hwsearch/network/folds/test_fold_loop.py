"""Loops that make a new model for each call of `fit`."""

from __future__ import annotations

import sys
import textwrap

import pytest

from hwsearch.network.folds import fold_loop
from hwsearch.network.program import fit_calls
from hwsearch.network.program.program_text import loaded


class Model:
    """Notes the loop at each call of fit."""

    def __init__(self):
        self.loops = []

    def fit(self, *_, **__):
        self.loops.append(fold_loop.around(fit_calls.placed(sys._getframe(1))))


def loop_of(tmp_path, script):
    """The loop around the first call of fit."""
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    model = Model()
    code = compile(path.read_text(), str(path), "exec")
    exec(code, {"__name__": "__main__", "model": model, "make": lambda: model, "x": [1, 2]})
    return model.loops[0]


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("for _ in range(1):\n    model.fit(x, x)", None),
        ("model = make()\nfor _ in range(1):\n    rate = 2\n    model.fit(x, x)", None),
        ("def once():\n    net = make()\n    net.fit(x, x)\nonce()", None),
        ("def go(m, x):\n    m.fit(x, x)\nfor i in x:\n    go(model, i)", None),
        ("for i in x:\n    model = make()\n    model.fit(x, x)", 1),
        ("for i in x:\n    make().fit(x, x)", 1),
        ("i = 0\nwhile i < 1:\n    i += 1\n    model = make()\n    model.fit(x, x)", 2),
        ("for i in x:\n    model = make()\n    for _ in x:\n        model.fit(x, x)", 1),
        ("def go():\n    net = make()\n    net.fit(x, x)\nfor _ in x:\n    go()", 4),
        ("def go(m):\n    m.fit(x, x)\nfor _ in x:\n    net = make()\n    go(net)", 3),
        ("def go(a, m=None):\n    m.fit(x, x)\nfor _ in x:\n    go(1, m=make())", 3),
        ("def go(i):\n    net = make()\n    net.fit(x, x)\n[go(i) for i in x]", 4),
        (
            "class A:\n    def build(self):\n        self.m = make()\n    def all(self):\n"
            "        for i in x:\n            self.build()\n            self.m.fit(x, x)\n"
            "A().all()",
            5,
        ),
        (
            "def build():\n    global model\n    model = make()\nfor i in x:\n    build()\n"
            "    model.fit(x, x)",
            4,
        ),
        ("model.best = 1\nfor i in x:\n    model.best = 2\n    model.fit(x, x)", None),
        (
            "class A:\n    def go(self, m):\n        m.fit(x, x)\n    def all(self):\n"
            "        for i in x:\n            net = make()\n            self.go(net)\nA().all()",
            5,
        ),
    ],
)
def test_the_loop_that_makes_the_model(script, line, tmp_path):
    found = loop_of(tmp_path, script)
    assert (None if found is None else found.loop.lines[0]) == line


@pytest.mark.parametrize(
    ("script", "changes"),
    [
        ("for i in x:\n    model = make()\n    model.fit(x, x)", False),
        ("for i in x:\n    model = make()\n    model.fit([i], x)", True),
        ("for i in x:\n    model = make()\n    part = [i]\n    model.fit(part, x)", True),
        ("def go(a):\n    b = [a]\n    make().fit(b, x)\nfor i in x:\n    go(i)", True),
        ("def go(a, b):\n    make().fit(b, x)\nfor i in x:\n    go(i, x)", False),
        ("def go(a):\n    make().fit(a, x)\n[go(i) for i in x]", True),
    ],
)
def test_whether_the_data_change_from_pass_to_pass(script, changes, tmp_path):
    loop = loop_of(tmp_path, script)
    (name, *_) = loaded([loop.call.args[0]])
    assert loop.changes({name}) == changes


@pytest.mark.parametrize(
    ("script", "several"),
    [
        ("for i in x:\n    model = make()\n    model.fit(x, x)\nmodel.fit(x, x)", False),
        ("for i in x:\n    model = make()\n    model.fit(x, x)\n    model.fit(x, x)", True),
        ("for i in x:\n    model = make()\n    for _ in x:\n        model.fit(x, x)", True),
    ],
)
def test_whether_a_pass_may_train_its_model_again(script, several, tmp_path):
    assert loop_of(tmp_path, script).several is several


def test_which_lines_are_in_the_loop(tmp_path):
    loop = loop_of(tmp_path, "for i in x:\n    model = make()\n    model.fit(x, x)\nx")
    at = fit_calls.Position(loop.file, 3, "<module>")
    after = fit_calls.Position(loop.file, 4, "<module>")
    assert (loop.has([at]), loop.has([after])) == (True, False)


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("for a, b in KFold(3).split(x):\n    fit()", "KFold"),
        (
            "cv = sk.GroupKFold()\nsplits = list(cv.split(x))\nfor a in splits:\n    fit()",
            "GroupKFold",
        ),
        ("k = LeaveOneOut()\nfound = [\n    fit()\n    for a, b in k.split(x)]", "LeaveOneOut"),
        ("for a, b in TimeSeriesSplit(3).split(x):\n    fit()", None),
        ("k = KFold(3)\nfor a in range(3):\n    fit()", None),
        ("for part in text.split():\n    fit()", None),
        ("while KFold:\n    fit()", None),
        ("for a, b in KFold(3).split(x):\n    pass\nfit()", None),
    ],
)
def test_the_splits_that_a_loop_goes_through(script, name, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(script)
    line = 1 + next(n for n, text in enumerate(script.split("\n")) if "fit()" in text)
    at = fit_calls.Position(str(path), line, "<module>")
    assert fold_loop.splitter_around([at]) == name
