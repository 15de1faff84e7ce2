from __future__ import annotations

import sys
import textwrap

import pytest

from hwsearch.network.program import fit_calls


class Model:
    """Notes what is known at each call of fit."""

    def __init__(self):
        self.seen = []

    def fit(self, *_, **__):
        stack = fit_calls.positions(sys._getframe(1))
        self.seen.append(
            (
                fit_calls.more_may_follow(stack),
                fit_calls.another_site(stack),
            )
        )


def run(tmp_path, script):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    model = Model()
    code = compile(path.read_text(), str(path), "exec")
    exec(code, {"__name__": "__main__", "model": model, "make": lambda: model, "x": 1})
    return model.seen


@pytest.mark.parametrize(
    ("script", "may_follow"),
    [
        ("model.fit(x, x)", [False]),
        ("def main():\n    model.fit(x, x)\nmain()", [False]),
        ("class Scaler:\n    def fit(self, x): pass\nmodel.fit(x, x)\nScaler().fit(x)", [False]),
        ("model.fit(x, x)\nmodel.fit(x, x)", [True, False]),
        ("def one():\n    model.fit(x, x)\none()\none()", [True, True]),
        ("for _ in range(2):\n    model.fit(x, x)", [True, True]),
        (
            "class Trainer:\n    def run(self, n):\n        model.fit(x, n)\n"
            "trainer = Trainer()\ntrainer.run(1)\ntrainer.run(2)",
            [True, True],
        ),
        (
            "import subprocess\nclass Trainer:\n    def run(self):\n        model.fit(x, x)\n"
            "class Own(Trainer):\n    def run(self):\n        super().run()\n"
            "Own().run()\nif x is None:\n    subprocess.run('ls')",
            [False],
        ),
        (
            "from sklearn.svm import SVC\nmodel.fit(x, x)\nif x is None:\n    SVC().fit(x, x)\n"
            "    svm = SVC(C=2)\n    svm.fit(x, x)",
            [False],
        ),
        (
            "import sklearn.svm as s\nother = model\nmodel.fit(x, x)\nif x is None:\n"
            "    other = s.SVC()\nother.fit(x, x)",
            [True, False],
        ),
        ("n = 0\nwhile n < 1:\n    n += 1\n    model.fit(x, x)", [True]),
        ("for _ in range(2):\n    model.fit(x, lambda: 1)", [True, True]),
        ("[model.fit(x, x) for _ in range(2)]", [True, True]),
        ("for _ in range(2):\n    pass\nmodel.fit(x, x)", [False]),
        ("if x:\n    model.fit(x, x)\nelse:\n    model.fit(x, epochs=2)", [False]),
        ("if x:\n    model.fit(x, x)\nif x == 2:\n    model.fit(x, epochs=2)", [True]),
        (
            "def one():\n    model.fit(x, x)\ndef two():\n    model.fit(x, x)\none()\ntwo()",
            [True, True],
        ),
    ],
)
def test_whether_another_call_may_follow(script, may_follow, tmp_path):
    assert [seen[0] for seen in run(tmp_path, script)] == may_follow


def test_calls_that_were_not_reached(tmp_path):
    seen = run(tmp_path, "model.fit(x, x)\nmodel.fit(x, epochs=3)")
    assert [entry[1] for entry in seen] == [True, False]


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("import helper_e9", "helper_e9.train"),
        ("import helper_e9 as h", "h.train"),
        ("from helper_e9 import train", "train"),
        ("from helper_e9 import train as learn", "learn"),
    ],
)
def test_a_function_of_another_file_may_be_called_twice(module, call, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "helper_e9", raising=False)
    (tmp_path / "helper_e9.py").write_text("def train(model, n):\n    model.fit(n, n)\n")
    once = f"{module}\n{call}(model, 1)\n"
    assert [seen[0] for seen in run(tmp_path, once)] == [False]
    assert [seen[0] for seen in run(tmp_path, f"{once}{call}(model, 2)\n")] == [True, True]
