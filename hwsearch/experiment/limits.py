"""Limits of a run and of each of its jobs: the settings that say when something ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwsearch.command_line import kinds
from hwsearch.command_line.setting import setting


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run stops, and when a job of it is ended; `--help` describes these settings."""

    max_finished_jobs: int | None = field(
        default=None, metadata=setting(kinds.COUNT, "N", "stop after N networks", unset="unlimited")
    )
    max_trained: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT,
            "N",
            "stop after N trained networks; networks rejected before training do not count",
            unset="unlimited",
        ),
    )
    max_time: float | None = field(
        default=None,
        metadata=setting(
            kinds.SECONDS,
            "T",
            "start no network after this time: seconds, or 90s, 90m, 2h, 1d",
            unset="unlimited",
        ),
    )
    job_timeout: float | None = field(
        default=None,
        metadata=setting(
            kinds.SECONDS,
            "T",
            "end a network that takes longer, and count it as failed: seconds, or 90s, 90m, 2h, 1d",
            unset="unlimited",
        ),
    )
    train_timeout: float | None = field(
        default=None,
        metadata=setting(
            kinds.SECONDS,
            "T",
            "end a training after this time, and use its best epoch so far: seconds, or 90s, 90m, "
            "2h, 1d",
            unset="unlimited",
        ),
    )
    job_memory: int | None = field(
        default=None,
        metadata=setting(
            kinds.SIZE,
            "SIZE",
            "end a network whose processes use more memory than this, such as 8GiB, and count it "
            "as failed; GPU memory does not count",
            unset="unlimited",
        ),
    )
