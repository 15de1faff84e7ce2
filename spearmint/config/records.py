"""The content of a valid config.json, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

from spearmint.errors import UserError

Option = str | int | float | bool | None | list[Any] | dict[str, Any]
#: For one variable, the values of another one at which it matters.
Condition = tuple[str, tuple[Option, ...]]

#: Bytes that are kept of what a job prints, unless config.json says something else.
OUTPUT_LIMIT = 10 * 2**20
#: Likelihoods whose values are outcomes, 1 (yes) or 0 (no).
OUTCOMES = ("BINOMIAL", "STEP")
#: What ends trainings early, or pauses them.
STOPPING_RULES = ("freeze-thaw", "extrapolate", "chance")


class ConfigError(UserError):
    """Faults of a config.json.

    Its text has one line per warning, then one line per fault: an unknown key is often the
    misspelt name of a key that is missing.

    Attributes:
        faults: One line per fault.
        warnings: One line per key that is ignored.
    """

    def __init__(self, faults: list[str], warnings: list[str] | None = None) -> None:
        self.faults = faults
        self.warnings = warnings or []
        super().__init__("\n".join([*(f"warning: {line}" for line in self.warnings), *faults]))


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the search: a vector of `size` values of one kind.

    Attributes:
        name: Key in a job's `params`.
        kind: FLOAT, INT or ENUM.
        size: Number of values.
        low, high: Inclusive bounds, low < high: floats of a FLOAT, ints of an INT; 0 of an ENUM.
        options: Values of an ENUM, each once.
        step: Distance of neighbouring values, counted from `low`; None: 1 of an INT, and none of a
            FLOAT.
        log: Whether values are sampled and modelled by their logarithm; then 0 < low.
        default: Its `size` present values; None if they are unknown.
        when: It matters only where each of these variables matters and has one of these values.
    """

    name: str
    kind: str
    size: int = 1
    low: float | int = 0
    high: float | int = 0
    options: tuple[Option, ...] = ()
    step: float | int | None = None
    log: bool = False
    default: tuple[Option, ...] | None = None
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One number that the objective returns.

    Attributes:
        name: Key in a job's `values`.
        objective: True for the value to be minimised, False for a constraint.
        likelihood: GAUSSIAN (noisy), NOISELESS, or one of `OUTCOMES` (constraints only).
        min_confidence: Probability of meeting this constraint that a recommended point must reach.
        negated: Whether the value is the negative of what people want to read, since more of it is
            better; only printing knows it.
    """

    name: str
    objective: bool
    likelihood: str = "GAUSSIAN"
    min_confidence: float = 0.99
    negated: bool = False

    def met(self, value: float) -> bool:
        """Whether a value meets this constraint; the only place that knows the sign.

        A constraint is met when its value is >= 0. Outcomes (BINOMIAL, STEP) are 1 for met and
        0 for not. NaN does not meet anything; every number but NaN meets an objective.
        """
        if isnan(value):
            return False
        if self.objective:
            return True
        return value > 0 if self.likelihood in OUTCOMES else value >= 0


@dataclass(frozen=True, slots=True)
class Stopping:
    """How trainings are paused and ended early.

    Attributes:
        rule: One of `STOPPING_RULES`.
        segments: How many parts a training has; each but the first is as long as all before it.
        chance: The objective of a guess, which the rule `chance` compares with; None otherwise.
    """

    rule: str
    segments: int = 8
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """The part of a config.json that a chooser needs.

    Attributes:
        variables: The search space, in the order of config.json; at least one.
        tasks: The objective first, then the constraints in the order of config.json.
        chooser: Name of a module of `spearmint.choosers`; None for the default.
        chooser_args: The arguments of the chooser, which checks them.
        grid_size: Points of the candidate design; None leaves it to the chooser.
        grid_seed: Seed of the initial design; None for `seed`.
        seed: Seed of the suggestions.
        first_points: Points to evaluate before all others: by name the `size` values of variables;
            the others have their defaults.
        stopping: How trainings are paused and ended early; None if they are not.
        source: Name of the file in messages.
    """

    variables: tuple[Variable, ...]
    tasks: tuple[Task, ...]
    chooser: str | None = None
    chooser_args: Mapping[str, Any] = field(default_factory=dict)
    grid_size: int | None = None
    grid_seed: int | None = None
    seed: int = 0
    first_points: tuple[Mapping[str, tuple[Option, ...]], ...] = ()
    stopping: Stopping | None = None
    source: str = field(default="config", compare=False)


@dataclass(frozen=True, slots=True)
class Resource:
    """A place where jobs run.

    Attributes:
        name: Key in config.json's `resources`; `Main` if that is absent.
        scheduler: One of `resources.SCHEDULERS`.
        max_concurrent: Number of jobs at a time.
        max_finished_jobs: Number of jobs after which it receives no more; None for no limit.
        scheduler_args: For the command that submits a job to a batch system.
        environment_file: A file that a shell sources before a job.
        output_subdir: The folder in DIR for what jobs print.
        gpus: The GPUs of this machine that its jobs use, one each; () leaves them alone.
        jobs_per_gpu: Number of jobs that share one of them.
    """

    name: str
    scheduler: str = "local"
    max_concurrent: int = 1
    max_finished_jobs: int | None = None
    scheduler_args: tuple[str, ...] = ()
    environment_file: Path | None = None
    output_subdir: str = "output"
    gpus: tuple[str, ...] = ()
    jobs_per_gpu: int = 1

    @property
    def slots(self) -> int:
        """The number of jobs that it runs at a time: each needs its share of a GPU."""
        if not self.gpus:
            return self.max_concurrent
        return min(self.max_concurrent, len(self.gpus) * self.jobs_per_gpu)


@dataclass(frozen=True, slots=True)
class CandidateCheck:
    """A function that computes constraints of a point before it becomes a job.

    Attributes:
        file: A file in DIR.
        function: Its function, which takes params and returns values of constraints.
        version: What the values depend on besides the point, such as bounds: points that were
            discarded under another version no longer count.
        limit_s: Seconds that one call may take.
        candidates: With predictions, the job is the best of so many candidates.
        first_job: Jobs before this one are not checked.
        tells_main: Whether main is told what is expected of predicted constraints, which it may
            then leave open.
        checks_ahead: Whether candidates of the next job are checked while jobs run which allow it.
        preload: Modules that the process of the check imports besides those of `Config`.
    """

    file: str
    function: str
    version: str = ""
    limit_s: float = 60.0
    candidates: int = 12
    first_job: int = 1
    tells_main: bool = False
    checks_ahead: bool = False
    preload: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """A config.json.

    Attributes:
        folder: DIR, absolute; None when there is no folder.
        problem: What the chooser needs to know.
        experiment: Name of the experiment.
        main_file: The file in DIR that defines main; one for each task if they differ.
        resources: Those that may run every task: a job evaluates all of them.
        address: Address of the database; an SQLite path is absolute.
        database: Name of the database on a MongoDB server.
        polling_time: Seconds between two looks at the database.
        preload: Modules that workers import before their first job.
        max_time: Seconds after which no job is started; None for no limit.
        max_finished_jobs: Limit of all resources together; None for no limit.
        max_full_jobs: Limit of the jobs that are evaluated in full; None for no limit.
        lease_time: Seconds without a heartbeat after which a worker is assumed to be dead.
        job_timeout: Seconds that a job may take; None for no limit.
        job_memory: Bytes of memory that a job may use; None for no limit.
        output_limit: Bytes that are kept of what a job prints.
        earlier_results: A file with results of other experiments, which inform the models.
        candidate_check: Computes constraints of points before they become jobs; None without one.
        warnings: One line per key that is ignored.
        source: What messages call the file.
    """

    folder: Path | None
    problem: Problem
    experiment: str
    main_file: str | dict[str, str]
    resources: tuple[Resource, ...]
    address: str
    database: str = "spearmint"
    polling_time: float = 5.0
    preload: tuple[str, ...] = ()
    max_time: float | None = None
    max_finished_jobs: int | None = None
    max_full_jobs: int | None = None
    lease_time: float = 60.0
    job_timeout: float | None = None
    job_memory: int | None = None
    output_limit: int = OUTPUT_LIMIT
    earlier_results: Path | None = None
    candidate_check: CandidateCheck | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False)
    source: str = field(default="config.json", compare=False)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks, the objective first."""
        return self.problem.tasks

    @property
    def task_names(self) -> list[str]:
        """Names of the tasks, the objective first."""
        return [task.name for task in self.problem.tasks]

    @property
    def seed(self) -> int:
        """Seed of the suggestions."""
        return self.problem.seed
