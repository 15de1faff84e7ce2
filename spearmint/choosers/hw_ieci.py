"""HyperPower's HW-IECI: expected improvement where all constraints are predicted to be met.

Stamoulis et al. 2018, "HyperPower", DATE, after the integrated expected conditional improvement of
Gramacy & Lee 2011, "Optimization under Unknown Constraints", Bayesian Statistics 9:
`optimiser/weighting.py`. The initial design, the models, the search of the acquisition function and
`chooser-args` are those of `hw_cwei`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spearmint.choosers import default_chooser
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.config import Problem
from spearmint.optimiser.weighting import IndicatorWeighted

ARGUMENTS = default_chooser.ARGUMENTS


class HwIeci(DefaultChooser):
    """Expected improvement on the best observed value, where the posterior means are feasible."""

    acquisition = IndicatorWeighted
    integrates_noise = False
    adapts = False


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> HwIeci:
    """The chooser of a problem."""
    return HwIeci(problem, seed, arguments)
