"""Writes the current --help texts into docs/command-line.md.

Run as `python docs/update_help.py`. In the page, a comment `<!-- help: PROGRAM -->` stands before
each block that shows a help text.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "command-line.md"
#: Columns of the terminal that the help is wrapped for.
WIDTH = "100"
_BLOCK = re.compile(r"^<!-- help: (\S+) -->\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def help_of(program: str) -> str:
    """What `--help` prints: of a Python program, a shell script, or a package (`python -m`)."""
    start = {".sh": [str(ROOT / program)], ".py": [sys.executable, str(ROOT / program)]}
    done = subprocess.run(
        [*start.get(Path(program).suffix, [sys.executable, "-m", program]), "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": WIDTH},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def updated(text: str) -> str:
    """The page's text with current help texts."""
    return _BLOCK.sub(
        lambda block: f"<!-- help: {block[1]} -->\n\n```text\n{help_of(block[1])}```", text
    )


def programs(text: str) -> list[str]:
    """Programs whose help the page's text shows."""
    return [block[1] for block in _BLOCK.finditer(text)]


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
