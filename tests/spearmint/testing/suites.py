"""Runs tests in a pytest of its own, as somebody who uses the suites does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]


def failures(arguments: Iterable[str | Path], folder: Path) -> dict[str, str]:
    """Runs pytest with these arguments; `Class.test` -> message of its failure, "" if it passed."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"--junit-xml={report}", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = case.find("failure") if case.find("error") is None else case.find("error")
        name = f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"
        found[name] = "" if wrong is None else wrong.get("message", "") or "failed"
    assert found, done.stdout + done.stderr
    return found


#: A class and the tests that find its fault; none if it has no fault.
Faults = Mapping[type, tuple[str, ...]]


def check_all(file: Path, faults: Faults, folder: Path) -> None:
    """Runs the tests of each fault in a module, and all of them on the class without one.

    One test calls this for all faults: several tests could run in several processes, and each would
    start pytest again.

    Raises:
        AssertionError: A test that finds a fault passes, or one of the class without a fault fails.
    """
    every = sorted({test for tests in faults.values() for test in tests})
    nodes = [
        f"{file}::Test{kind.__name__}::{test}"
        for kind, tests in faults.items()
        for test in tests or every
    ]
    results = failures(nodes, folder)
    for kind in faults:
        _check(kind, faults, results)


def _check(kind: type, faults: Faults, results: Mapping[str, str]) -> None:
    """Checks that all tests of a fault fail; of a class without a fault, that all pass."""
    name = f"Test{kind.__name__}"
    own = {test: text for test, text in results.items() if test.startswith(f"{name}.")}
    assert own
    if not faults[kind]:
        assert not any(own.values()), own
        return
    assert own.keys() == {f"{name}.{test}" for test in faults[kind]}
    assert all(own.values()), own
    assert not any("fixture" in text for text in own.values()), own
