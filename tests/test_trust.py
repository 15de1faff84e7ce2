"""What a run trusts, and where it writes: values of the database, names, permissions, files."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.errors import UserError
from hwsearch.template import Template
from spearmint.database import connect
from tests.environment import unmeasured

ROOT = Path(__file__).resolve().parents[1]
#: Modules that make objects, or run code, out of bytes.
UNPICKLING = {
    "pickle",
    "_pickle",
    "cPickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "joblib",
    "jsonpickle",
}
#: Functions that do so too: of NumPy, torch, pandas and Keras.
LOADING = {"load_model", "read_pickle", "unsafe_load", "enable_unsafe_deserialization"}


def sources() -> Iterator[Path]:
    for package in ("hwsearch", "spearmint"):
        yield from (ROOT / package).rglob("*.py")
    yield from ROOT.glob("*.py")


OWN_MODEL = (
    r"hwsearch/network/"
    r"(loading\.py:\d+: safe_mode|(loading|fitting/user_callbacks)\.py:\d+: load_model)"
)


def test_nothing_is_unpickled() -> None:
    faults = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names} & UNPICKLING
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0]} & UNPICKLING
                names |= {alias.name for alias in node.names} & LOADING
            elif isinstance(node, ast.Attribute):
                names = {node.attr} & LOADING
            elif isinstance(node, ast.keyword):
                names = {node.arg or ""} & {"allow_pickle", "safe_mode"}
            faults += [f"{path.relative_to(ROOT)}:{node.lineno}: {name}" for name in names]  # type: ignore[attr-defined]
    # A model that the same process has just made and saved, and a call of the script.
    faults = [fault for fault in faults if not re.match(OWN_MODEL, fault)]
    assert not faults


TEMPLATE = Template.parse(
    'units = HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 64}\n'
    'rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.1, "max": 0.9}\n'
    'act = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "it\'s", 3, true]}\n'
)
VALID = {"units": 8, "rate": 0.5, "act": "relu"}
CODE = ["__import__('os').abort()", "8);__import__('os').abort()#", "8\nimport os", "8", "\x1b[2J"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(CODE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.sampled_from(sorted(VALID)),
    ANY_JSON,
    st.sampled_from(["bare", "list", "document", "own type"]),
)
def test_values_of_the_database_never_become_code(token: str, value: Any, form: str) -> None:
    forms = {
        "bare": value,
        "list": [value],
        "document": {"type": "int", "values": [value]},
        "own type": {"type": value, "values": value},
    }
    try:
        text = TEMPLATE.render(VALID | {token: forms[form]})
    except UserError as error:
        (line,) = str(error).splitlines()
        assert line.isprintable()
        assert f"hyper-parameter '{token}': got " in line
        assert "; expected " in line
        return
    assigned = {
        statement.targets[0].id: ast.literal_eval(statement.value)  # type: ignore[attr-defined]
        for statement in ast.parse(text).body
    }
    assert list(assigned) == ["units", "rate", "act"]
    assert isinstance(assigned["units"], int)
    assert 2 <= assigned["units"] <= 64
    assert 0.1 <= assigned["rate"] <= 0.9
    assert assigned["act"] in ("relu", "it's", 3, True)


@pytest.mark.parametrize("name", ["__class__", "a\nb", "units2", ""])
def test_other_names_than_those_of_the_template(name: str) -> None:
    with pytest.raises(UserError) as caught:
        TEMPLATE.render(VALID | {name: 1})
    (line,) = str(caught.value).splitlines()
    assert line.isprintable()
    assert "got a value; the template has no such hyper-parameter" in line


NETWORK = """\
import keras
import numpy as np

