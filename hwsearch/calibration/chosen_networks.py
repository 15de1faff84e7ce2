"""Which networks of a template are profiled: the most informative of many that are only built.

To build and count a network takes a fraction of a second, to profile it takes seconds. The
candidates are the points of a Sobol' sequence, which covers the space evenly however many are
taken. The first networks are chosen from them by their features (`hwsearch.predicting.design`). The
others follow in the order of the sequence: residuals of the linear models, which a Gaussian process
learns from many networks, are learnt better from networks that are spread evenly.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import qmc

from hwsearch.calibration import builders
from hwsearch.calibration.builders import Report, Say
from hwsearch.calibration.failures import Failures
from hwsearch.calibration.random_networks import params_at
from hwsearch.calibration.recipe import Recipe
from hwsearch.costs import counts_of
from hwsearch.network_records import structure_of
from hwsearch.predicting import LEAST_NETWORKS
from hwsearch.predicting.design import most_informative
from hwsearch.predicting.features import Structure, memory_features, power_features
from hwsearch.predicting.records import NetworkRecord, script_hash
from hwsearch.template import Template

#: So many networks at most are chosen by their features. With fewer than `LEAST_NETWORKS`, the
#: prices are not determined in any case, and the most extreme networks predict others worse.
MOST_CHOSEN = 20
#: Candidates for each chosen network, and the seconds after which no further one is built.
CANDIDATES, LIMIT_S = 4, 60.0
#: So many reasons at most are shown why candidates cannot be built: many differ only in a size.
MOST_REASONS = 3


def spread_params(template: Template, count: int, seed: int) -> list[dict[str, Any]]:
    """The first values of a scrambled Sobol' sequence; those of a larger count begin with them."""
    sobol = qmc.Sobol(len(template.variables()), scramble=True, rng=np.random.default_rng(seed))
    return [params_at(template, row) for row in sobol.random_base2(_bits(count))[:count]]


def _bits(count: int) -> int:
    """The least power of two that is not below a count."""
    return math.ceil(math.log2(max(count, 1)))


def chosen_networks(
    recipe: Recipe,
    count: int,
    records: Sequence[NetworkRecord],
    *,
    limit_s: float,
    output: Path,
    report: Report,
    keep: Callable[[Sequence[Structure]], object],
) -> list[Mapping[str, Any]]:
    """Chooses the networks to profile.

    A command that was interrupted, or that is given a larger number, finds the networks that were
    profiled before among its candidates: they come first, and the others are chosen to go with
    them.

    Args:
        recipe: How to build networks.
        count: How many networks to choose.
        records: Profiles that there are already, the oldest first.
        limit_s: Seconds for one candidate.
        output: A file that receives what candidates print.
        report: Is told that candidates are built, and which cannot be built.
        keep: Is given the structures of all candidates, if they are built: they show what networks
            of the template are like.

    Returns:
        Hyper-parameters of each, the networks with profiles first; fewer than `count` if the
        template has fewer networks.

    Raises:
        UserError: The first candidates all fail for the same reason.
    """
    most = min(count, MOST_CHOSEN)
    # Those of the largest choice: a smaller number finds what a larger one has profiled.
    points = max(count, CANDIDATES * MOST_CHOSEN)
    pool = _pool(recipe, points)
    found = {one.script: one.structure for one in records}
    known = [script for script in found if script in pool]
    ranked = known[:count]
    left = {script: pool[script] for script in [*pool][: CANDIDATES * most] if script not in found}
    if len(pool) < count:
        networks = "1 network differs" if len(pool) == 1 else f"{len(pool)} networks differ"
        report.note(f"only {networks} among {points} points of the template's space")
    elif count >= LEAST_NETWORKS and len(known) < most < len(known) + len(left):
        report.note(_choosing(len(left), most - len(known)))
        built, failed = _built(recipe, left, limit_s, output, report)
        structures = {script: found[script] for script in known} | built
        if built:
            keep(_evenly([*pool], built, structures))
        ranked = _ranked(structures, most, len(known))
        pool = {script: params for script, params in pool.items() if script not in failed}
    order = dict.fromkeys([*ranked, *pool])
    return [pool[script] for script in [*order][:count]]


