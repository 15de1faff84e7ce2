from __future__ import annotations

import pytest

from spearmint.schedulers.batch.command import Answer
from spearmint.schedulers.batch.pbs import ANSWERED, PBS, parsed
from spearmint.schedulers.batch.system import Seen

#: As OpenPBS, Torque and Slurm's qstat write it.
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


def test_what_qstat_prints() -> None:
    assert parsed(TEXT) == {
        "12.server.example.org": Seen(waiting=True),
        "13.server": Seen(ended="exit status 271"),
        "14.server": Seen(ended="exit status -11"),
        "15": Seen(),
        "16": Seen(ended="state C"),
    }
    assert parsed("") == {}


def test_exit_statuses_that_are_answers() -> None:
    assert {0, 153, 35} == ANSWERED


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("12.server.example.org\n", "12.server.example.org"),
        ("a word of welcome\n7\n", "7"),
        ("", None),
        ("qsub: Unknown queue\n", None),
    ],
)
def test_what_qsub_prints(printed: str, number: str | None) -> None:
    assert PBS().submitted(Answer(0, printed)) == number
    assert PBS().submitted(Answer(1, printed)) is None
