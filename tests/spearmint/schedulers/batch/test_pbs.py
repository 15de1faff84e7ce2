from __future__ import annotations

import pytest

from spearmint.schedulers.batch.command import Answer
from spearmint.schedulers.batch.pbs import ANSWERED, PBS, parsed
from spearmint.schedulers.batch.system import QueueEntry

#: In the forms of OpenPBS, of Torque and of Slurm's qstat.
TEXT = """Job Id: 12.server.example.org
    Job_Name = hp1-e
    job_state = Q
    Variable_List = PBS_O_HOME=/home/u,PBS_O_WORKDIR=/x,
\tPBS_O_LANG=job_state = R

Job Id: 13.server
    job_state = F
    Exit_status = 271

Job Id: 14.server
    job_state = C
    exit_status = -11

Job Id:\t15
\tjob_state = R

Job Id: 16
\tjob_state = C
"""


def test_output_of_qstat() -> None:
    assert parsed(TEXT) == {
        "12.server.example.org": QueueEntry(waiting=True),
        "13.server": QueueEntry(ended="exit status 271"),
        "14.server": QueueEntry(ended="exit status -11"),
        "15": QueueEntry(),
        "16": QueueEntry(ended="state C"),
    }
    assert parsed("") == {}


def test_exit_statuses_that_are_answers() -> None:
    assert {0, 153, 35} == ANSWERED


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("12.server.example.org\n", "12.server.example.org"),
        ("a welcome message\n7\n", "7"),
        ("7\nqsub: all is well\n", "7"),
        ("2 nodes are down\n", None),
        ("12[].server\n", "12[].server"),
        ("", None),
        ("qsub: Unknown queue\n", None),
    ],
)
def test_output_of_qsub(printed: str, number: str | None) -> None:
    assert PBS().submitted_number(Answer(0, printed)) == number
    assert PBS().submitted_number(Answer(1, printed)) is None
