from __future__ import annotations

import scipy.linalg  # noqa: F401 - loads the libraries
from threadpoolctl import threadpool_info

from spearmint.optimiser.blas_threads import FEW_JOBS, suited_to


def counts() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_few_jobs_one_thread() -> None:
    before = counts()
    with suited_to(FEW_JOBS):
        assert set(counts()) == {1}
    assert counts() == before
    with suited_to(FEW_JOBS + 1):
        assert counts() == before
