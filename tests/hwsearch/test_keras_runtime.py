from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hwsearch.keras_runtime import NOISE, without_noise

CHILD = """
import os
import time
import hwsearch.keras_runtime, hwsearch.evaluation, hwsearch.network.training, hyperpower
names = [open(f"/proc/self/task/{task}/comm").read() for task in os.listdir("/proc/self/task")]
assert not [name for name in names if name.startswith("tf_")], names
child = os.fork()
if not child:
    import keras
    os._exit(0 if float(keras.ops.sum(keras.ops.ones((3, 3)))) == 9 else 1)
assert os.waitpid(child, 0)[1] == 0
# What is left after a fork are threads that nobody takes down for it; the kernel's list lags.
for _ in range(100):
    left = os.listdir("/proc/self/task")
    if len(left) == 1:
        break
    time.sleep(0.05)
assert len(left) == 1, left
print(os.environ["TF_CPP_MIN_LOG_LEVEL"])
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux' /proc")
def test_a_process_that_has_it_can_be_forked_and_says_nothing():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_only_noise_is_held_back(capfd):
    with without_noise():
        os.write(2, b"I0000 " + NOISE[1] + b". You may see\nreal trouble\n")
    assert capfd.readouterr().err == "real trouble\n"


def test_what_was_written_before_an_error_is_given_back(capfd):
    def fail():
        with without_noise():
            os.write(2, b"why\n")
            raise ImportError

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == "why\n"
