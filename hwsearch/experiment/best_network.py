"""The best network of a run, as tmp/best.json records it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from hwsearch import budget
from hwsearch.budget import Bound
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Quantity
from hwsearch.measurements.reading import by_name, items, mapping, number, text, whole, without_nan


@dataclass(frozen=True, slots=True)
class BestNetwork:
    """The best network under the budget so far.

    Attributes:
        run: The run's name, under which the database keeps its results.
        job: Id of the job.
        optimize: The metric that is optimised; of several, the first one.
        objective: Its value.
        values: The job's values by task, as the optimiser gets them.
        test_error: In %; the search does not use it.
        model: The saved model, relative to the experiment; None if it could not be saved.
        weights: Its weights, likewise.
        loading: What it takes to load them, as `hwsearch.network.loading.Loading` says; "" if
            nothing was saved, or by an older version.
        former_job: The job whose model is still in best_model.keras, since neither model nor
            weights of this job could be saved; None if there is none.
        script: The rendered script, relative to the experiment.
        hyperparameters: What the script got, by token.
        seed: Seed of the network's weights and its training.
        metrics: By name.
        folds: Of a cross-validation, how many; the model is that of the best one. 0 without.
        change: How often the best network of the run had changed when this one became it.
        objects: The text of a module with the script's own classes and functions, which loading
            needs; "" if it does not.
        versions: Of Python, Keras, its backend and NumPy, as `keras_runtime.versions` gives them.
        requirements: Lines for requirements.txt.
        former_loading, former_objects: `loading` and `objects` of the former job's model.
        previous: The best network before this one, without its files: it is the best one again if
            this job is lost before its result is stored.
    """

    run: str
    job: int
    optimize: str
    objective: float
    values: Mapping[str, float] = field(default_factory=dict)
    test_error: float = math.nan
    model: str | None = None
    weights: str | None = None
    loading: str = ""
    former_job: int | None = None
    script: str = ""
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    metrics: Mapping[str, Quantity] = field(default_factory=dict)
    folds: int = 0
    change: int = 0
    objects: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    former_loading: str = ""
    former_objects: str = ""
    previous: BestNetwork | None = None

    @classmethod
    def of(
        cls,
        measurements: Measurements,
        *,
        run: str,
        job: int,
        optimize: str,
        objective: float,
        values: Mapping[str, float],
    ) -> BestNetwork:
        """What is known of a job's network but its test error and its files; see the attributes."""
        return cls(
            run=run,
            job=job,
            optimize=optimize,
            objective=objective,
            values=values,
            script=measurements.script,
            hyperparameters=measurements.hyperparameters,
            seed=measurements.seed,
            metrics=measurements.metrics,
            folds=len(measurements.folds),
            versions=measurements.versions,
        )

    def misses(self, bounds: Mapping[str, Bound]) -> bool:
        """Whether the network misses a bound, or a bounded metric is unknown."""
        known = {name: quantity.value for name, quantity in self.metrics.items()}
        margins = {name: budget.margin(one, known.get(name)) for name, one in bounds.items()}
        return not budget.all_met(margins, bounds)

    def rank(self, settings: Settings) -> tuple[float, ...]:
        """What orders the networks of a run; see `Settings.rank`."""
        return settings.rank(self._ordering_values)

    def order(self, settings: Settings) -> tuple[float, ...]:
        """What orders the networks of a run, the best one first; see `Settings.order`."""
        return (*settings.order(self._ordering_values), self.job)

    @property
    def _ordering_values(self) -> dict[str, float]:
        """The costs and the objective by metric, as `Settings.rank` takes them."""
        known = {name: quantity.value for name, quantity in self.metrics.items()}
        return known | {self.optimize: self.objective}

    def without_files(self) -> BestNetwork:
        """What is known of the network, but its model and those of others."""
        return replace(
            self,
            model=None,
            weights=None,
            loading="",
            objects="",
            former_job=None,
            former_loading="",
            former_objects="",
            previous=None,
        )

    def to_json(self) -> dict[str, Any]:
        """The document for best.json, which calls the run `experiment`, as the database does."""
        document: dict[str, Any] = without_nan(asdict(self))
        del document["previous"]
        before = {} if self.previous is None else {"previous": self.previous.to_json()}
        return {"experiment": document.pop("run"), **document, **before}

    @classmethod
    def from_json(cls, document: Any) -> BestNetwork | None:
        """Reads what `to_json` wrote; None if the run, the job or the objective is missing."""
        entry = mapping(document)
        run, job = entry.get("experiment"), whole(entry.get("job"))
        objective = number(entry.get("objective"))
        if not isinstance(run, str) or job is None or math.isnan(objective):
            return None
        return cls(
            run=run,
            job=job,
            optimize=text(entry.get("optimize")),
            objective=objective,
            values=by_name(entry.get("values"), number),
            test_error=number(entry.get("test_error")),
            model=text(entry.get("model")) or None,
            weights=text(entry.get("weights")) or None,
            loading=text(entry.get("loading")),
            former_job=whole(entry.get("former_job")),
            script=text(entry.get("script")),
            hyperparameters=mapping(entry.get("hyperparameters")),
            seed=whole(entry.get("seed")),
            metrics=by_name(entry.get("metrics"), Quantity.from_json),
            folds=whole(entry.get("folds")) or 0,
            change=whole(entry.get("change")) or 0,
            objects=text(entry.get("objects")),
            versions=by_name(entry.get("versions"), _string),
            requirements=items(entry.get("requirements"), _string),
            former_loading=text(entry.get("former_loading")),
            former_objects=text(entry.get("former_objects")),
            previous=cls._from_previous(entry.get("previous")),
        )

    @classmethod
    def _from_previous(cls, document: Any) -> BestNetwork | None:
        """The network before; what stands in it of another one is not read."""
        before = {key: value for key, value in mapping(document).items() if key != "previous"}
        return cls.from_json(before)


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
