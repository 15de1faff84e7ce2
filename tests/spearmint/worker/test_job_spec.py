from __future__ import annotations

from pathlib import Path

from spearmint.config import parse
from spearmint.worker.job_spec import JobSpec


def test_spec_travels_as_one_line() -> None:
    one = JobSpec(7, "e é", "/a b", "o/p", {"a": "x.py"}, ["a"], "sqlite:/x\n", "s", 1.5)
    assert JobSpec.from_json(one.to_json()) == one
    assert "\n" not in one.to_json()
    assert one.output == Path("/a b/o/p/00000007.out")


def test_gpus_travel_with_the_spec() -> None:
    variables = {"x": {"type": "FLOAT", "min": 0, "max": 1}}
    document = {"variables": variables, "main-file": "f", "gpus": ["a", "b"], "jobs-per-gpu": 3}
    spec = JobSpec.of(parse(document), {"id": 1})
    assert (spec.gpus, spec.jobs_per_gpu) == (("a", "b"), 3)
    assert JobSpec.from_json(spec.to_json()) == spec


def test_spec_of_a_stored_job() -> None:
    config = parse(
        {
            "experiment-name": "e",
            "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
            "tasks": {
                "f": {"type": "OBJECTIVE", "main-file": "f.py"},
                "c": {"type": "CONSTRAINT", "main-file": "c.py"},
            },
            "resources": {"cpu": {}, "gpu": {"output-subdir": "out/gpu"}},
            "database": {"address": "sqlite:jobs.sqlite", "name": "d"},
            "lease-time": 7,
            "job-timeout": 60,
            "job-memory": "2GiB",
            "output-limit": 5000,
        },
        folder=Path("/ex"),
        files=False,
        environ={},
    )
    spec = JobSpec.of(config, {"id": 3, "resource": "gpu"})
    files = {"f": "f.py", "c": "c.py"}
    address = "sqlite:/ex/jobs.sqlite"
    limits = (60.0, 2 * 2**30, 5000)
    assert spec == JobSpec(3, "e", "/ex", "out/gpu", files, ["f", "c"], address, "d", 7.0, *limits)
    gone = JobSpec.of(config, {"id": 4, "resource": "no longer in config.json"})
    assert gone.output == Path("/ex/output/00000004.out"), "that of the first resource"
