from __future__ import annotations

import pytest

from hwsearch.template.dependence import Dependence, dependence

A, B = "_hyperparam_0_", "_hyperparam_1_"


@pytest.mark.parametrize(
    ("script", "slots", "alone"),
    [
        (f"batch_size = {A}", (0,), True),
        (f"b = {A}\nbatch_size = b", (0,), True),
        (f"batch_size = int({A})", (0,), True),
        (f"batch_size = 2 ** {A}", (0,), False),
        (f"b = {A}\nc = {B}\nbatch_size = b * c", (0, 1), False),
        (f"b = 2 ** {B}\nbatch_size = b", (1,), False),
        (f"units, batch_size = {A}, {B}", (1,), True),
        (f"c = dict(units={A})\nc['batch'] = {B}\nbatch_size = c['batch']", (1,), True),
        (f"c = {{'units': {A}, 'batch': {B}}}\nbatch_size = c['batch']", (1,), True),
        (f"c = {{'units': {A}, 'batch': 32}}\nbatch_size = c['batch']", (), False),
        (f"model.fit(x, y, batch_size={A})", (0,), True),
        (f"def main(size):\n    model.fit(x, y, batch_size=size)\nmain({A})", (0,), True),
        (f"def main(size=3):\n    batch_size = size\nmain(size={A})", (0,), True),
        (f"def main(batch_size={A}):\n    model.fit(x, y, batch_size=batch_size)", (0,), True),
        (f"def main(*, size={A}, units={B}):\n    model.fit(x, batch_size=size)", (0,), True),
        (f"def main(x, size={A}, *, units):\n    batch_size = size", (0,), True),
        (f"def main(*, size):\n    batch_size = size\nmain(size={A})", (0,), True),
        (f"batch_size = 32\nunits = {A}\nDense(units)", (), False),
        (f"batch_size: int = {A}", (0,), True),
        (f"batch_size = 32\nbatch_size *= {A}", (0,), False),
        (f"batch_size = 32 if {A} > 3 else 64", (0,), False),
        (f"for batch_size in [{A}, {B}]: pass", (0, 1), False),
        (f"class C:\n    batch = {A}\nbatch_size = C.batch", (), False),
        (f"c.batch = {A}\nbatch_size = c.batch", (0,), True),
    ],
)
def test_what_the_batch_size_depends_on(script, slots, alone):
    found = dependence(script, "batch_size")
    assert found.slots == slots
    if slots and script.count("*=") == 0:
        assert found == Dependence(slots, alone)
