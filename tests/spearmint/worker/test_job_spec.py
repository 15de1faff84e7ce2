from __future__ import annotations

from pathlib import Path

from spearmint.worker.job_spec import JobSpec


def test_order_travels_as_one_line() -> None:
    one = JobSpec(7, "e é", "/a b", "o/p", {"a": "x.py"}, ["a"], "sqlite:/x\n", "s", 1.5)
    assert JobSpec.from_json(one.to_json()) == one
    assert "\n" not in one.to_json()
    assert one.output == Path("/a b/o/p/00000007.out")
