from __future__ import annotations

import sys
from typing import Any

import pytest

from hwsearch.experiment import Settings
from hwsearch.launch.profiling import measuring_child

CODE = "import os, sys; print(sys.argv[1:], os.environ['CUDA_VISIBLE_DEVICES']); sys.exit(3)"


@pytest.mark.parametrize(
    ("settings", "plain", "gpu", "words"),
    [
        (Settings("run", "error"), False, "", ["--seed", "0"]),
        (
            Settings("run", "power", seed=4, job_timeout=60.0),
            True,
            "GPU-1",
            ["--seed", "4", "--unscored", "--plain", "--timeout", "60.0"],
        ),
    ],
)
def test_the_settings_of_a_run_become_flags(
    settings: Settings, plain: bool, gpu: str, words: list[str], capfd: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-0")
    command = [sys.executable, "-c", CODE, "--own"]
    assert measuring_child.run(command, settings, gpu=gpu, plain=plain) == 3
    assert capfd.readouterr().out == f"{['--own', *words]} {gpu or 'GPU-0'}\n"
