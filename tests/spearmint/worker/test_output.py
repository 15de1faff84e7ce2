from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

CODE = """
import ctypes, os, subprocess, sys
from pathlib import Path
from spearmint.worker import output

output.redirect(Path(sys.argv[1]))
print("printed ☃ \\ud800")
print("error", file=sys.stderr)
os.write(1, b"raw\\n")
ctypes.CDLL(None).puts(b"from C")
ctypes.CDLL(None).fflush(None)
subprocess.run(["echo", "from a child"])
assert sys.stdin.read() == ""
sys.stdout.close()
sys.stderr = None
output.flush()
"""


def test_output_of_every_kind_is_appended_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a new folder" / "1.out"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", CODE, path],
            cwd=ROOT,
            input="not for the job",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == ["printed ☃ \\ud800", "error", "raw", "from C", "from a child"] * 2
