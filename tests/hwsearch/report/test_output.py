"""Standard output of the reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hwsearch.report.output import show
from hwsearch.report.sections import Section

ROOT = Path(__file__).resolve().parents[3]


def test_sections_are_printed(capsys):
    show([Section("", ["a"]), Section("T", ["b"])])
    assert capsys.readouterr().out == "a\n\nT\n  b\n"


def test_a_full_disk_is_one_line_and_an_error():
    code = (
        "import sys\n"
        "from hwsearch.command_line.entry_point import exit_status\n"
        "from hwsearch.report.output import put\n"
        "sys.exit(exit_status(lambda: put('x' * 99) or 0))"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "standard output: cannot be written: No space left on device\n"
