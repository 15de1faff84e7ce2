from __future__ import annotations

from pathlib import Path

import pytest

from spearmint.config import parse
from spearmint.schedulers import MODULES, create
from spearmint.schedulers.batch.pbs import PBS
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.sge import SGE
from spearmint.schedulers.batch.slurm import Slurm
from spearmint.schedulers.local import LocalScheduler
from spearmint.schedulers.ray.scheduler import RayScheduler

SYSTEMS = {"SLURM": Slurm, "PBS": PBS, "SGE": SGE}


@pytest.mark.parametrize("name", MODULES)
def test_each_name_creates_its_scheduler(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for program in SYSTEMS[name].programs if name in SYSTEMS else ():
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    has_ray = tmp_path / "python"
    has_ray.write_text("#!/bin/sh\n")
    has_ray.chmod(0o755)
    config = parse(
        {
            "main-file": "f.py",
            "variables": {"x": {"type": "INT", "min": 0, "max": 1}},
            "database": {"address": "db.example.org"},
            "scheduler": name,
            **({"scheduler-args": [f"--python={has_ray}"]} if name == "RAY" else {}),
        },
        environ={},
    )
    scheduler = create(config.resources[0], config)
    if name == "local":
        assert isinstance(scheduler, LocalScheduler)
        assert not scheduler.durable_ids
    elif name == "RAY":
        assert isinstance(scheduler, RayScheduler)
    else:
        assert isinstance(scheduler, BatchScheduler)
        assert type(scheduler.system) is SYSTEMS[name]
        assert scheduler.system.name == name
        assert scheduler.durable_ids
