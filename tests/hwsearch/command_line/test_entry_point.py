"""Exit statuses, and errors without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hwsearch.command_line.entry_point import exit_status
from hwsearch.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (UserError("a: got b"), 2, "a: got b\n"),
        (OSError(28, "No space left on device", "file"), 2, "file: No space left on device\n"),
        (UserError("a: \x1b[2J\nb: \r"), 2, "a: \\x1b[2J\nb: \\r\n"),
        (OSError(28, "No space left on device", "a\nb"), 2, "a\\nb: No space left on device\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors(
    error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(raising(error)) == status
    assert capsys.readouterr().err == message


def test_an_error_of_a_library_without_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(raising(OSError("handle is\nclosed"))) == 2
    assert capsys.readouterr().err.endswith(": handle is\\nclosed\n")


def test_the_status_of_the_command() -> None:
    assert exit_status(lambda: 7) == 7


def run(code: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    code = f"import sys; from hwsearch.command_line.entry_point import exit_status; {code}"
    return subprocess.run(
        ["bash", "-c", f'"$@" {shell}', "-", sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_reader_that_has_gone() -> None:
    code = "sys.exit(exit_status(lambda: print('x' * 10**6, flush=True)))"
    done = run(code, "| true; echo ${PIPESTATUS[0]}")
    assert (done.stdout, done.stderr) == ("141\n", "")


def test_ctrl_c_is_an_exception_again_after_a_quiet_start() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "sys.exit(exit_status(lambda: signal.raise_signal(signal.SIGINT)))"
    )
    done = run(code)
    assert (done.returncode, done.stderr) == (130, "")


def test_an_ignored_ctrl_c_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert exit_status(lambda: signal.raise_signal(signal.SIGINT) or 5) == 5
    finally:
        signal.signal(signal.SIGINT, before)
