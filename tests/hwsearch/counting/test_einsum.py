"""MACs of an einsum."""

from __future__ import annotations

import pytest

from hwsearch.counting.call import UncountableError
from hwsearch.counting.einsum import einsum


@pytest.mark.parametrize(
    ("equation", "shapes", "macs"),
    [
        ("ij,jk->ik", [(2, 3), (3, 5)], 30),
        ("...ij,...jk->...ik", [(7, 2, 3), (3, 5)], 210),
        ("bi, bj -> bij", [(1, 2), (4, 3)], 24),
    ],
)
def test_einsum_multiplies_the_sizes_of_all_labels(equation, shapes, macs):
    assert einsum(equation, shapes) == macs


def test_einsum_of_three_operands_depends_on_the_order():
    with pytest.raises(UncountableError, match="two operands"):
        einsum("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)])
