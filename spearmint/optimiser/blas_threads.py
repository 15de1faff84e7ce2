"""The number of threads that linear algebra uses.

A search computes many small matrix products. A second thread slows them down, and much more so on
a busy processor, since threads wait for each other in a loop. (On two otherwise idle cores, a
suggestion with two threads took 1.7 s instead of 0.6 s with one at 500 jobs, 1.8 s instead of 1.0 s
at 1,000 and 3.3 s instead of 2.7 s at 2,000.) So one thread is used, however many jobs there are.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one() -> Iterator[None]:
    """Limits BLAS to one thread."""
    pools = _pools()
    if pools is None:
        yield
        return
    with pools.limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _pools() -> Any:
    """The BLAS libraries that are loaded; None if threadpoolctl is not installed."""
    import scipy.linalg  # noqa: F401, PLC0415 - it loads a BLAS library of its own

    try:
        from threadpoolctl import ThreadpoolController  # noqa: PLC0415
    except ImportError:
        return None
    return ThreadpoolController()
