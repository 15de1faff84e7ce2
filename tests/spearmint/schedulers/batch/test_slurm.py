from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from spearmint.schedulers import SubmissionDelayedError
from spearmint.schedulers.batch import scheduler as batch_scheduler
from spearmint.schedulers.batch.command import Answer
from spearmint.schedulers.batch.slurm import Slurm, parsed
from spearmint.schedulers.batch.system import Seen


def test_what_squeue_prints() -> None:
    text = (
        "77|PENDING|Resources\n78|RUNNING|None\n79|COMPLETING|None\n80|COMPLETED|None\n"
        "81|FAILED|NonZeroExitCode\n82|TIMEOUT|TimeLimit\n83|PREEMPTED|None\n84|SUSPENDED|None\n"
        "85|REQUEUE_HOLD|launch failed|requeued held\n86_1|CANCELLED|None\n\nslurm: a warning\n"
    )
    assert parsed(text) == {
        "77": Seen(waiting=True),
        "78": Seen(),
        "79": Seen(),
        "80": Seen(ended="state COMPLETED"),
        "81": Seen(ended="state FAILED, NonZeroExitCode"),
        "82": Seen(ended="state TIMEOUT, TimeLimit"),
        "83": Seen(ended="state PREEMPTED", excused=True),
        "84": Seen(),
        "85": Seen(waiting=True),
        "86_1": Seen(ended="state CANCELLED"),
    }


@pytest.mark.parametrize(
    ("printed", "number"), [("77\n", "77"), ("77;east\n", "77"), ("", None), ("no\n", None)]
)
def test_what_sbatch_prints(printed: str, number: str | None) -> None:
    assert Slurm().submitted(Answer(0, printed)) == number
    assert Slurm().submitted(Answer(1, printed)) is None


def test_arguments_of_the_user_do_not_move_the_output() -> None:
    command = Slurm().submission("n", "/o", ["--output=x", "--requeue"], "f")
    assert command.index("--output=x") < command.index("--output=/o")
    assert command.index("--no-requeue") < command.index("--requeue")
    assert command[-1] == "f"


@pytest.mark.parametrize(
    ("path", "plain"), [("/a b/é'\"$x,:", True), ("/a%j", False), ("/a\\b", False), ("/\n", False)]
)
def test_paths_that_slurm_takes_as_they_are(path: str, plain: bool) -> None:
    assert bool(Slurm.plain.fullmatch(path)) == plain


@pytest.mark.server
def test_controller_that_does_not_answer_is_no_end_of_jobs(
    make_bench: Callable[..., Any],
    batch_environ: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = batch_environ("SLURM")
    monkeypatch.setenv("SQUEUE_PARTITION", "none of ours")
    bench = make_bench("SLURM")
    scheduler = bench.scheduler()
    spec = bench.spec("print('BEGAN', flush=True)\nopen('go').read()\nreturn 5")
    os.mkfifo(bench.folder / "go")
    name = scheduler.submit(spec)
    bench.began(spec)
    bench.until(lambda: scheduler.poll() == [] and not scheduler._held[name.split()[1]].waiting)
    server.stop_controller()
    try:
        scheduler._next_look = 0.0
        assert scheduler.poll() == []
        with pytest.raises(SubmissionDelayedError):
            scheduler.submit(bench.spec("return 1"))
        silent, refused = scheduler.notices()
        assert silent.startswith("SLURM does not answer (")
        assert silent.endswith("; its jobs are taken to go on")
        assert refused.startswith("sbatch refused a job: ")
        scheduler._next_look = 0.0
        assert scheduler.poll() == []
        assert scheduler.notices() == []  # said once
        assert scheduler.alive(name)
        monkeypatch.setattr(batch_scheduler, "CANCEL_S", 0.1)
        scheduler.stop(0.1)
        (left,) = scheduler.notices()
        assert left.startswith("SLURM does not answer, jobs may be left in its queue; ")
        assert left.endswith(f"remove them with: scancel {name.split()[1]}")
    finally:
        server.start_controller()
    scheduler._next_look = 0.0
    bench.until(lambda: scheduler.poll() == [] and scheduler.notices() == ["SLURM answers again"])
    (bench.folder / "go").write_text("")
    scheduler._pause_s = scheduler._next_look = 0.0
    ended = bench.end_of(scheduler, name)
    assert ended.description == f"state COMPLETED ({name})"
    assert bench.job(spec)["values"] == {"main": 5.0}
