"""The best network for each budget."""

from __future__ import annotations

from dataclasses import replace

from hwsearch.report.budgets import budgets, section
from hwsearch.report.run_table import RunTable
from tests.hwsearch.report.test_run_table import JOBS, SETTINGS

SWEPT = replace(SETTINGS, constraints={"power": 60.0}, sweep={"power": [90.0, 85.0, 60.0]})


def test_every_training_counts_for_each_budget():
    found = budgets(RunTable.of_run(SWEPT, JOBS))
    assert [column.bound for column, _ in found] == [90.0, 85.0, 60.0]
    assert [row and row.job for _, row in found] == [4, 3, None]
    assert budgets(RunTable.of_run(SETTINGS, JOBS)) == []


def test_the_table():
    shown = section(RunTable.of_run(SWEPT, JOBS))
    assert shown.head == ["budget", "job", "error", "power"]
    assert shown.rows[0] == ["power below 90 W", "4", "5 %", "90 W"]
    assert shown.rows[2] == ["power below 60 W", "none", "", ""]
    assert section(RunTable.of_run(SETTINGS, JOBS)).rows == ()
