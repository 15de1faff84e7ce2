"""How many threads linear algebra uses.

A search makes many small products: a second thread costs more than it gives, and where another
job has the processor, much more, for the threads wait for each other in a loop. (On two cores that
nothing else used, with two threads for one, a suggestion took 1.7 s for 0.6 at 500 jobs, 1.8 for
1.0 at 1,000 and 3.3 for 2.7 at 2,000.)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Up to so many jobs, one thread is faster.
FEW = 2000


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
