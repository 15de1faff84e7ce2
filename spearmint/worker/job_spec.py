"""What a worker needs to know: which job, where it runs, where its output goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spearmint import lifecycle

if TYPE_CHECKING:
    from spearmint.config import Config


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job, in the form that is sent to the process that runs it.

    Attributes:
        job_id: The job.
        experiment: Name of its experiment.
        folder: DIR, which has the main-file and is the job's current folder.
        output_subdir: The folder in DIR for its output.
        main_file: The file in DIR that defines main, or a dictionary task -> file.
        tasks: Names of the values that main returns.
        address: Address of the database server or file.
        database: Name of the database on it.
        lease_s: Seconds without a heartbeat after which the job is lost.
        timeout_s: Seconds that the job may take; None for no limit.
        memory_bytes: Memory that the job's processes may use; None for no limit.
        output_bytes: Bytes that are kept of what the job prints; None for all.
        gpus: The GPUs of this machine of which the job gets one; () leaves that to it.
        jobs_per_gpu: How many jobs may use one of them at the same time.
        address_key: The file with the key of an encrypted address; "" if it is as it is.
    """

    job_id: int
    experiment: str
    folder: str
    output_subdir: str
    main_file: str | dict[str, str]
    tasks: list[str]
    address: str
    database: str
    lease_s: float
    timeout_s: float | None = None
    memory_bytes: int | None = None
    output_bytes: int | None = None
    gpus: Sequence[str] = ()
    jobs_per_gpu: int = 1
    address_key: str = ""

    @classmethod
    def of(cls, config: Config, job: Mapping[str, Any]) -> JobSpec:
        """The spec of a stored job."""
        resource = lifecycle.resource_of(job, config.resources)
        return cls(
            job_id=job["id"],
            experiment=config.experiment,
            folder=str(config.folder or Path.cwd()),
            output_subdir=resource.output_subdir,
            main_file=config.main_file,
            tasks=config.task_names,
            address=config.address,
            database=config.database,
            lease_s=config.lease_time,
            timeout_s=_time_left(config.job_timeout, job),
            memory_bytes=config.job_memory,
            output_bytes=config.output_limit,
            gpus=resource.gpus,
            jobs_per_gpu=resource.jobs_per_gpu,
        )

    @property
    def output(self) -> Path:
        """The file for what the job prints."""
        return Path(self.folder, self.output_subdir, f"{self.job_id:08d}.out")

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> JobSpec:
        """Reads what `to_json` wrote."""
        found = cls(**json.loads(text))
        return replace(found, gpus=tuple(found.gpus))


def _time_left(limit_s: float | None, job: Mapping[str, Any]) -> float | None:
    """The time limit of the next segment: the limit is for all segments of a job together."""
    earlier_s = lifecycle.earlier_seconds(job)
    return limit_s if limit_s is None or not earlier_s else max(limit_s - earlier_s, 1.0)
