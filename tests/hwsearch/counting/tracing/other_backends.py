"""The cases of this folder, counted on a backend with an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.backends.test_backends import ROOT, python_of
from tests.hwsearch.counting.tracing.cases import KNOWN, MODELS, UNKNOWN


def check(backend: str) -> None:
    """Counts all cases on a backend and compares them with those by hand."""
    done = subprocess.run(
        [str(python_of(backend)), str(Path(__file__).with_name("cases.py"))],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: found[name] for name in KNOWN} == {
        name: [case[2]] for name, case in KNOWN.items()
    }
    for name, (_, _, reason) in UNKNOWN.items():
        assert found[name][1].startswith(reason), found[name]
    assert found["model by rules"] == found["model by trace"] == MODELS["MobileNetV3Small"]
