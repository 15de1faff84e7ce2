"""How many threads linear algebra uses.

The matrices of a search with few jobs are small: a second thread costs more than it gives, and
where another job has the processor, much more, for the threads wait for each other in a loop.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Up to so many jobs, one thread is faster.
FEW = 256


@contextmanager
def suited_to(jobs: int) -> Iterator[None]:
    """One thread for linear algebra while few jobs are looked at; as many as ever for more."""
    pools = _pools() if jobs <= FEW else None
    if pools is None:
        yield
        return
    with pools.limit(limits=1, user_api="blas"):
        yield


@functools.cache
def _pools() -> Any:
    """The libraries that are loaded; None without the package that knows (scikit-learn's)."""
    import scipy.linalg  # noqa: F401, PLC0415 - it brings a library of its own

    try:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    return ThreadpoolController()
