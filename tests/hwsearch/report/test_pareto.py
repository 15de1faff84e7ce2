"""The end of a run with several answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hwsearch.experiment import Experiment
from hwsearch.report.pareto import MOST, pareto, swept
from tests.hwsearch.report import example
from tests.hwsearch.report.test_run_table import JOBS, SETTINGS, job

FRONT = replace(example.SETTINGS, constraints={}, further_objectives={"power": False})
SWEPT = replace(SETTINGS, constraints={"power": 60.0}, sweep={"power": [90.0, 85.0, 60.0]})


def test_the_front_with_its_hyperparameters_as_the_script_got_them(tmp_path: Path) -> None:
    values, names, where = pareto(FRONT, example.jobs(), example.made(tmp_path))
    assert values == [
        "Pareto front of error and power",
        "  no other network is better in one and as good in all others",
        "  job  error         power",
        "  4      5 %  90.0 ± 0.5 W",
        "  3    6.5 %  84.0 ± 0.5 W",
        "  1      9 %  70.0 ± 0.5 W",
    ]
    assert names[0] == "Their hyper-parameters, as the script got them"
    assert names[2].split() == ["units", "80", "60", "20"]
    assert where == []


def test_a_long_front_is_cut(tmp_path: Path) -> None:
    settings = replace(SETTINGS, constraints={}, further_objectives={"power": False})
    jobs = [job(n, float(n), 100.0 - n) for n in range(1, MOST + 4)]
    values, *_ = pareto(settings, jobs, Experiment(tmp_path))
    assert f"  {MOST} of {MOST + 3}; --export has all" in values
    assert sum(line.split()[0].isdigit() for line in values) == MOST + 1


def test_the_budgets_of_a_sweep(tmp_path: Path) -> None:
    lines = swept(SWEPT, JOBS, Experiment(tmp_path))
    shown = [line.split() for line in lines]
    assert ["power", "below", "90", "W", "4", "5", "%", "90", "W"] in shown
    assert ["power", "below", "60", "W", "none"] in shown
    assert swept(SETTINGS, JOBS, Experiment(tmp_path)) == []
