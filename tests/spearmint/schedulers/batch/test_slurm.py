from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from spearmint.schedulers import SubmissionDelayedError
from spearmint.schedulers.batch import scheduler as batch_scheduler
from spearmint.schedulers.batch.command import Answer
from spearmint.schedulers.batch.slurm import Slurm, parsed
from spearmint.schedulers.batch.system import QueueEntry


def test_output_of_squeue() -> None:
    text = (
        "77|PENDING|Resources\n78|RUNNING|None\n79|COMPLETING|None\n80|COMPLETED|None\n"
        "81|FAILED|NonZeroExitCode\n82|TIMEOUT|TimeLimit\n83|PREEMPTED|None\n84|SUSPENDED|None\n"
        "85|REQUEUE_HOLD|launch failed|requeued held\n86_1|CANCELLED|None\n\nslurm: a warning\n"
    )
    assert parsed(text) == {
        "77": QueueEntry(waiting=True),
        "78": QueueEntry(),
        "79": QueueEntry(),
        "80": QueueEntry(ended="state COMPLETED"),
        "81": QueueEntry(ended="state FAILED, NonZeroExitCode"),
        "82": QueueEntry(ended="state TIMEOUT, TimeLimit"),
        "83": QueueEntry(ended="state PREEMPTED", excused=True),
        "84": QueueEntry(),
        "85": QueueEntry(waiting=True),
        "86_1": QueueEntry(ended="state CANCELLED"),
    }


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("77\n", "77"),
        ("77;east\n", "77"),
        ("", None),
        ("no\n", None),
        ("Welcome to node 5\n\n77\n", "77"),
        ("77\n[INFO] auks ok\n", "77"),
        ("[INFO] auks ok\nSubmitted batch job 100\n", "100"),
        ("Submitted batch job 77 on cluster x\n", "77"),
        ("Your job will be number 77\n", None),
    ],
)
def test_output_of_sbatch(printed: str, number: str | None) -> None:
    assert Slurm().submitted_number(Answer(0, printed)) == number
    assert Slurm().submitted_number(Answer(1, printed)) is None


def test_the_users_arguments_do_not_move_the_output() -> None:
    command = Slurm().submit_command("n", "/o", ["--output=x", "--requeue"], "f")
    assert command.index("--output=x") < command.index("--output=/o")
    assert command.index("--no-requeue") < command.index("--requeue")
    assert command[-1] == "f"


@pytest.mark.parametrize(
    ("path", "literal"),
    [("/a b/é'\"$x,:", True), ("/a%j", False), ("/a\\b", False), ("/\n", False)],
)
def test_paths_that_slurm_uses_unchanged(path: str, literal: bool) -> None:
    assert bool(Slurm.literal_path.fullmatch(path)) == literal


@pytest.mark.server
def test_controller_that_does_not_respond_does_not_end_jobs(
    batch_harness: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, server = batch_harness("SLURM")
    monkeypatch.setenv("SQUEUE_PARTITION", "none of ours")
    monkeypatch.setattr(batch_scheduler, "LONGEST_PAUSE_S", 0.2)
    scheduler = harness.scheduler()
    spec = harness.spec("print('BEGAN', flush=True)\nopen('go').read()\nreturn 5")
    os.mkfifo(harness.folder / "go")
    proc_id = scheduler.submit(spec)
    harness.wait_until_began(spec)
    assert not harness.has_ended(scheduler, proc_id)
    server.stop_controller()
    try:
        notices: list[str] = []
        harness.wait_for(
            lambda: scheduler.poll() or notices.extend(scheduler.notices()) or notices, "silence"
        )
        (silent,) = notices
        assert silent.startswith("SLURM does not respond (")
        assert silent.endswith("; assuming its jobs are still running")
        with pytest.raises(SubmissionDelayedError):
            scheduler.submit(harness.spec("return 1"))
        (refused,) = scheduler.notices()
        assert refused.startswith("sbatch refused a job: ")
        assert refused.endswith("; retrying later")
        assert not harness.has_ended(scheduler, proc_id)
        assert scheduler.notices() == []  # reported once
        monkeypatch.setattr(batch_scheduler, "CANCEL_S", 0.1)
        scheduler.stop(0.1)
        (left,) = scheduler.notices()
        assert left == (
            "SLURM does not respond; jobs may be left in its queue; "
            f"remove them with: scancel {proc_id.split()[1]}"
        )
    finally:
        server.start_controller()
    harness.wait_for(
        lambda: scheduler.poll() == [] and scheduler.notices() == ["SLURM responds again"],
        "a response",
    )
    (harness.folder / "go").write_text("")
    ended = harness.end_of(scheduler, proc_id)
    assert ended.description == f"state COMPLETED ({proc_id})"
    assert harness.job(spec)["values"] == {"main": 5.0}
