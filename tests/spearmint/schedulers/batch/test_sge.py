from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spearmint.schedulers.batch.command import Answer, NoAnswerError
from spearmint.schedulers.batch.sge import SGE, STUCK, parsed
from spearmint.schedulers.batch.system import QueueEntry

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


def test_output_of_qstat() -> None:
    assert parsed(TEXT) == {
        "1": QueueEntry(),
        "2": QueueEntry(),
        "3": QueueEntry(waiting=True),
        "4": QueueEntry(waiting=True, ended=STUCK),
    }
    with pytest.raises(NoAnswerError, match="not XML"):
        parsed("error: commlib error")


@pytest.mark.parametrize(
    ("out", "err", "number"),
    [
        ("12\n", "", "12"),
        ("", 'warning: no queue\nYour job 12 ("hp1-e") has been submitted\nExiting.\n', "12"),
        ("", "Exiting.\n", None),
        ("2 nodes are down\n12\n", "", "12"),
        ("12\nbye\n", "", "12"),
        ("2 nodes are down\n", "", None),
    ],
)
def test_output_of_qsub(out: str, err: str, number: str | None) -> None:
    assert SGE().submitted_number(Answer(1 if err else 0, out, err)) == number


@pytest.mark.server
def test_job_that_cannot_be_started_is_removed(batch_harness: Callable[[str], Any]) -> None:
    harness, server = batch_harness("SGE")
    scheduler = harness.scheduler(scheduler_args=("-wd", "/no/such/folder"))
    spec = harness.spec("return 1")
    ended = harness.end_of(scheduler, scheduler.submit(spec))
    assert ended.description.startswith(STUCK)
    assert "/no/such/folder" in ended.description
    assert harness.job(spec)["attempt"] == 0
    harness.wait_for(lambda: server.queue() == [], "the queue is empty")


@pytest.mark.server
def test_job_that_is_accepted_with_a_warning_is_in_the_queue(
    batch_harness: Callable[[str], Any],
) -> None:
    harness, server = batch_harness("SGE")
    scheduler = harness.scheduler()
    server.close_queue(True)
    try:
        proc_id = scheduler.submit(harness.spec("return 1"))
        (notice,) = scheduler.notices()
        assert "job is not allowed to run in any queue" in notice
        assert server.queue() == [proc_id.split()[1]]
        assert not harness.has_ended(scheduler, proc_id)
    finally:
        server.clear()
        server.close_queue(False)
