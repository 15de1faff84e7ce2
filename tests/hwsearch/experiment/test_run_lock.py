"""One run at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.run_lock import holders, run_lock

#: Not a process: above the highest number of the kernel.
ENDED = 2**22 + 1


def test_a_second_run_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    import os

    experiment = Experiment(tmp_path / "a 'b'")
    with run_lock(experiment), pytest.raises(UserError) as caught, run_lock(experiment):
        pass
    assert f"another run is active in this folder (process {os.getpid()})" in str(caught.value)
    with run_lock(experiment):
        pass


def test_a_child_that_outlives_the_process_that_locked_still_holds_the_lock(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    with run_lock(experiment) as handle:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[handle]
        )
    with child:
        # The process that locked has ended: the child is named.
        experiment.lock_file.write_text(f"{ENDED}\n")
        with pytest.raises(UserError) as caught, run_lock(experiment):
            pass
        assert f"(process {child.pid})" in str(caught.value)
        child.communicate(b"\n")
    with run_lock(experiment):
        pass


def test_who_runs_is_told_without_touching_the_lock(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path)
    assert holders(experiment) == []
    with run_lock(experiment) as handle:
        assert holders(experiment) == []  # this process does not count
        with subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[handle]
        ) as child:
            assert holders(experiment) == [str(child.pid)]
            child.communicate()
    assert holders(experiment) == []


def test_a_process_that_ends_while_others_are_searched_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Path.iterdir
    experiment = Experiment(tmp_path)
    with (
        run_lock(experiment) as handle,
        subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[handle]
        ) as child,
    ):

        def iterdir(path: Path) -> Iterator[Path]:
            if path.name == "fd" and path.parent.name != str(child.pid):
                raise FileNotFoundError(2, "No such file or directory", str(path))
            return listed(path)

        monkeypatch.setattr(Path, "iterdir", iterdir)
        assert holders(experiment) == [str(child.pid)]
        child.communicate()
