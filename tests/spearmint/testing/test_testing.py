"""What the package says about its use is true."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from spearmint import testing
from tests.spearmint.testing.suites import ROOT, failures


def examples() -> list[str]:
    """The blocks of code in the docstring."""
    text = testing.__doc__ or ""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    |\n    ))+", text, re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in blocks]


def test_there_is_an_example_of_each_suite() -> None:
    first, second = examples()
    assert "DatabaseConformance" in first
    assert "SchedulerConformance" in second


@pytest.mark.parametrize(
    ("number", "name"),
    [(0, "TestMyDatabase.test_no_job_is_claimed_twice"), (1, "TestMyScheduler.test_runs_a_job")],
)
def test_examples_run_elsewhere(tmp_path: Path, number: int, name: str) -> None:
    file = tmp_path / "test_mine.py"
    file.write_text(examples()[number])
    options = [f"--rootdir={tmp_path}", f"--confcutdir={tmp_path}", "-k", name.split(".")[1]]
    assert failures([*options, file], tmp_path) == {name: ""}


def test_fixtures_that_are_not_overridden_are_an_error(tmp_path: Path) -> None:
    file = tmp_path / "test_mine.py"
    file.write_text(
        "from spearmint.testing import DatabaseConformance, SchedulerConformance\n"
        "class TestDatabase(DatabaseConformance): pass\n"
        "class TestScheduler(SchedulerConformance): pass\n"
    )
    tests = ["TestDatabase::test_claim", "TestScheduler::test_runs_a_job"]
    found = failures([f"{file}::{test}" for test in tests], tmp_path)
    assert "override the fixture `connect`" in found["TestDatabase.test_claim"]
    assert "override the fixture `init`" in found["TestScheduler.test_runs_a_job"]


def test_pytest_and_hypothesis_are_not_needed_elsewhere() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "spearmint").rglob("*.py"))
        # Ray is in an environment of its own.
        if not ("testing" in path.parts or "\nimport ray\n" in path.read_text(encoding="utf-8"))
    ]
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "sys.exit(','.join({'pytest', 'hypothesis'} & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(names) > 50
