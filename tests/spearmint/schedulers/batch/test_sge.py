from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spearmint.schedulers.batch.command import Answer, Unanswered
from spearmint.schedulers.batch.sge import SGE, STUCK, parsed
from spearmint.schedulers.batch.system import Seen

TEXT = """<?xml version='1.0'?>
<job_info xmlns:xsd="http://example.org/qstat.xsd">
  <queue_info>
    <job_list state="running"><JB_job_number>1</JB_job_number><state>r</state></job_list>
    <job_list state="running"><JB_job_number>2</JB_job_number><state>dr</state></job_list>
  </queue_info>
  <job_info>
    <job_list state="pending"><JB_job_number>3</JB_job_number><state>hqw</state></job_list>
    <job_list state="pending"><JB_job_number>4</JB_job_number><state>Eqw</state></job_list>
  </job_info>
</job_info>
"""


def test_what_qstat_prints() -> None:
    assert parsed(TEXT) == {
        "1": Seen(),
        "2": Seen(),
        "3": Seen(waiting=True),
        "4": Seen(waiting=True, ended=STUCK),
    }
    with pytest.raises(Unanswered, match="no XML"):
        parsed("error: commlib error")


@pytest.mark.parametrize(
    ("out", "err", "number"),
    [
        ("12\n", "", "12"),
        ("", 'warning: no queue\nYour job 12 ("hp1-e") has been submitted\nExiting.\n', "12"),
        ("", "Exiting.\n", None),
    ],
)
def test_what_qsub_prints(out: str, err: str, number: str | None) -> None:
    assert SGE().submitted(Answer(1 if err else 0, out, err)) == number


@pytest.mark.server
def test_job_that_cannot_be_started_does_not_stay(
    make_bench: Callable[..., Any], batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SGE")
    bench = make_bench("SGE")
    scheduler = bench.scheduler(scheduler_args="-wd /no/such/folder")
    spec = bench.spec("return 1")
    ended = bench.end_of(scheduler, scheduler.submit(spec))
    assert ended.description.startswith(STUCK)
    assert "/no/such/folder" in ended.description
    assert bench.job(spec)["attempt"] == 0
    bench.until(lambda: server.queue() == [])


@pytest.mark.server
def test_job_that_is_taken_with_a_warning_is_in_the_queue(
    make_bench: Callable[..., Any], batch_environ: Callable[[str], Any]
) -> None:
    server = batch_environ("SGE")
    bench = make_bench("SGE")
    scheduler = bench.scheduler()
    server.close_queue(True)
    try:
        name = scheduler.submit(bench.spec("return 1"))
        (notice,) = scheduler.notices()
        assert "job is not allowed to run in any queue" in notice
        assert server.queue() == [name.split()[1]]
        assert scheduler.poll() == []
        assert scheduler.alive(name)
    finally:
        server.clear()
        server.close_queue(False)
