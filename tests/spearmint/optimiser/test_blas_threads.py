from __future__ import annotations

import scipy.linalg  # noqa: F401 - loads the libraries
from threadpoolctl import threadpool_info, threadpool_limits

from spearmint.optimiser import blas_threads


def counts() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_one_thread_and_then_as_many_as_before() -> None:
    with threadpool_limits(2, "blas"):
        before = counts()
        with blas_threads.one():
            assert set(counts()) == {1}
        assert counts() == before
    assert 2 in before
