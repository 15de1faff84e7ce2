"""MACs of JAX programs."""

from __future__ import annotations

import pytest

from tests.hwsearch.counting.tracing.other_backends import check


@pytest.mark.backend
@pytest.mark.slow
def test_counts_are_those_by_hand():
    check("jax")
