"""The models of all metrics on one platform, with the profiles that they were made of."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsearch.measurements.reading import mapping, number, whole, without_nan
from hwsearch.predicting import LEAST
from hwsearch.predicting.arrays import known_errors
from hwsearch.predicting.features import Structure, features_for, names_for
from hwsearch.predicting.linear import Array, ConstantModel
from hwsearch.predicting.predictor import Predictor
from hwsearch.predicting.records import (
    NetworkRecord,
    Platform,
    Samples,
    repeatability,
    samples_of,
)
from hwsearch.predicting.selection import rmspe
from hwsearch.predicting.transfer import Others

#: Metrics that depend on the power meter.
NEEDS_METER = ("power", "energy")
#: The version of the file's format.
FORMAT = 7


@dataclass(frozen=True, slots=True)
class Prediction:
    """One predicted cost of one network, in the metric's unit.

    Attributes:
        value: The prediction.
        low, high: The interval that holds the cost of 90 % of networks.
        parts: Name, share of the predicted cost and cost per unit of each feature, the largest
            first; () if the model has no prices.
    """

    value: float
    low: float
    high: float
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class MetricModel:
    """The model of one metric and its data.

    Attributes:
        predictor: Fitted and validated.
        own: The networks of the fit.
        others: Networks of other templates on the same platform.
        repeatability: Standard deviation of profiles of one network, in %; NaN if it is unknown.
        meter: The power meter; "" for other metrics.
        typical: RMSPE in % that is expected for typical networks of the template; NaN if there are
            no candidates, which show what these are like.
        typical_of_constant: The same of predicting one cost for all networks.
    """

    predictor: Predictor
    own: Samples
    others: Samples
    repeatability: float = math.nan
    meter: str = ""
    typical: float = math.nan
    typical_of_constant: float = math.nan


@dataclass(frozen=True, slots=True)
class HardwareModel:
    """Models by metric.

    Attributes:
        platform: Where the networks ran.
        metrics: By name.
        profiles: Number of profiles that were there when it was made.
        date: Seconds since the epoch.
        others: Number of profiles of each other template that were there.
        candidates: Number of typical networks of the template that were there.
    """

    platform: Platform
    metrics: Mapping[str, MetricModel]
    profiles: int
    date: float
    others: Mapping[str, int]
    candidates: int = 0

    @classmethod
    def fit(
        cls,
        records: Sequence[NetworkRecord],
        others: Mapping[str, Sequence[NetworkRecord]] | None = None,
        candidates: Sequence[Structure] = (),
    ) -> HardwareModel | None:
        """Makes models of all metrics of which three networks are known.

        Args:
            records: Of one platform.
            others: Of networks of other templates on that platform, by the templates' names.
            candidates: Typical networks of the template, measured or not: they are only used to
                estimate the error for such networks.

        Returns:
            None if there is no such metric.
        """
        foreign = [one for group in (others or {}).values() for one in group]
        models = {
            name: model
            for name in sorted({name for one in (*records, *foreign) for name in one.quantities})
            if (model := _model_of(name, records, foreign, candidates)) is not None
        }
        if not models:
            return None
        counted = {name: len(group) for name, group in (others or {}).items()}
        platform = (*records, *foreign)[0].platform
        return cls(platform, models, len(records), time.time(), counted, len(candidates))

    def predict(self, metric: str, structure: Structure) -> Prediction:
        """Predicts one cost of one network.

        Raises:
            KeyError: There is no model of that metric.
        """
        predictor = self.metrics[metric].predictor
        features = features_for(metric, [structure])
        low, high = predictor.interval(features)
        shares, prices = predictor.shares(features[0]), predictor.prices
        parts = []
        if shares is not None and prices is not None:
            named = zip(names_for(metric), shares, prices, strict=True)
            parts = [(name, float(share), float(price)) for name, share, price in named if share]
        parts.sort(key=lambda part: -part[1])
        value = float(predictor.predict(features)[0][0])
        return Prediction(value, float(low[0]), float(high[0]), tuple(parts))

    def to_json(self) -> dict[str, Any]:
        """A dictionary for a file, data included."""
        metrics = {
            name: model.predictor.to_json()
            | {
                "repeatability": model.repeatability,
                "meter": model.meter,
                "typical": model.typical,
                "typical_of_constant": model.typical_of_constant,
                "batches": sorted({int(one.batch) for one in model.own.structures}),
                "networks": model.own.to_json(),
                "others": model.others.to_json(),
            }
            for name, model in self.metrics.items()
        }
        document: dict[str, Any] = without_nan(
            {
                "format": FORMAT,
                "platform": self.platform.to_json(),
                "date": self.date,
                "profiles": self.profiles,
                "others": dict(self.others),
                "candidates": self.candidates,
                "metrics": metrics,
            }
        )
        return document

    @classmethod
    def from_json(cls, document: Any) -> HardwareModel | None:
        """Reads what `to_json` wrote; None for anything else: a model can be made again."""
        entry = mapping(document)
        if entry.get("format") != FORMAT:
            return None
        models = {}
        try:
            for name, part in mapping(entry.get("metrics")).items():
                own, others = (Samples.from_json(part[key]) for key in ("networks", "others"))
                predictor = Predictor.from_json(part, *_arrays(name, own), _prior(name, others))
                repeated, meter = number(part["repeatability"]), str(part["meter"])
                typical = (number(part[key]) for key in ("typical", "typical_of_constant"))
                models[name] = MetricModel(predictor, own, others, repeated, meter, *typical)
            counted = {str(name): int(count) for name, count in entry["others"].items()}
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        platform = Platform.from_json(entry.get("platform"))
        profiles, candidates = (whole(entry.get(key)) or 0 for key in ("profiles", "candidates"))
        return cls(platform, models, profiles, number(entry.get("date")), counted, candidates)


def _model_of(
    name: str,
    records: Sequence[NetworkRecord],
    foreign: Sequence[NetworkRecord],
    candidates: Sequence[Structure],
) -> MetricModel | None:
    """The model of one metric; None if there are too few networks."""
    usable, meter = _of_one_meter(records, name)
    known = {one.signature for one in usable}
    elsewhere, other_meter = _of_one_meter(foreign, name)
    if name in NEEDS_METER and usable and meter != other_meter:
        elsewhere = ()
    own = samples_of(usable, name)
    others = samples_of((one for one in elsewhere if one.signature not in known), name)
    prior = _prior(name, others)
    if prior is None and len(own.costs) < LEAST:
        return None
    predictor = Predictor.fit(*_arrays(name, own), prior)
    repeated = repeatability(usable, name)
    typical = _typical_errors(predictor, own, features_for(name, candidates))
    return MetricModel(predictor, own, others, repeated, meter or other_meter, *typical)


def _typical_errors(predictor: Predictor, own: Samples, features: Array) -> tuple[float, float]:
    """The RMSPE in % that is expected for networks that are not measured.

    Args:
        predictor: The model.
        own: The networks of its fit.
        features: Of the networks that are not measured, shape (m, F).

    Returns:
        That of the model and that of a constant; NaN if m is 0 or there are fewer than three
        networks in the fit.
    """
    if not len(features) or len(own.costs) < LEAST:
        return math.nan, math.nan
    error = predictor.expected_error(features)
    constant = ConstantModel.fit(features, np.array(own.costs)).predict(features)
    # The costs differ from the predicted ones by the model's error.
    return error, math.hypot(rmspe(constant, predictor.predict(features)[0]), error)


def _arrays(name: str, samples: Samples) -> tuple[Array, Array, Array]:
    """Features, costs and relative standard errors of the costs."""
    features = features_for(name, samples.structures)
    return features, np.array(samples.costs, float), np.array(samples.errors, float)


def _prior(name: str, samples: Samples) -> Others | None:
    """Networks of other templates, if there are enough."""
    if len(samples.costs) < LEAST:
        return None
    features, costs, errors = _arrays(name, samples)
    return Others(features, costs, known_errors(errors)[0])


def _of_one_meter(
    records: Sequence[NetworkRecord], metric: str
) -> tuple[Sequence[NetworkRecord], str]:
    """The records whose power was read by the meter of the latest one; all for other metrics."""
    known = [one for one in records if metric in one.quantities]
    if metric not in NEEDS_METER or not known:
        return known, ""
    latest = max(known, key=lambda one: one.date).meter
    return [one for one in known if one.meter == latest], latest
