"""The settings of a run: kept beside its results, so that they can be explained and resumed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hwsearch import budget
from hwsearch.budget import AtLeast, Bound
from hwsearch.command_line import kinds
from hwsearch.command_line.setting import setting, settings_of, shared, wrong
from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import methods, placement
from hwsearch.experiment.first_points import ENQUEUE
from hwsearch.experiment.limits import Limits
from hwsearch.experiment.metric_kinds import (
    BOUNDS,
    DIRECTIONS,
    FORMER_BOUNDS,
    METRIC,
    SHARES,
    SWEEP,
)
from hwsearch.experiment.objectives import Objective
from hwsearch.experiment.placement import Place
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.metrics import VALIDATION, metric

#: How unpromising trainings are ended or put off; "off" = each is trained to its end.
STOP_RULES = ("off", "freeze-thaw", "extrapolate", "chance")
HARDWARE_MODELS = kinds.one_of(("auto", "off"))
MEASURE = kinds.one_of(("all", "needed"))


@dataclass(slots=True)
class Settings:
    """The settings of one run of one experiment; `--help` describes those that are flags.

    Attributes:
        experiment_name: The name of the run: the database keeps its results under it.
        optimize: The metric that is optimised; of several, the first one.
        maximize: Whether it is to be as high as possible.
        further_objectives: By metric that is optimised too, whether it is to be as high as
            possible.
        constraints: Bounds by metric, in the metric's unit: numbers that it must not exceed, or
            ">= NUMBER" in JSON.
        shares: By metric, the percentage of random networks that meet the bound, if it was set so.
        sweep: Of one metric, the bounds that the run searches one after the other, in the form of
            settings.json; its bound in `constraints` is the present one.
        database: Its address, as in config.json.
        former_constraints: The bounds that the run had before, the first ones first, in the form of
            settings.json.
    """

    experiment_name: str = field(metadata=setting(kinds.WORD))
    optimize: str = field(metadata=setting(METRIC))
    constraints: dict[str, Bound] = field(default_factory=dict, metadata=setting(BOUNDS))
    shares: dict[str, float] = field(default_factory=dict, metadata=setting(SHARES))
    epochs: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT, "N", "training epochs per network", unset="the script's, or 50"
        ),
    )
    validation_split: float | None = field(
        default=None,
        metadata=setting(
            kinds.FRACTION,
            "F",
            "compare networks on this fraction of the training data",
            unset="the script's validation data",
        ),
    )
    last_epoch: bool = field(
        default=False,
        metadata=setting(
            kinds.SWITCH, "", "keep the weights of the last epoch instead of the best one"
        ),
    )
    method: str = field(
        default=methods.AUTO,
        metadata=setting(
            methods.METHOD,
            "NAME",
            "how the next network is chosen: auto, or one of the paper's methods for comparison: "
            f"{', '.join(methods.METHODS[1:])}",
        ),
    )
    unaware: bool = field(
        default=False,
        metadata=setting(
            kinds.SWITCH,
            "",
            "choose networks without regard to the bounds, and train all of them (the paper's "
            "constraint-unaware methods, for comparison)",
        ),
    )
    per_second: bool = field(
        default=False,
        metadata=setting(
            kinds.SWITCH,
            "",
            "choose networks by their expected improvement per second, and start none that would "
            "not end within --max_time",
        ),
    )
    seed: int = field(
        default=0, metadata=setting(kinds.SEED, "N", "random seed for the search and all networks")
    )
    meter: str = shared(ProfileSettings, "meter")
    profile_batch_size: int | None = shared(ProfileSettings, "batch_size")
    profile_repeats: int = shared(ProfileSettings, "repeats")
    profile_time_limit: float | None = shared(ProfileSettings, "time_limit_s")
    profile_target_error: float = shared(ProfileSettings, "target_error")
    database: str = field(default="", metadata=setting(kinds.TEXT))
    max_finished_jobs: int | None = shared(Limits, "max_finished_jobs")
    max_trained: int | None = shared(Limits, "max_trained")
    max_time: float | None = shared(Limits, "max_time")
    job_timeout: float | None = shared(Limits, "job_timeout")
    job_memory: int | None = shared(Limits, "job_memory")
    train_timeout: float | None = shared(Limits, "train_timeout")
    max_concurrent: int = shared(Place, "max_concurrent")
    jobs_per_gpu: int = shared(Place, "jobs_per_gpu")
    scheduler: str = shared(Place, "scheduler")
    scheduler_args: str | None = shared(Place, "scheduler_args")
    resources: dict[str, Any] | None = shared(Place, "resources")  # noqa: RUF009 - a field
    mixed_devices: bool = shared(Place, "mixed_devices")
    hardware_models: str = field(
        default="auto",
        metadata=setting(
            HARDWARE_MODELS,
            "auto|off",
            "predict costs before they are measured, once there are profiles of ten networks: auto "
            "or off",
        ),
    )
    measure: str = field(
        default="all",
        metadata=setting(
            MEASURE,
            "all|needed",
            "all: measure all networks before they are trained; needed: train networks first if "
            "their predicted costs almost certainly meet the bounds, and measure these only if "
            "they could be the best",
        ),
    )
    enqueue: list[dict[str, Any]] | None = field(
        default=None,
        metadata=setting(
            ENQUEUE,
            "FILE",
            "CSV or JSON file with points to try first, with values as the script gets them",
            unset="none",
        ),
    )
    learn_from: str | None = field(
        default=None,
        metadata=setting(
            kinds.WORD,
            "NAME",
            "earlier run of this template whose results inform the search",
            unset="none",
        ),
    )
    repeats: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT,
            "N",
            "at the end, train the best three networks N more times with other seeds, and rank "
            "them by their means",
            unset="no more trainings",
        ),
    )
    stop: str = field(
        default="off",
        metadata=setting(
            kinds.one_of(STOP_RULES),
            "RULE",
            "pause trainings after a part of their epochs and continue the most promising ones "
            "(freeze-thaw), or end trainings that will probably not be the best (extrapolate) or "
            f"are no better than random guessing (chance): one of {', '.join(STOP_RULES)}",
        ),
    )
    chance: float | None = field(
        default=None,
        metadata=setting(
            kinds.NUMBER,
            "V",
            "with --stop chance: the optimised metric of random guessing, such as 90 for the error "
            "with ten classes",
        ),
    )
    paused_size: int | None = field(
        default=None,
        metadata=setting(
            kinds.SIZE,
            "SIZE",
            "with --stop: disk space for paused trainings; when it is full, the oldest ones are "
            "removed and begin again",
            unset="2GiB",
        ),
    )
    keep_models: int | None = field(
        default=None,
        metadata=setting(
            kinds.COUNT,
            "K",
            "also keep the models of the K best networks and of the Pareto front, in models/",
            unset="only the best network's",
        ),
    )
    debug: bool = field(default=False, metadata=setting(kinds.SWITCH, "", "print debugging output"))
    maximize: bool = field(default=False, metadata=setting(kinds.SWITCH))
    sweep: dict[str, list[Any]] = field(default_factory=dict, metadata=setting(SWEEP))
    further_objectives: dict[str, bool] = field(default_factory=dict, metadata=setting(DIRECTIONS))
    former_constraints: list[dict[str, Any]] = field(
        default_factory=list, metadata=setting(FORMER_BOUNDS)
    )

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is optimised; of several objectives, the Pareto front is searched."""
        further = (Objective(*entry) for entry in self.further_objectives.items())
        return (Objective(self.optimize, self.maximize), *further)

    @property
    def has_front(self) -> bool:
        """Whether there are several objectives."""
        return bool(self.further_objectives)

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics that the evaluation of a network must give, the optimised ones first."""
        return (*(one.name for one in self.objectives), *self.constraints)

    def rank(self, values: Mapping[str, float]) -> tuple[float, ...]:
        """The first objective, then the others; less is better. The first is on the Pareto front.

        Args:
            values: By metric, as people read them; an unknown one is the worst.
        """
        found = (one.minimised(values.get(one.name, math.nan)) for one in self.objectives)
        return tuple(math.inf if math.isnan(value) else value for value in found)

    def order(self, values: Mapping[str, float]) -> tuple[float, ...]:
        """As `rank`, but of networks with equal objectives, the one furthest below its bounds."""
        return (*self.rank(values), budget.nearest(values, self.constraints))

    @property
    def schedulers(self) -> set[str]:
        """The schedulers that the run uses, by their names in config.json."""
        return placement.schedulers(self.scheduler, self.resources)

    @property
    def known_before_training(self) -> tuple[str, ...]:
        """Those of `metrics` that are counted or measured before a network is trained."""
        return tuple(name for name in self.metrics if not metric(name).after_training)

    @property
    def needs_training(self) -> bool:
        """Whether a metric is unknown before a network is trained."""
        return len(self.known_before_training) < len(self.metrics)

    @property
    def computed_constraints(self) -> tuple[str, ...]:
        """The bounded metrics that follow from a network's structure: nothing is measured."""
        return tuple(name for name in self.constraints if metric(name).exact)

    @property
    def predictable(self) -> tuple[str, ...]:
        """The bounded metrics that hardware models may predict before they are measured."""
        if self.hardware_models == "off" or self.mixed_devices or self.unaware:
            return ()
        return tuple(name for name in self.constraints if metric(name).needs_device)

    @property
    def reported(self) -> tuple[str, ...]:
        """Those of `metrics` that Keras must report after each epoch."""
        return tuple(name for name in self.metrics if name.startswith(VALIDATION))

    @property
    def monitor(self) -> tuple[str, str]:
        """What the best epoch of a training is best in, and "min" or "max".

        The first objective that says how good the predictions are, else the first constraint that
        does; the loss if there is none.
        """
        for one in self.objectives:
            if metric(one.name).is_quality:
                return one.name, "max" if one.maximised else "min"
        for name, bound in self.constraints.items():
            if metric(name).is_quality:
                return name, "max" if isinstance(bound, AtLeast) else "min"
        return f"{VALIDATION}loss", "min"

    def profile_settings(self) -> ProfileSettings:
        """How to measure, for the profiler."""
        return ProfileSettings(
            batch_size=self.profile_batch_size,
            repeats=self.profile_repeats,
            time_limit_s=self.profile_time_limit,
            target_error=self.profile_target_error,
            meter=self.meter,
        )

    def to_json(self) -> dict[str, Any]:
        """A dictionary for tmp/settings.json."""
        bounds = {name: budget.to_json(bound) for name, bound in self.constraints.items()}
        return asdict(self) | {"constraints": bounds}

    @classmethod
    def from_json(cls, document: Any, where: str = "settings.json") -> Settings:
        """Reads what `to_json` gave.

        Args:
            document: The decoded JSON.
            where: What an error message calls it.

        Raises:
            UserError: Keys are missing, unknown or of the wrong kind; one line per fault.
        """
        if not isinstance(document, Mapping):
            raise UserError(f"{where}: got {type(document).__name__}; expected an object")
        known = settings_of(cls)
        faults = [
            f"{where}: {entry.name}: got {document[entry.name]!r:.60}; expected {entry.expected}"
            f"{did_you_mean(document[entry.name], entry.kind.choices)}"
            for entry in wrong(known, document)
        ]
        faults += [
            f"{where}: got the key {key!r:.60}; the keys are {', '.join(known)}"
            for key in document
            if key not in known
        ]
        faults += [
            f"{where}: {entry.name}: got nothing; expected {entry.expected}"
            for entry in known.values()
            if entry.required and entry.name not in document
        ]
        if faults:
            raise UserError("\n".join(faults))
        settings = cls(**document)
        settings.constraints = {
            name: budget.from_json(entry) for name, entry in settings.constraints.items()
        }
        return settings