def _choosing(count: int, chosen: int) -> str:
    """What is done with the networks that have no profile yet."""
    networks = "1 network is" if count == 1 else f"{count} networks are"
    few = "one is" if chosen == 1 else "ones are"
    number = "" if chosen == 1 else f"{chosen} "
    return f"{networks} built and counted; the {number}most informative {few} profiled"


def _evenly(
    scripts: Sequence[str], built: Mapping[str, Structure], structures: Mapping[str, Structure]
) -> list[Structure]:
    """The structures of the first scripts of the sequence, which cover the space evenly.

    Later ones are left out: if there was no time to build them all, only those of the networks with
    profiles are known, which were chosen because they are extreme.
    """
    last = max(scripts.index(script) for script in built)
    return [structures[script] for script in scripts[: last + 1] if script in structures]


def _pool(recipe: Recipe, count: int) -> dict[str, Mapping[str, Any]]:
    """Hyper-parameters of different networks by script, in the order of the sequence."""
    template = recipe.template
    points = spread_params(template, count, recipe.seed)
    return {script_hash(template.render(params)): params for params in points}


def _ranked(structures: Mapping[str, Structure], count: int, known: int) -> list[str]:
    """Scripts, the first `known` ones first, then the most informative."""
    scripts, networks = list(structures), list(structures.values())
    if not scripts:
        return []
    # Those of power are those of time and energy, and a constant.
    tables = [power_features(networks), memory_features(networks)]
    return [scripts[row] for row in most_informative(tables, count, range(known))]


def _built(
    recipe: Recipe,
    candidates: Mapping[str, Mapping[str, Any]],
    limit_s: float,
    output: Path,
    report: Report,
) -> tuple[dict[str, Structure], set[str]]:
    """The structures of candidates by script, and the scripts of those that cannot be built.

    Raises:
        UserError: The first ones all fail for the same reason.
    """
    structures: dict[str, Structure] = {}
    failed: set[str] = set()
    failures = Failures()
    began = time.monotonic()
    results = builders.build_all(_Counter(recipe), [*candidates.values()], limit_s, output)
    with contextlib.closing(results):
        for script, built in zip(candidates, results, strict=False):
            structure = Structure.from_json(built.costs)
            if structure is not None:
                structures[script] = structure
            else:
                failures.add(built)
                failed.add(script)
                if not structures and failures.are_enough:
                    raise failures.error(recipe.home, "networks")
            if time.monotonic() - began > LIMIT_S:
                break
    _tell(failures.reasons, len(structures) + len(failed), report)
    return structures, failed


def _tell(reasons: Counter[str], tried: int, report: Report) -> None:
    """Says why some of the candidates cannot be built: the most frequent reasons, one line each."""
    told = reasons.most_common(MOST_REASONS)
    for reason, count in told:
        report.note(f"{count} of {tried} cannot be built: {reason}")
    rest = reasons.total() - sum(count for _, count in told)
    if rest:
        report.note(f"{rest} of {tried} cannot be built for similar or other reasons")


@dataclass(frozen=True, slots=True)
class _Counter:
    """Builds and counts one network."""

    recipe: Recipe

    def __call__(self, number: int, params: Mapping[str, Any], _say: Say) -> dict[str, float]:
        """The network's structure as JSON.

        Raises:
            UserError: It cannot be built or counted.
        """
        recipe = self.recipe
        text = recipe.template.render(params)
        with recipe.built(number, text, "a candidate for a profile") as network:
            counts = counts_of(network)
            return structure_of(network, counts, recipe.settings.batch_size).to_json()
