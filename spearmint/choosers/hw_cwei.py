"""HyperPower's HW-CWEI: expected improvement x probability that all constraints are met.

Stamoulis et al. 2018, "HyperPower", DATE, with the acquisition function of Gelbart, Snoek & Adams
2014, "Bayesian Optimization with Unknown Constraints", UAI: `optimiser/weighting.py`. The initial
design, the models, the search of the acquisition function and `chooser-args` are those of
`default_chooser`, which has the same weight but integrates over the noise of the results, looks for
smaller violations as long as no feasible point is known, and becomes careful after violations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spearmint.choosers import default_chooser
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.config import Problem
from spearmint.optimiser.weighting import ProbabilityWeighted

ARGUMENTS = default_chooser.ARGUMENTS


class HwCwei(DefaultChooser):
    """Expected improvement on the best observed value x probability of feasibility."""

    acquisition = ProbabilityWeighted
    integrates_noise = False
    adapts = False


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> HwCwei:
    """The chooser of a problem."""
    return HwCwei(problem, seed, arguments)
