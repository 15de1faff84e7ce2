"""Runs tests in a pytest of its own, as somebody who uses the suites does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
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
