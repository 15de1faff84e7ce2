"""The class of the actors, in processes that need no Ray."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from spearmint.schedulers.ray import guard

ROOT = Path(__file__).resolve().parents[4]


def run(body: str, folder: Path) -> str:
    """Runs code with a function that makes an actor; its process ends as that of an actor does."""
    code = f"""
import sys
from spearmint.schedulers.ray import actor
actor.LINGER_S = 0.5
def made(script):
    return actor.JobActor({guard.__file__!r}, script)
{body}
"""
    done: Any = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def test_knows_how_its_job_ended(tmp_path: Path) -> None:
    text = run("print(made('exit 3').end())", tmp_path)
    assert text == "{'status': 3, 'output': '', 'told': False}\n"


def test_ends_by_itself_after_its_job(tmp_path: Path) -> None:
    body = "one = made('touch done; exit 3')\nimport time\ntime.sleep(900)"
    assert run(body, tmp_path) == ""
    assert (tmp_path / "done").exists()


def test_terminates_its_job(tmp_path: Path) -> None:
    body = "one = made('exec sleep 900')\none.terminate(60.0)\nprint(one.end()['status'])"
    assert run(body, tmp_path) == "-15\n"


def test_a_guard_that_is_not_on_the_node_explains_itself(tmp_path: Path) -> None:
    body = "print(actor.JobActor('/nosuch/guard.py', 'exit 3').end())"
    text = run(body, tmp_path)
    assert "'status': None" in text
    assert "can't open file '/nosuch/guard.py'" in text
