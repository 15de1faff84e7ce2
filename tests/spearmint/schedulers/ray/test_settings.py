from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spearmint.schedulers.ray.settings import Settings

ROOT = Path(__file__).resolve().parents[4]


def test_survives_its_json_form() -> None:
    settings = Settings("auto", None, 0.5, 2.0, 2**30, {"fäst": 1.0}, "n")
    assert Settings.from_json(settings.to_json()) == settings
    assert "\n" not in settings.to_json()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, None),
        ("auto", None),
        ("head:6379", ("head", 6379)),
        ("ray://10.0.0.1:10001", ("10.0.0.1", 10001)),
        ("[::1]:1", ("::1", 1)),
    ],
)
def test_where_a_cluster_listens(address: str | None, expected: tuple[str, int] | None) -> None:
    settings = Settings(address)
    assert settings.host_port == expected
    assert settings.is_own == (address is None)
    assert settings.is_client == (address is not None and address.startswith("ray://"))


def test_resources_of_a_job() -> None:
    assert Settings().options() == {"num_cpus": 1.0, "num_gpus": 0.0}
    assert Settings().resources() == {"CPU": 1.0}
    full = Settings(num_cpus=0.0, num_gpus=0.5, memory=2**20, custom={"fast": 2.0})
    assert full.options() == {
        "num_cpus": 0.0,
        "num_gpus": 0.5,
        "memory": 2**20,
        "resources": {"fast": 2.0},
    }
    assert full.resources() == {"GPU": 0.5, "memory": 2.0**20, "fast": 2.0}


def test_what_the_driver_imports_needs_only_the_standard_library() -> None:
    """The interpreter of a cluster may have Ray and nothing else."""
    modules = "spearmint.schedulers.ray.settings, spearmint.schedulers.ray.actor"
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", f"import {modules}"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
