"""What a run was asked for: kept beside its results, so that it can be explained and resumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from hwsearch.errors import UserError
from hwsearch.metrics import METRICS

if TYPE_CHECKING:
    from hwsearch.measuring.profiler import ProfileSettings


@dataclass(slots=True)
class Settings:
    """The settings of one run of one experiment.

    Attributes:
        experiment_name: Under which the database keeps its results.
        optimize: The metric to make small.
        constraints: Bounds by metric, in the metric's unit; the metric must be below.
        shares: By metric, the percentage of random networks that the bound was set to let pass.
        epochs: Of training a network.
        seed: Of the optimiser and of every network.
        meter: A meter's name, or "auto".
        profile_batch_size: Images a run while measuring; None = the script's own.
        profile_repeats: Groups of steady load, at least.
        profile_time_limit: Seconds for measuring a network; None = as needed.
        profile_target_error: Standard error to reach, as a share of the mean.
        database: Its address, as in config.json.
        max_finished_jobs: Networks to evaluate; None = no end.
        max_time: Seconds after which the run ends; None = no end.
        max_concurrent: Networks evaluated at once.
        debug: Say more.
    """

    experiment_name: str
    optimize: str
    constraints: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    epochs: int = 50
    seed: int = 0
    meter: str = "auto"
    profile_batch_size: int | None = None
    profile_repeats: int = 8
    profile_time_limit: float | None = None
    profile_target_error: float = 0.02
    database: str = ""
    max_finished_jobs: int | None = None
    max_time: float | None = None
    max_concurrent: int = 1
    debug: bool = False

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics that a network's evaluation must give, the optimised one first."""
        return (self.optimize, *self.constraints)

    def profile_settings(self) -> ProfileSettings:
        """How to measure, for the profiler."""
        from hwsearch.measuring.profiler import ProfileSettings  # noqa: PLC0415 - loads NumPy

        return ProfileSettings(
            batch_size=self.profile_batch_size,
            repeats=self.profile_repeats,
            time_limit_s=self.profile_time_limit,
            target_error=self.profile_target_error,
            meter=self.meter,
        )

    def to_json(self) -> dict[str, Any]:
        """A dictionary for tmp/settings.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Any, where: str = "settings.json") -> Settings:
        """Reads what `to_json` gave.

        Args:
            document: The decoded JSON.
            where: What an error message calls it.

        Raises:
            UserError: Keys are missing, unknown or of the wrong kind; all faults, one a line.
        """
        if not isinstance(document, Mapping):
            raise UserError(f"{where}: got {type(document).__name__}; expected an object")
        faults = [
            f"{where}: {key}: got {document[key]!r:.60}; expected {expected}"
            for key, (check, expected) in _CHECKS.items()
            if key in document and not check(document[key])
        ]
        known = [entry.name for entry in fields(cls)]
        unknown = [key for key in document if key not in known]
        missing = [key for key in ("experiment_name", "optimize") if key not in document]
        faults += [f"{where}: got the key {key!r:.60}; the keys are {', '.join(known)}" for key in unknown]  # fmt: skip  # noqa: E501
        faults += [f"{where}: {key}: got nothing; expected {_CHECKS[key][1]}" for key in missing]
        if faults:
            raise UserError("\n".join(faults))
        return cls(**document)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e308
        and math.isfinite(value)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**32


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _by_metric(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, Mapping)
        and all(name in METRICS for name in value)
        and all(check(number) for number in value.values())
    )


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "experiment_name": (_is_word, "a name"),
    "optimize": (lambda value: isinstance(value, str) and value in METRICS, ", ".join(METRICS)),
    "constraints": (_by_metric(_is_positive), "bounds above 0 by metric"),
    "shares": (_by_metric(lambda value: _is_number(value) and 0 < value < 100), "0-100 by metric"),
    "epochs": (_is_count, "a whole number above 0"),
    "seed": (_is_seed, "a whole number in 0..2**32-1"),
    "meter": (_is_word, "a meter's name"),
    "profile_batch_size": (_or_none(_is_count), "a whole number above 0, or null"),
    "profile_repeats": (_is_count, "a whole number above 0"),
    "profile_time_limit": (_or_none(_is_positive), "seconds above 0, or null"),
    "profile_target_error": (lambda value: _is_number(value) and 0 < value < 1, "between 0 and 1"),
    "database": (lambda value: isinstance(value, str), "an address"),
    "max_finished_jobs": (_or_none(_is_count), "a whole number above 0, or null"),
    "max_time": (_or_none(_is_positive), "seconds above 0, or null"),
    "max_concurrent": (_is_count, "a whole number above 0"),
    "debug": (lambda value: isinstance(value, bool), "true or false"),
}