rng = np.random.default_rng(0)
x = rng.normal(size=(200, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
x_train, y_train, x_test, y_test = x[:150], y[:150], x[150:], y[150:]
batch_size = 50
units = HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 64}
act = HYPERPARAM{"type": "ENUM", "token": "act", "options": ["relu", "elu"]}
model = keras.Sequential(
    [keras.Input((8,)), keras.layers.Dense(units, act), keras.layers.Dense(2, "softmax")]
)
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
"""
#: A folder's name with all that shells, URLs, templates and terminals give a meaning.
NAME = "a b 'c' \"d\"\n$(touch e) `f` %g ?h#i;j& {k} \\l \x1b[31m é 日本"


class Run:
    """A real run in a folder with an odd name, whose user, machine and place are in sight."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.folder = place / NAME
        (self.folder / "keras_model").mkdir(parents=True)
        (self.folder / "keras_model" / "network_def.py").write_text(NETWORK, encoding="utf-8")
        self.variables = {
            name: value
            for name, value in unmeasured().items()
            if name not in {"SPEARMINT_ROOT", "XDG_RUNTIME_DIR"}
        }
        for name, variable in (("home", "HOME"), ("temporary", "TMPDIR"), ("here", "PWD")):
            (place / name).mkdir()
            self.variables[variable] = str(place / name)
        self.variables["PYTHONDONTWRITEBYTECODE"] = "1"

    def run(self, *command: str, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.place / "here",
            env=self.variables,
            capture_output=True,
            text=True,
            umask=umask,
            check=False,
        )

    def files(self, folder: str) -> set[str]:
        """Every file below a folder, and every empty folder."""
        top = self.place / folder
        return {str(path.relative_to(top)) for path in top.rglob("*") if not path.is_dir()}


def repository() -> Iterator[Path]:
    """The repository's files that a run could add to."""
    yield from (path for path in ROOT.iterdir() if not path.name.startswith(".coverage"))
    for folder in ("hwsearch", "spearmint", "experiments", "examples"):
        yield from (path for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)


@pytest.mark.slow
def test_a_run_in_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    one = Run(tmp_path)
    flags = ["--optimize", "error", "--constraint", "params", "--constraint_val", "1e6"]
    flags += ["--epochs", "1", "--max_finished_jobs", "3", "--job_timeout", "1h"]
    before = set(repository())
    done = one.run(
        str(ROOT / "gener_experiment.py"), "--experiment", str(one.folder), *flags, umask=0o027
    )
    assert done.returncode == 0, done.stderr
    assert "3 networks: 3 " in done.stdout
    assert "\nnote: params: the largest of 3 networks has " in done.stdout
    assert done.stdout.replace("\n", "").isprintable()
    assert "\n$(touch e)" not in done.stdout

    # Everything that it has written is in the experiment, apart from Keras' own settings and the
    # locks of devices.
    assert set(repository()) == before
    assert one.files("here") == set()
    assert {name for name in one.files("home") if not name.startswith(".keras/")} == set()
    assert {name for name in one.files("temporary") if not name.endswith(".lock")} == set()
    assert sorted(path.name for path in one.folder.iterdir()) == [
        "best",
        "keras_model",
        "mongodb",
        "spearmint",
        "tmp",
    ]

    # Permissions are those that the umask asks for, or stricter.
    for path in one.folder.rglob("*"):
        if (one.folder / "keras_model") in (path, path.parent):
            continue
        assert path.stat().st_mode & 0o777 & 0o027 == 0, path
    assert (one.folder / "tmp/settings.json").stat().st_mode & 0o777 in {0o640, 0o600}
    assert (one.folder / "tmp/best_model.keras").stat().st_mode & 0o777 == 0o640
    assert (one.folder / "spearmint/output/00000001.out").stat().st_mode & 0o777 == 0o640
    assert (one.folder / "spearmint").stat().st_mode & 0o777 == 0o750

    # A document that was changed by hand breaks its job; nothing that it says is run.
    config = json.loads((one.folder / "spearmint/config.json").read_text(encoding="utf-8"))
    name = config["experiment-name"]
    code = "__import__('pathlib').Path('owned').touch()"
    with connect(f"sqlite:{one.folder}/mongodb/spearmint.sqlite") as store:
        for param in (
            {"type": "int", "values": [code]},
            {"type": "enum", "values": [code]},
            {"type": "int", "values": [100_000]},
        ):
            act = {"type": "enum", "values": ["elu"]}
            job = store.add_job(name, {"params": {"units": param, "act": act}})
            done = one.run(str(ROOT / "spearmint/launcher.py"), f"{one.folder}/spearmint", str(job))
            document = store.job(name, job) or {}
            assert document["status"] == "broken", done.stderr
            assert document["reason"].isprintable()
            assert "units" in document["reason"]
            assert not one.folder.joinpath(f"tmp/{job:08d}_keras_net.py").exists()
    assert not list(tmp_path.rglob("owned"))
