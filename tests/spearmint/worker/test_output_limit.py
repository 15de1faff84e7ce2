from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spearmint.worker.output_limit import OutputLimit, shorten

LIMIT = 10_000
ROOT = Path(__file__).resolve().parents[3]


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def numbered(first: int, last: int) -> str:
    return "".join(f"line {number}\n" for number in range(first, last))


def test_beginning_and_end_stay(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    append(path, numbered(0, 5000))
    size = path.stat().st_size
    shorten(path, LIMIT)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert path.stat().st_size <= LIMIT
    assert lines[0] == "line 0"
    assert lines[-1] == "line 4999"
    (mark,) = [line for line in lines if not line.startswith("line ") and line]
    left_out = int(re.fullmatch(r"\[(\d+) bytes left out: more than output-limit\]", mark)[1])
    assert left_out == size - sum(len(line) + 1 for line in lines if line.startswith("line "))


def test_what_was_left_out_is_added_up(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    total = 0
    for turn in range(20):
        text = numbered(turn * 2000, (turn + 1) * 2000)
        total += len(text)
        append(path, text)
        shorten(path, LIMIT)
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = sum(len(line) + 1 for line in lines if line.startswith("line "))
        (mark,) = [line for line in lines if line.startswith("[")]
        assert int(mark[1:].split()[0]) == total - kept
        assert (lines[0], lines[-1]) == ("line 0", f"line {turn * 2000 + 1999}")
        assert path.stat().st_size <= LIMIT


@pytest.mark.parametrize("text", ["x" * 50_000, "\n" * 50_000, "é" * 25_000, "\0" * 20_000])
def test_output_without_lines(text: str, tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    for _ in range(3):
        append(path, text)
        shorten(path, LIMIT)
        assert LIMIT / 2 < path.stat().st_size <= LIMIT
    assert path.read_bytes().count(b"bytes left out") == 1


def test_a_short_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    append(path, "x" * LIMIT)
    before = path.stat().st_mtime_ns
    shorten(path, LIMIT)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (LIMIT, before)


def test_a_file_that_grows_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    path.touch()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    with OutputLimit(path, LIMIT):
        while b"bytes left out" not in path.read_bytes():  # the cut is complete: its last write
            os.write(handle, numbered(0, 1000).encode())
            time.sleep(0.01)
        os.write(handle, b"the end\n")
    os.close(handle)
    text = path.read_text(encoding="utf-8")
    assert len(text) <= LIMIT
    assert text.endswith("the end\n")


def test_what_is_appended_while_the_file_is_read_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out"
    path.write_text("x\n" * LIMIT)
    late = [f"late {number}\n" for number in range(4)]
    expected = "".join(late)
    pread = os.pread

    def read(file: int, count: int, at: int) -> bytes:
        found = pread(file, count, at)
        if late:
            with path.open("a") as output:
                output.write(late.pop(0))
        return found

    monkeypatch.setattr(os, "pread", read)
    shorten(path, LIMIT)
    assert path.read_text().endswith(f"x\n{expected}")


PRINTS = """
import os, sys, threading
from pathlib import Path
from spearmint.worker import output
from spearmint.worker.output_limit import shorten

path = Path(sys.argv[1])
output.redirect(path)
print("x\\n" * 10_000)
truncate = os.ftruncate
printing = threading.Thread(target=print, args=["the end"])

def truncate_late(file, size):
    printing.start()
    printing.join(timeout=0.5)  # long enough for a print that does not wait
    truncate(file, size)

os.ftruncate = truncate_late
shorten(path, 10_000)
printing.join()
"""


def test_what_the_process_prints_while_its_file_is_cut_stays(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    subprocess.run([sys.executable, "-c", PRINTS, str(path)], cwd=ROOT, check=True)
    assert path.read_text().endswith("x\n\nthe end\n")


def test_a_file_that_is_gone_is_no_error(tmp_path: Path) -> None:
    with OutputLimit(tmp_path / "none", LIMIT):
        pass


def test_without_a_limit_everything_stays(tmp_path: Path) -> None:
    path = tmp_path / "1.out"
    with OutputLimit(path, None):
        append(path, "x" * 50_000)
    assert path.stat().st_size == 50_000
