from __future__ import annotations

import scipy.linalg  # noqa: F401 - the libraries are to be there
from threadpoolctl import threadpool_info

from spearmint.optimiser.blas_threads import FEW, suited_to


def counts() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_few_jobs_one_thread() -> None:
    before = counts()
    with suited_to(FEW):
        assert set(counts()) == {1}
    assert counts() == before
    with suited_to(FEW + 1):
        assert counts() == before
