from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spearmint.worker import output

ROOT = Path(__file__).resolve().parents[3]

CODE = """
import ctypes, os, subprocess, sys
from pathlib import Path

import pytest

from spearmint.worker import output
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


def in_process(tmp_path: Path, code: str) -> str:
    """What a process wrote to its output file."""
    path = tmp_path / "o" / "1.out"
    lines = f"import os, sys\nfrom pathlib import Path\nfrom spearmint.worker import output\n{code}"
    subprocess.run([sys.executable, "-c", lines, str(path)], check=True, cwd=ROOT)
    return path.read_text()


def test_what_a_full_disk_does_not_take_is_dropped(tmp_path: Path) -> None:
    text = in_process(
        tmp_path,
        "output.redirect(Path(sys.argv[1]))\n"
        "kept = os.dup(1)\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
        "print('lost'); print('x' * 100_000); output.tell('lost too')\n"
        "os.dup2(kept, 1)\n"
        "print('kept')\n",
    )
    assert text == "kept\n"


def test_our_own_lines_end_no_job(tmp_path: Path) -> None:
    text = in_process(
        tmp_path,
        "output.redirect(Path(sys.argv[1]))\n"
        "sys.stdout.close()\n"
        "output.tell('lost')\n"
        "output.tell('kept', sys.stderr)\n",
    )
    assert text == "kept\n"


def test_reports_go_to_the_file_and_to_the_former_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\nfrom pathlib import Path\nfrom spearmint.worker import output\n"
            "output.redirect(Path(sys.argv[1])); output.report('no luck')\n"
            "output.begin(); output.report('too late')\n",
            str(path),
        ],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stderr == "no luck\n"
    assert path.read_text() == "no luck\ntoo late\n"


def test_file_on_a_full_disk_is_an_error_and_the_output_stays(tmp_path: Path) -> None:
    (tmp_path / "o").touch()
    with pytest.raises(OSError, match="File exists"):
        output.redirect(tmp_path / "o" / "1.out")
