from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch import keras_runtime
from hwsearch.keras_runtime import NOISE, versions, without_noise

CHILD = """
import os
import time
import hwsearch.network.network, hwsearch.counting, hwsearch.evaluation, hyperpower
names = [open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")]
assert not [name for name in names if name.startswith("tf_")], names
child = os.fork()
if not child:
    import keras
    os._exit(0 if float(keras.ops.sum(keras.ops.ones((3, 3)))) == 9 else 1)
assert os.waitpid(child, 0)[1] == 0
# Libraries stop their threads before a fork; none may remain. The kernel's list lags.
for _ in range(100):
    left = os.listdir("/proc/self/task")
    if len(left) == 1:
        break
    time.sleep(0.05)
assert len(left) == 1, left
print(os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["TF_FORCE_GPU_ALLOW_GROWTH"])
"""


def child(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "XLA_"))}
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=clean | environment,
    )


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux' /proc")
def test_it_prints_nothing_and_the_process_can_be_forked():
    done = child(CHILD)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("2 true\n", "")


def test_the_users_environment_is_not_changed():
    code = "import os, hwsearch.keras_runtime as k; print(*[os.environ[n] for n in k.ENVIRONMENT])"
    done = child(code, TF_CPP_MIN_LOG_LEVEL="3", XLA_PYTHON_CLIENT_PREALLOCATE="true")
    assert done.stdout == "3 true true\n", done.stderr
    assert not done.stderr, "level 3 asks for fewer messages, not for more"


def test_children_of_a_silent_process_are_silent():
    """They inherit the level that it has set."""
    done = child("import hwsearch.keras_runtime", TF_CPP_MIN_LOG_LEVEL="2")
    assert (done.returncode, done.stderr) == (0, "")


def test_only_noise_is_removed(capfd):
    with without_noise():
        os.write(2, b"I0000 " + NOISE[1] + b". You may see\nreal trouble\n")
    assert capfd.readouterr().err == "real trouble\n"


def test_output_before_an_error_is_kept(capfd):
    def fail():
        with without_noise():
            os.write(2, b"why\n")
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == "why\n"


def test_versions_name_the_backend():
    found = versions()
    assert found["backend"] in found
    assert {"python", "keras", "numpy"} < found.keys()


def test_all_other_modules_import_keras_from_here():
    package = Path(keras_runtime.__file__).parent
    direct = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] == "keras" for name in names):
                direct.add(path.relative_to(package).as_posix())
    # keras2 serves scripts that have imported Keras themselves; the others need what has no public
    # name.
    others = {name for name in direct if not name.startswith("keras2/")}
    assert others == {"network/randomness.py", "pausing/random_numbers.py"}
