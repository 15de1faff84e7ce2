from __future__ import annotations

import sys

import pytest

from hwsearch.network.program.imports import forkable, install_remedy, missing, own_modules


def test_all_missing_modules_and_those_of_modules_beside_the_script(tmp_path):
    (tmp_path / "helpers.py").write_text("import numpy\nimport no_such_b\nimport helpers\n")
    (tmp_path / "data").mkdir()
    text = "import os, no_such_a\nfrom helpers import x\nimport no_such_a.b\nimport data\n"
    found = missing(text, tmp_path)
    assert [(file, line) for file, line, _ in found] == [("", 1), ("helpers.py", 2)]
    assert f"no module named 'no_such_a' in {sys.executable}; install it: " in found[0][2]
    assert "-m pip install no_such_a" in found[0][2]


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import no_such_a\nexcept ImportError:\n    pass\n",
        "if False:\n    import no_such_a\n",
        "def f():\n    import no_such_a\n",
        "import sys\nsys.path.append('lib')\nimport no_such_a\n",
        "from . import no_such_a\n",
        "import keras.layers.core\n",
        "not Python",
    ],
)
def test_what_the_script_may_never_import_is_no_fault(text, tmp_path):
    assert missing(text, tmp_path) == []


def test_packages_with_another_name():
    assert "-m pip install scikit-learn (" in install_remedy("sklearn.datasets")


def test_a_misspelt_module_is_not_to_be_installed():
    assert install_remedy("kerass.layers") == "did you mean 'keras'?"
    assert install_remedy("numppy") == "did you mean 'numpy'?"


def test_the_projects_environment_is_named_shortly(monkeypatch):
    from hwsearch.network.program import imports

    monkeypatch.setattr(sys, "prefix", str(imports.ROOT / ".venv"))
    assert ".venv/bin/python -m pip install pandas (" in install_remedy("pandas")


def test_modules_that_can_be_imported_before_a_fork(tmp_path):
    text = """
import keras, numpy as np
from sklearn.datasets import load_digits
from scipy import stats
def late():
    import sklearn.svm
"""
    assert forkable(text, tmp_path) == ["numpy", "scipy", "sklearn.datasets"]
    (tmp_path / "numpy.py").write_text("")
    assert forkable(text, tmp_path) == ["scipy", "sklearn.datasets"], "one of the user's own"
    assert forkable("not Python", tmp_path) == []


def test_modules_beside_the_script(tmp_path):
    (tmp_path / "a.py").write_text("def f():\n    from pack.inner import x\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("import numpy")
    (tmp_path / "pack" / "inner.py").write_text("import a")
    (tmp_path / "unused.py").write_text("")
    found = own_modules("import numpy, a\n", tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.py",
        "pack/__init__.py",
        "pack/inner.py",
    ]
