from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.console.printing import one_line, printable, printable_lines, shortened
from tests.spearmint.conftest import ROOT

ODD = "a\x1b[31mred\x1b[0m\r\nforged: job 2 complete\x00\x9b\u202e\ud800é☃"


def test_each_character_that_is_not_printable_is_shown_as_its_escape_sequence() -> None:
    assert printable("é ☃ 'x'") == "é ☃ 'x'"
    assert printable(ODD) == (
        r"a\x1b[31mred\x1b[0m\r\nforged: job 2 complete\x00\x9b\u202e\ud800é☃"
    )


def test_lines_keep_their_breaks() -> None:
    assert printable_lines("one\ntwo\x1b") == "one\ntwo\\x1b"


def test_shortened_keeps_the_beginning_and_the_end() -> None:
    assert shortened("abc", 10) == "abc"
    assert shortened("a" * 50 + "b" * 50, 20) == "aaaaaaaaaa ... bbbbb"


@given(st.text() | st.lists(st.floats() | st.text()), st.integers(20, 60))
def test_one_line_is_short_and_printable(value: object, limit: int) -> None:
    line = one_line(value, limit)
    assert line.isprintable()
    assert len(line) <= limit


def test_one_line_of_a_very_long_text() -> None:
    assert one_line("start " + "\x1b\n" * 10_000_000 + " end", 50).endswith("end")


MAKE = "from spearmint.console.printing import make_lenient\nimport sys\nmake_lenient()\n"


def run(code: str, redirection: str) -> subprocess.CompletedProcess[str]:
    """Runs a process whose streams a shell redirects."""
    command = ["sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, MAKE + code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_lines_are_written_at_once() -> None:
    done = run("print('out'); print('é \\ud800', file=sys.stderr)", "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "out\n", "é \\ud800\n")


@pytest.mark.parametrize(
    "redirection", [">/dev/full", "2>/dev/full", ">&-", "2>&-", "0<&- >&- 2>&-"]
)
def test_what_cannot_be_written_is_dropped(redirection: str) -> None:
    code = "print('x' * 100_000)\nprint('y', file=sys.stderr, flush=True)\nsys.stdout.flush()\n"
    done = run(code + "sys.exit(7)", redirection)
    assert done.returncode == 7
    assert "Error" not in done.stderr


def test_closed_streams_keep_their_numbers() -> None:
    code = "import os\nfile = open('/dev/zero')\nassert file.fileno() > 2, file.fileno()\n"
    assert run(code, "0<&- >&-").returncode == 0


def test_one_writer_has_standard_output_for_itself() -> None:
    code = (
        "import subprocess\nfrom spearmint.console.printing import own_stream\n"
        "stream = own_stream()\nprint('noise', flush=True)\nprint('mine', file=stream)\n"
        "subprocess.run(['sh', '-c', f'echo child; echo x >&{stream.fileno()}'])\n"
    )
    done = run(code, "")
    assert done.stdout == "mine\n"
    assert done.stderr.splitlines()[:2] == ["noise", "child"]


def test_closed_pipe_is_an_error() -> None:
    code = "import os\nr, w = os.pipe(); os.dup2(w, 1); os.close(w); os.close(r)\n"
    code += "try:\n    print('x', flush=True)\nexcept BrokenPipeError:\n    os._exit(9)\n"
    assert run(code, "").returncode == 9


@pytest.mark.parametrize("redirection", [">/dev/full 2>&1", ">&- 2>&-"])
def test_search_goes_on_without_output(experiment: Any, redirection: str) -> None:
    one = experiment()
    script = str(Path(ROOT, "spearmint", "main.py"))
    command = ["sh", "-c", f'exec "$0" "$1" "$2" {redirection}', sys.executable, script]
    done = subprocess.run([*command, str(one.folder)], check=False)
    assert done.returncode == 0
    assert [job["status"] for job in one.jobs()] == ["complete"] * 3
