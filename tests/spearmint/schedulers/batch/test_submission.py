from __future__ import annotations

import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spearmint.errors import UserError
from spearmint.schedulers import SubmissionDelayedError
from spearmint.schedulers.batch import submission
from spearmint.schedulers.batch.command import run
from spearmint.schedulers.batch.submission import Submitter
from spearmint.schedulers.batch.system import QueueEntry
from spearmint.worker.job_spec import JobSpec
from tests.spearmint.schedulers.batch.fakes import FakeSystem


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    return JobSpec(
        job_id=3,
        experiment="e",
        folder=str(tmp_path),
        output_subdir="out put",
        main_file="f.py",
        tasks=["main"],
        address="host:1",
        database="spearmint",
        lease_s=60.0,
    )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that submissions see, in its only item."""
    now = [1000.0]
    monkeypatch.setattr(submission, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def submitter(system: FakeSystem, *args: str) -> Submitter:
    return Submitter(system, "big", args, None, ["/root"], pause_s=0.0)


def test_script_is_submitted_in_the_folder_of_the_output(spec: JobSpec) -> None:
    system = FakeSystem('stat -c %a "$3" >&2; grep -c "SIGUSR2" "$3"; cp "$3" copy')
    one = submitter(system, "--mem=1G")
    assert one.submit(spec, idle=True) == "1"
    folder = spec.output.parent
    text = (folder / "copy").read_text()
    assert '"FAKE $FAKE_ID" SIGUSR2' in text
    assert spec.to_json() in text
    assert [file.name for file in folder.iterdir()] == ["copy"], "the script is removed"
    assert one.notices == []


def test_script_may_be_read_by_its_owner_alone(spec: JobSpec) -> None:
    folder = spec.output.parent
    folder.mkdir()
    (folder / "00000003.job").write_text("left from a crash")
    (folder / "00000003.job").chmod(0o644)
    system = FakeSystem('stat -c %a "$2"')
    mode = int(submitter(system).submit(spec, idle=True), 8)
    assert stat.filemode(0o100000 | mode) == "-rw-------"


@pytest.mark.parametrize(("folder", "log"), [("out put", None), ("o%j", "/dev/null")])
def test_log_whose_path_would_be_changed_is_not_written(
    tmp_path: Path, folder: str, log: str | None
) -> None:
    spec = JobSpec(3, "e", str(tmp_path), folder, "f.py", ["main"], "a", "s", 60.0)
    number = submitter(FakeSystem('echo "$1"')).submit(spec, idle=True)
    assert number == (log or f"{tmp_path}/{folder}/00000003.log")


def test_folder_that_cannot_be_written_is_an_error(tmp_path: Path, spec: JobSpec) -> None:
    (tmp_path / "out put").write_text("a file")
    with pytest.raises(UserError, match=r"00000003.job: cannot be written: .*exists"):
        submitter(FakeSystem()).submit(spec, idle=True)


def test_first_refusal_is_an_error(spec: JobSpec) -> None:
    one = submitter(FakeSystem("echo 'no such\nqueue' >&2; exit 1"), "-q", "a b")
    with pytest.raises(UserError) as caught:
        one.submit(spec, idle=True)
    assert str(caught.value) == (
        "resource big: fakesub refused a job: no such queue (scheduler-args: -q 'a b')"
    )


def test_later_refusals_are_delays(spec: JobSpec, clock: list[float]) -> None:
    system = FakeSystem()
    one = submitter(system)
    one.submit(spec, idle=True)
    system.submit = "echo 'limit reached' >&2; exit 1"
    with pytest.raises(SubmissionDelayedError, match="limit reached"):
        one.submit(spec, idle=False)
    assert one.notices == ["fakesub refused a job: limit reached; retrying later"]
    system.submit = "echo 2"
    with pytest.raises(SubmissionDelayedError, match="limit reached"):
        one.submit(spec, idle=False)  # not asked again at once
    clock[0] += submission.SHORTEST_PAUSE_S + 1.0
    assert one.submit(spec, idle=False) == "2"
    assert len(one.notices) == 1


def test_refusals_while_nothing_is_queued_end_in_an_error(
    spec: JobSpec, clock: list[float]
) -> None:
    system = FakeSystem()
    one = submitter(system)
    one.submit(spec, idle=True)
    system.submit = "echo 'no account' >&2; exit 1"
    with pytest.raises(SubmissionDelayedError):
        one.submit(spec, idle=True)
    clock[0] += submission.REFUSED_S + 1.0
    with pytest.raises(SubmissionDelayedError):
        one.submit(spec, idle=False)  # a limit that our own jobs may have reached
    clock[0] += submission.REFUSED_S + 1.0
    with pytest.raises(UserError, match="no account"):
        one.submit(spec, idle=True)


def test_warning_of_an_accepted_submission_is_reported_once(spec: JobSpec) -> None:
    one = submitter(FakeSystem("echo 1; echo 'deprecated option' >&2; exit 1"))
    for _ in range(2):
        assert one.submit(spec, idle=True) == "1"
    assert one.notices == ["fakesub: deprecated option 1"]


# -- real systems --------------------------------------------------------------------------------


@pytest.mark.server
@pytest.mark.parametrize("system", ["SLURM", "PBS", "SGE"])
def test_refusal_of_a_real_system_is_one_line(
    system: str, batch_harness: Callable[[str], Any]
) -> None:
    harness, _ = batch_harness(system)
    option = "-p" if system == "SLURM" else "-q"
    scheduler = harness.scheduler(scheduler_args=(option, "nosuch"))
    with pytest.raises(UserError) as caught:
        scheduler.submit(harness.spec("return 1"))
    text = str(caught.value)
    assert "\n" not in text
    program = "sbatch" if system == "SLURM" else "qsub"
    assert text.startswith(f"resource Main: {program} refused a job: ")
    assert "nosuch" in text.partition(" (scheduler-args")[0]
    assert not list((harness.folder / "out put").iterdir())


@pytest.mark.server
@pytest.mark.parametrize("system", ["SLURM", "PBS", "SGE"])
def test_real_job_leaves_no_file_but_its_output(
    system: str, batch_harness: Callable[[str], Any]
) -> None:
    harness, _ = batch_harness(system)
    scheduler = harness.scheduler()
    spec = harness.spec("return 1")
    harness.end_of(scheduler, scheduler.submit(spec))
    files = [file.name for file in spec.output.parent.iterdir() if file.suffix != ".pbs"]
    assert files == [spec.output.name]


def test_job_whose_number_is_not_printed_is_found_by_its_name(spec: JobSpec) -> None:
    system = FakeSystem("echo 'welcome' >&2")
    system.named = ["7"]
    one = submitter(system)
    for _ in range(2):
        assert one.submit(spec, idle=True) == "7"
    assert one.notices == ["fakesub printed no job number; jobs are found by their names"]
    first, second = system.names
    assert first != second, "each submission has a name of its own"


def test_job_whose_number_is_not_printed_and_that_is_not_in_the_queue(spec: JobSpec) -> None:
    one = submitter(FakeSystem("echo 'welcome' >&2"), "-x")
    with pytest.raises(UserError) as caught:
        one.submit(spec, idle=True)
    text = str(caught.value)
    assert text.startswith("resource big: fakesub printed no job number, and no job hp3-")
    assert text.endswith("is in the queue: welcome (scheduler-args: -x)")


def test_job_that_could_not_be_found_is_cancelled_once_the_queue_responds(
    spec: JobSpec, clock: list[float]
) -> None:
    system = FakeSystem()
    one = submitter(system)
    one.submit(spec, idle=True)
    system.submit, system.silent = "true", "no answer"
    with pytest.raises(SubmissionDelayedError):
        one.submit(spec, idle=False)
    one.withdraw_unfound()
    assert system.cancelled == []
    system.submit, system.silent, system.named = "echo 2", None, ["8", "9"]
    system.entries = {"8": QueueEntry(waiting=True), "9": QueueEntry()}
    clock[0] += submission.SHORTEST_PAUSE_S + 1.0
    assert one.submit(spec, idle=False) == "2"
    assert system.cancelled == [["8"]]
    one.withdraw_unfound()
    assert system.cancelled == [["8"]]


@pytest.mark.parametrize("command", ["kill -9 $$", "exec sleep 600"])
def test_job_whose_submission_was_cut_off_is_cancelled_if_it_was_accepted(
    spec: JobSpec, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(submission, "run", partial(run, timeout_s=2.0))
    system = FakeSystem(command)
    one = submitter(system)
    with pytest.raises(UserError, match=r"fakesub refused a job"):
        one.submit(spec, idle=True)
    system.named, system.entries = ["8"], {"8": QueueEntry(waiting=True)}
    one.withdraw_unfound()
    assert system.cancelled == [["8"]]
