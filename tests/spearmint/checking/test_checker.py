from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from spearmint.checking.checker import MOST_FAILURES, Checker, Verdict
from tests.spearmint.checking.conftest import point, verdict

Make = Callable[..., Checker]


def number(one: Checker) -> int:
    assert one.child._process is not None
    return one.child._process.pid


def test_one_process_answers_about_all_candidates(checker: Make) -> None:
    one = checker("def check(params): return {'c': 5.0 - params['x']}")
    assert verdict(one, 7) == Verdict({"c": -2.0})
    before = number(one)
    assert verdict(one, 2) == Verdict({"c": 3.0})
    assert number(one) == before
    assert one.sources() == []
    assert one.answer() is None


def test_an_earlier_question_is_dropped(checker: Make) -> None:
    one = checker("def check(params): return {'c': params['x']}")
    one.ask(point(1))
    assert verdict(one, 2) == Verdict({"c": 2.0})


def test_modules_of_the_check_are_imported_once(checker: Make) -> None:
    code = """
        import sys
        found = "wave" in sys.modules
        def check(params): return {"c": float(found)}
    """
    assert verdict(checker(code), 1).values == {"c": 0.0}
    assert verdict(checker(code, preload=["wave", "missing_module"]), 1).values == {"c": 1.0}


def test_gpus_are_hidden(checker: Make) -> None:
    one = checker("""
        import os
        def check(params): return {'c': float(os.environ['CUDA_VISIBLE_DEVICES'])}
    """)
    assert verdict(one, 1).values == {"c": -1.0}


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def check(params): raise ValueError('no layers')", "ValueError: no layers"),
        ("def check(params): return {'d': 1}", "got a value for 'd', which is not a constraint"),
        ("def check(params): return {'f': 1}", "got a value for 'f', which is not a constraint"),
        ("def other(params): return {}", "f.py defines no check(params)"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def check(params):\n import os\n os._exit(7)", "its process ended with status 7"),
    ],
)
def test_a_check_that_fails_is_switched_off_in_the_end(
    checker: Make, code: str, error: str
) -> None:
    one = checker(code)
    for _ in range(MOST_FAILURES):
        assert not one.off
        found = verdict(one, 1)
        assert not found.values
        assert found.error.endswith(error)
        assert "candidate-check" not in found.error  # who prints the message says so
    assert one.off.endswith(error)
    assert not one.child.runs


def test_failures_count_in_a_row_only(checker: Make) -> None:
    one = checker("def check(params): return {'c': 6 / int(params['x'])}")
    for x in (0, 0, 3, 0, 0):
        assert verdict(one, x).values == ({"c": 2.0} if x else {})
    assert not one.off


def test_a_check_that_takes_too_long_ends_and_the_next_one_is_answered(
    checker: Make, tmp_path: Any
) -> None:
    one = checker(
        """
        import os, time
        from pathlib import Path
        def check(params):
            Path('pid').write_text(str(os.getpid()))
            while params['x'] == 9:
                time.sleep(1)
            return {'c': 1}
        """,
        **{"time-limit": 10},
    )
    assert verdict(one, 9) == Verdict({}, "it took more than 10 s")
    pid = int((tmp_path / "pid").read_text())
    gone, _ = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 200)
    assert gone or not psutil.pid_exists(pid)
    assert verdict(one, 1) == Verdict({"c": 1.0})


def test_a_process_that_was_killed_is_started_again(checker: Make) -> None:
    one = checker("""
        import os, signal
        def check(params):
            if params['x'] == 9:
                os.kill(os.getppid(), signal.SIGKILL)
            return {'c': 1}
    """)
    assert verdict(one, 1) == Verdict({"c": 1.0})
    os.kill(number(one), signal.SIGKILL)  # while nothing is checked
    os.waitid(os.P_PID, number(one), os.WEXITED | os.WNOWAIT)
    assert verdict(one, 1) == Verdict({"c": 1.0})
    assert verdict(one, 9) == Verdict({}, "the process that checks ended")
    assert verdict(one, 1) == Verdict({"c": 1.0})


def test_a_check_ahead_ends_with_the_next_question_and_with_its_process(
    checker: Make, tmp_path: Any
) -> None:
    one = checker("""
        import os, time
        from pathlib import Path
        def check(params):
            Path('next').write_text(str(os.getpid()))
            Path('next').rename(f"pid{int(params['x'])}")
            while params['x'] > 4:
                time.sleep(1)
            return {'c': 1}
    """)

    def begun(x: int) -> psutil.Process:
        one.ask(point(x), ahead=True)
        file = tmp_path / f"pid{x}"
        while not file.exists():
            assert one.answer() is None
            time.sleep(0.01)
        return psutil.Process(int(file.read_text()))

    def has_ended(process: psutil.Process) -> bool:
        gone, _ = psutil.wait_procs([process], 200)
        return bool(gone)

    first = begun(9)
    assert verdict(one, 1) == Verdict({"c": 1.0})
    assert has_ended(first)
    second = begun(8)
    one.drop_ahead()
    assert has_ended(second)
    assert one.sources() == []
    third = begun(7)
    os.kill(number(one), signal.SIGKILL)
    assert has_ended(third)
    assert verdict(one, 1) == Verdict({"c": 1.0})
    assert not one.off


def test_a_check_that_is_dropped_leaves_no_temporary_files(checker: Make, tmp_path: Any) -> None:
    one = checker("""
        import tempfile, time
        from pathlib import Path
        def check(params):
            with tempfile.TemporaryDirectory() as folder:
                Path('next').write_text(folder)
                Path('next').rename('name')
                while True:
                    time.sleep(1)
    """)
    one.ask(point(1), ahead=True)
    name = tmp_path / "name"
    while not name.exists():
        assert one.answer() is None
        time.sleep(0.01)
    folder = Path(name.read_text())
    assert folder.exists()
    one.drop_ahead()
    one.close()
    assert not folder.exists()
