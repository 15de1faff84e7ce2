"""The connection to a Ray cluster, or one that is started for it.

As in `driver`, only Ray and the standard library are needed here.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray

from spearmint.schedulers.ray.settings import Settings

#: Memory of the object store of a cluster of its own, in bytes: nothing is stored in it.
STORE_BYTES = 100 * 2**20


@contextmanager
def connected(settings: Settings) -> Iterator[None]:
    """Connects to the cluster of an address, or to one that is started and ended here.

    Raises:
        Exception: Whatever Ray raises if it cannot connect.
    """
    common = {
        "namespace": settings.namespace,
        "log_to_driver": False,
        "configure_logging": False,
    }
    if not settings.is_own:
        if (host_port := settings.host_port) is not None:
            socket.create_connection(host_port, timeout=10).close()  # Ray would try for minutes
        ray.init(address=settings.address, **common)
        yield
        ray.shutdown()
        return
    folder = tempfile.mkdtemp(prefix="hyperpower-ray-")
    try:
        # Without a token of this cluster, Ray would write one for all clusters of this user into
        # the home folder, and require it from then on.
        token = Path(folder, "token")
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32), encoding="ascii")
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(token)
        for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_MODE"):
            os.environ.pop(name, None)
        ray.init(
            address="local",
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            _temp_dir=folder,
            **common,
        )
        yield
        ray.shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
