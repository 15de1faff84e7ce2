"""What a worker is told: which job, where it lies, where its output goes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One job to run, as it travels to the process that runs it.

    Attributes:
        job_id: The job.
        experiment: Its experiment's name.
        folder: DIR, where it runs and its main-file is.
        output_subdir: The folder in DIR for its output.
        main_file: The file in DIR that defines main; that of each task where they differ.
        tasks: Names of what main returns.
        address: Of the database.
        database: Its name there.
        lease_s: How long the worker may give no sign of life, in seconds.
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

    @property
    def output(self) -> Path:
        """The file of what the job prints."""
        return Path(self.folder, self.output_subdir, f"{self.job_id:08d}.out")

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> JobSpec:
        """What `to_json` wrote."""
        return cls(**json.loads(text))
