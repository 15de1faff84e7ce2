"""The test set of a call of `fit`, and whether the search uses these rows already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hwsearch.network.datasets import data, positions
from hwsearch.network.datasets.held_out import HeldOut
from hwsearch.network.folds import fold_checks
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import evaluate_calls


def of_call(plan: TrainingPlan, names: Mapping[str, Any], rows: int) -> tuple[HeldOut | None, str]:
    """The test set, and a warning if the script evaluates on one that cannot be used.

    Args:
        plan: The call.
        names: What the script had defined by then.
        rows: Per batch.
    """
    given = {name: data.only(plan.get(name)) for name in ("x", "y")}
    found, reason = evaluate_calls.test_set(names, plan.evaluated, plan.texts, given, plan.unready)
    if found is None:
        return None, reason
    called = (*found.names, f"the weights of {found.names[0]}")
    test = HeldOut(found.x, found.y, found.weight, found.steps, rows, names=called)
    return test, ""


def validated(
    test: HeldOut | None, names: Mapping[str, Any], validation: HeldOut, given: Any, written: str
) -> str:
    """What the script calls the test set if the search validates on it; "" if it does not.

    Args:
        test: The test set; None if there is none.
        names: What the script had defined by the call of `fit`.
        validation: What the search validates on.
        given: The `validation_data` of `fit`, of which `validation_steps` may take a part; None =
            the search does not use it.
        written: The same as the script writes it; "" if that is unknown.
    """
    named = [(name, value) for name, value in names.items() if "test" in name.lower()]
    if test is not None:
        called = test.names[0]
        if given is not None and called == written:  # the same expression makes it twice
            return called
        if not _counts_others(test, validation):
            named.append((called, test.x))
    seen = (given[0] if isinstance(given, tuple | list) else given, validation.x)
    for name, value in named:
        if value is None:
            continue
        if value is given or any(value is one or _same(value, one) for one in seen):
            return name
    return ""


def is_left_out(test: HeldOut, validation: HeldOut, *pairs: Any) -> bool:
    """Whether a test set is the rows that a fold leaves out, as far as they are known.

    Args:
        test: The test set.
        validation: What the fold is judged on.
        pairs: What else it may leave out, in the form of `validation_data`.
    """
    left = [pair[0] if isinstance(pair, tuple | list) and pair else pair for pair in pairs]
    tested = fold_checks.rows(test.x)
    return any(tested == fold_checks.rows(x) for x in (validation.x, *left))


def _counts_others(test: HeldOut, validation: HeldOut) -> bool:
    """Whether other rows count in the test set than in the validation set, by their weights."""
    one, other = (
        positions.weighted(test.sample_weight),
        positions.weighted(validation.sample_weight),
    )
    return one is not None and other is not None and not np.array_equal(one, other)


def _same(one: Any, other: Any) -> bool:
    """Whether two arrays hold the same."""
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return False
    return one.shape == other.shape and one.ndim > 0 and np.array_equal(one, other)
