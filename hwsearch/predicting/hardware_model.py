"""The models of all metrics on one platform, with the profiles that they were made of."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsearch.measurements.reading import items, mapping, number, whole, without_nan
from hwsearch.predicting.features import Structure, features_for, names_for
from hwsearch.predicting.linear import Array
from hwsearch.predicting.predictor import LEAST, Predictor
from hwsearch.predicting.records import NetworkRecord, Platform, repeatability, samples_of

#: The version of the file's format.
FORMAT = 2


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
        structures: Of the networks of the fit.
        costs: Their costs, shape (n,).
        errors: Relative standard errors of the costs, shape (n,); NaN where they are unknown.
        repeatability: Standard deviation of profiles of one network, in %; NaN if it is unknown.
        meter: The power meter; "" for other metrics.
    """

    predictor: Predictor
    structures: tuple[Structure, ...]
    costs: Array
    errors: Array
    repeatability: float = math.nan
    meter: str = ""


@dataclass(frozen=True, slots=True)
class HardwareModel:
    """Models by metric.

    Attributes:
        platform: Where the networks ran.
        metrics: By name.
        profiles: Number of profiles that were there when it was made.
        date: Seconds since the epoch.
    """

    platform: Platform
    metrics: Mapping[str, MetricModel]
    profiles: int
    date: float

    @classmethod
    def fit(cls, records: Sequence[NetworkRecord]) -> HardwareModel | None:
        """Makes models of all metrics of which three networks are known.

        Args:
            records: Of one platform.

        Returns:
            None if there is no such metric.
        """
        models: dict[str, MetricModel] = {}
        for name in sorted({name for one in records for name in one.quantities}):
            usable, meter = _of_one_meter(records, name)
            samples = samples_of(usable, name)
            if len(samples.costs) < LEAST:
                continue
            costs, errors = np.array(samples.costs), np.array(samples.errors)
            predictor = Predictor.fit(features_for(name, samples.structures), costs, errors)
            models[name] = MetricModel(
                predictor, samples.structures, costs, errors, repeatability(usable, name), meter
            )
        if not models:
            return None
        return cls(records[0].platform, models, len(records), time.time())

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
                "batches": sorted({int(one.batch) for one in model.structures}),
                "structures": [one.to_json() for one in model.structures],
                "costs": [float(cost) for cost in model.costs],
                "errors": [float(error) for error in model.errors],
            }
            for name, model in self.metrics.items()
        }
        document: dict[str, Any] = without_nan(
            {
                "format": FORMAT,
                "platform": self.platform.to_json(),
                "date": self.date,
                "profiles": self.profiles,
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
                structures = items(part["structures"], Structure.from_json)
                costs = np.array(part["costs"], float)
                errors = np.array([number(error) for error in part["errors"]])
                predictor = Predictor.from_json(part, features_for(name, structures), costs, errors)
                repeated, meter = number(part["repeatability"]), str(part["meter"])
                models[name] = MetricModel(predictor, structures, costs, errors, repeated, meter)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        platform = Platform.from_json(entry.get("platform"))
        profiles = whole(entry.get("profiles")) or 0
        return cls(platform, models, profiles, number(entry.get("date")))


def _of_one_meter(
    records: Sequence[NetworkRecord], metric: str
) -> tuple[Sequence[NetworkRecord], str]:
    """The records whose power was read by the meter of the latest one; all for other metrics."""
    if metric not in ("power", "energy"):
        return records, ""
    known = [one for one in records if metric in one.quantities]
    latest = max(known, key=lambda one: one.date).meter
    return [one for one in known if one.meter == latest], latest
