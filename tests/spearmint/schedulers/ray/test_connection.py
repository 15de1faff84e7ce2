"""The connection of a driver, with a real Ray cluster."""

from __future__ import annotations

import subprocess

import pytest

from spearmint.schedulers.environment import environment
from spearmint.schedulers.ray.settings import Settings
from tests.servers import ray_cluster

pytestmark = pytest.mark.server

CODE = """
import sys
import ray
from spearmint.schedulers.ray.connection import connected
from spearmint.schedulers.ray.settings import Settings
with connected(Settings.from_json(sys.argv[1])):
    print(ray.get_runtime_context().namespace, any(node["Alive"] for node in ray.nodes()))
print(ray.is_initialized())
"""


def test_it_is_closed_at_the_end(ray: ray_cluster.Cluster) -> None:
    settings = Settings(address=ray.address, namespace="test_connection").to_json()
    done = subprocess.run(
        [str(ray_cluster.PYTHON), "-P", "-c", CODE, settings],
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["test_connection True", "False"], done.stderr
