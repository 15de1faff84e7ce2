"""One cost of a network, predicted from its features: the model chosen by cross-validation.

predictor = Predictor.fit(features, costs, stated)
costs, spread = predictor.predict(features_of_new_networks)
low, high = predictor.interval(features_of_new_networks, 0.9)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from hwsearch.measurements.reading import number
from hwsearch.predicting import LEAST
from hwsearch.predicting.arrays import (
    checked,
    checked_features,
    known_errors,
    lack_fixed_cost,
    with_fixed_cost,
)
from hwsearch.predicting.choice import Choice, refit
from hwsearch.predicting.linear import Array, NonNegativeModel, exactness
from hwsearch.predicting.residual import ResidualModel
from hwsearch.predicting.selection import (
    CONSTANT,
    MODELS,
    OTHERS,
    PROCESS,
    AverageModel,
    Model,
    Predicted,
    candidates_of,
    held_out,
    log_ratios,
    predicted,
    root_mean_square,
)
from hwsearch.predicting.transfer import Others, spread_of


@dataclass(frozen=True, slots=True)
class Predictor:
    """A fitted model with its validation.

    Attributes:
        name: Which of `MODELS` was chosen, or `OTHERS`; with `AVERAGED` if it is averaged.
        model: It, fitted to all profiles.
        validation: RMSPE in % on held-out networks, by model; NaN for fewer than three networks.
        profiles: Number of networks of the fit, without those of other templates.
        residual: Root mean square of the held-out log ratios of the chosen model, each divided by
            its width (see `hwsearch.predicting.selection.Predicted`); errors of inexact profiles
            count less.
        scaled_error: RMSPE in % of the chosen model on held-out networks, each error divided by the
            width of its network; NaN for fewer than three networks.
        stated: Median relative standard error of the profiles.
        scores: Held-out absolute log ratios in units of the spread, ascending, shape (n,).
        columns: Number of features.
        adds_fixed_cost: Whether a column of ones was added to the features, for a cost that all
            networks have: no feature stands for it.
        least: No prediction is below this: a linear model may come to 0, or below it.
    """

    name: str
    model: Model
    validation: Mapping[str, float]
    profiles: int
    residual: float
    scaled_error: float
    stated: float
    scores: Array
    columns: int
    adds_fixed_cost: bool
    least: float

    @classmethod
    def fit(
        cls,
        features: Array,
        costs: Array,
        stated: Array | None = None,
        others: Others | None = None,
    ) -> Predictor:
        """Fits all models to n networks and keeps the one that is best in cross-validation.

        Args:
            features: Amounts of work of each network, shape (n, F), 0 or more, in any units.
            costs: Measured costs, shape (n,), above 0, in any unit; predictions have the same one.
            stated: Relative standard errors of the costs (0.05 = 5 %), shape (n,); NaN where an
                error is unknown. None = all are unknown.
            others: Networks of other templates that ran on the same device. With them, n may be 0.

        Raises:
            ValueError: There are fewer than three networks and no others, the shapes do not fit
                together, or a number is out of range. The message names the network and the
                feature, both counted from 0.
        """
        features, costs = checked(features, costs, least=LEAST if others is None else 0)
        errors, typical = known_errors(stated, len(costs))
        if others is not None and len(costs) < LEAST:
            return cls._of_others(features, costs, (errors, typical), others)
        columns, is_added = features.shape[1], others is None and lack_fixed_cost(features)
        features = with_fixed_cost(features) if is_added else features
        candidates = candidates_of(features)
        if others is not None:
            candidates[OTHERS] = others.fit
        # Threads cost small matrices more than they save, many times more on a busy machine.
        with threadpool_limits(1, "blas"):
            choice = Choice.among(candidates, features, costs, errors)
            model = refit(choice.name, choice.share, candidates, features, costs, errors)
        outcome = choice.outcome
        # The error of an inexact profile says less about the model.
        counts = exactness(costs, errors)
        ratios = log_ratios(outcome.costs, costs) * np.minimum(counts / np.median(counts), 1.0)
        residual = root_mean_square(ratios / outcome.width)
        scaled_error = 100.0 * root_mean_square((outcome.costs / costs - 1.0) / outcome.width)
        scores = np.sort(ratios / outcome.deviations(residual, max(typical, 1e-9)))
        return cls(
            choice.name,
            model,
            choice.validation,
            len(costs),
            residual,
            scaled_error,
            typical,
            scores,
            columns,
            is_added,
            _least(costs),
        )

    @classmethod
    def _of_others(
        cls, features: Array, costs: Array, known: tuple[Array | None, float], others: Others
    ) -> Predictor:
        """Before own networks can tell how well the prices of others hold for them."""
        errors, typical = known
        outcome = held_out(NonNegativeModel.fit, others.features, others.costs, others.errors)
        ratios = log_ratios(outcome.costs, others.costs)
        residual = root_mean_square(ratios)
        scores = np.sort(ratios / max(residual, 1e-9))
        return cls(
            OTHERS,
            others.fit(features, costs, errors),
            {CONSTANT: math.nan, OTHERS: math.nan},
            len(costs),
            math.hypot(residual, spread_of(len(costs))),
            math.nan,
            typical,
            scores,
            features.shape[1],
            False,
            _least(costs, others),
        )

    @property
    def error(self) -> float:
        """RMSPE of the chosen model in cross-validation, in %."""
        return self.validation[self.name]

    def expected_error(self, features: Array) -> float:
        """Estimates the RMSPE of the predictions for m networks before any of them is measured.

        The error in cross-validation is that of the profiled networks. If these were chosen because
        they differ from each other, each is predicted worse than most networks of the template. So
        each error is divided by the width of its network and multiplied by those of the m networks
        (root mean squares). The width is what least squares expects, sqrt(1 + leverage): see
        `hwsearch.predicting.linear.NonNegativeModel.width`.

        Args:
            features: As in `fit`, shape (m, F), m >= 1.

        Returns:
            In %; NaN if the model is one of other templates' networks alone.

        Raises:
            ValueError: As in `predict`.
        """
        return self.scaled_error * root_mean_square(self._predicted(features).width)

    @property
    def gain(self) -> float:
        """The error of `ConstantModel`, divided by `error`: how much the chosen model gains."""
        return self.validation[CONSTANT] / max(self.error, 1e-12)

    def predict(self, features: Array) -> tuple[Array, Array]:
        """Predicts the costs of m networks, with standard deviations.

        The standard deviation is the largest of three: what the model itself states, the errors in
        cross-validation (larger for networks unlike those of the fit), and the standard error of
        the profiles. The first one alone is too small if the model is a Gaussian process.

        Args:
            features: As in `fit`, shape (m, F).

        Returns:
            The costs, shape (m,), in the unit of the fit; and the standard deviations of their
            natural logarithms, shape (m,): 0.05 means about 5 %.

        Raises:
            ValueError: The number of features differs from that of the fit, or a number is out of
                range.
        """
        found = self._predicted(features)
        deviations = found.deviations(self.residual, self.stated)
        return np.maximum(found.costs, self.least), deviations

    def _predicted(self, features: Array) -> Predicted:
        features = checked_features(features, self.columns)
        return predicted(
            self.model, with_fixed_cost(features) if self.adds_fixed_cost else features
        )

    def interval(self, features: Array, level: float = 0.9) -> tuple[Array, Array]:
        """Predicts an interval for the cost of each of m networks.

        About the share `level` of new networks have their cost in their interval, if they are
        networks of the same template. The widths come from the errors in cross-validation
        (cross-conformal prediction, Vovk 2015).

        Args:
            features: As in `fit`, shape (m, F).
            level: Above 0 and below 1.

        Returns:
            Lower and upper ends, each of shape (m,), in the unit of the fit.

        Raises:
            ValueError: As in `predict`, or the level is out of range.
        """
        if not 0 < level < 1:
            raise ValueError(f"level: got {level}; expected a number between 0 and 1")
        costs, spread = self.predict(features)
        rank = math.ceil((len(self.scores) + 1) * level)
        # Too few profiles for this level: the largest error, and more for each missing rank. The
        # model was chosen by the same held-out errors, which makes those of few profiles small.
        beyond = 1.0 + 0.25 * max(rank - len(self.scores), 0) + 1.0 / len(self.scores)
        width = float(self.scores[min(rank, len(self.scores)) - 1]) * beyond
        # At least the profiles' own error, of which 1.645 standard errors hold 90 %.
        least = NormalDist().inv_cdf(0.5 + level / 2) * self.stated
        half = np.maximum(width * spread, least)
        return costs * np.exp(-half), costs * np.exp(half)

    def shares(self, features: Array) -> Array | None:
        """The share that each feature has in the predicted cost of one network.

        Args:
            features: Of the network, shape (F,).

        Returns:
            Shape (F,), with the sum 1, less the share of a fixed cost that no feature stands for;
            None if the chosen model has no prices.
        """
        prices = self._prices
        if prices is None:
            return None
        if self.adds_fixed_cost:
            features = np.append(features, 1.0)
        return NonNegativeModel(prices).shares(features)[: self.columns]

    @property
    def prices(self) -> Array | None:
        """Cost per unit of each feature, shape (F,); None if the chosen model has none."""
        prices = self._prices
        return None if prices is None else prices[: self.columns]

    @property
    def _prices(self) -> Array | None:
        model, share = self._parts
        if isinstance(model, ResidualModel):
            model = model.linear
        # In a cost that is mostly a product of powers, no kind of work has a share.
        return model.weights if isinstance(model, NonNegativeModel) and share < 0.5 else None

    @property
    def _parts(self) -> tuple[Model, float]:
        """The model, or the best of the others in an average and the weight of `LOG_LINEAR`."""
        if isinstance(self.model, AverageModel):
            return self.model.model, self.model.share
        return self.model, 0.0

    def to_json(self) -> dict[str, Any]:
        """All but the data of the fit."""
        model, share = self._parts
        return {
            "model": self.name,
            "log_linear": share,
            "profiles": self.profiles,
            "rmspe": dict(self.validation),
            "residual": self.residual,
            "scaled_error": self.scaled_error,
            "stated": self.stated,
            "adds_fixed_cost": self.adds_fixed_cost,
            "scores": [float(score) for score in self.scores],
            "theta": model.theta if isinstance(model, ResidualModel) else None,
        }

    @classmethod
    def from_json(
        cls,
        document: Mapping[str, Any],
        features: Array,
        costs: Array,
        stated: Array | None = None,
        others: Others | None = None,
    ) -> Predictor:
        """Reads what `to_json` wrote; the model is fitted again to the same data.

        Nothing is validated or chosen again, so that this takes milliseconds.

        Raises:
            KeyError, TypeError, ValueError: The document or the data is not what was written.
        """
        features, costs = checked(features, costs, least=LEAST if others is None else 0)
        errors, _ = known_errors(stated, len(costs))
        name, share = str(document["model"]), float(document["log_linear"])
        if document["profiles"] != len(costs):
            raise ValueError(f"{len(costs)} profiles; expected {document['profiles']}")
        columns, is_added = features.shape[1], bool(document["adds_fixed_cost"])
        features = with_fixed_cost(features) if is_added else features
        candidates = MODELS | ({} if others is None else {OTHERS: others.fit})
        if document["theta"] is not None:
            theta = np.array(document["theta"], float)
            candidates[PROCESS] = partial(ResidualModel.fit, theta=theta)
        with threadpool_limits(1, "blas"):
            model = refit(name, share, candidates, features, costs, errors)
        return cls(
            name,
            model,
            {str(key): number(value) for key, value in document["rmspe"].items()},
            len(costs),
            float(document["residual"]),
            number(document["scaled_error"]),
            float(document["stated"]),
            np.array(document["scores"], float),
            columns,
            is_added,
            _least(costs, others),
        )


def _least(costs: Array, others: Others | None = None) -> float:
    """A thousandth of the smallest cost that was measured."""
    known = costs if others is None else np.concatenate([costs, others.costs])
    return 1e-3 * float(known.min())
