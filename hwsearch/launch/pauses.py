"""Paused trainings of a run: whether they can be asked for, and what is left at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.settings import STOP_RULES
from hwsearch.metrics import metric, range_words, value_range
from hwsearch.pausing.store import Store


def check(settings: Settings, *, ours: bool) -> None:
    """Checks that the trainings of a run can be paused, if that is asked for.

    Args:
        settings: Of the run.
        ours: Whether the optimiser is ours.

    Raises:
        UserError: They cannot.
    """
    if settings.chance is not None and settings.stop != "chance":
        raise UserError(f"--chance: given with --stop {settings.stop}; expected --stop chance")
    if settings.stop == "off":
        return
    if settings.stop == "chance" and settings.chance is None:
        raise UserError(
            f"--chance: got nothing with --stop chance; expected the {settings.optimize} of "
            "random guessing"
            + (", such as 90 with ten classes" if settings.optimize == "error" else "")
        )
    _check_chance(settings)
    if not ours:
        raise UserError(
            f"--stop: got {settings.stop!r} with SPEARMINT_ROOT, whose optimiser does not pause "
            "trainings; expected only one of the two"
        )
    if settings.has_front:
        raise UserError(
            f"--stop: got {settings.stop!r} with several metrics to optimise; expected one: "
            "its learning curve decides which trainings continue"
        )
    if not metric(settings.optimize).is_quality:
        raise UserError(
            f"--stop: got {settings.stop!r} with --optimize {settings.optimize}, which has no "
            "value after each epoch; expected to optimise error or val_NAME, or no --stop"
        )


def _check_chance(settings: Settings) -> None:
    """Checks that a training can be better than a guess, and a guess as good as that.

    Raises:
        UserError: It cannot.
    """
    chance, name = settings.chance, settings.optimize
    if chance is None:
        return
    low, high = value_range(name)
    if low <= chance < high if settings.maximize else low < chance <= high:
        return
    if name == "error":
        raise UserError(
            f"--chance: got {chance:g} with --optimize error; expected a number above 0 "
            "and at most 100 (in %), such as 90 with ten classes"
        )
    limit = f"below {high:g}" if settings.maximize else f"above {low:g}"
    example = ", such as 0.1 with ten classes" if name.endswith(("accuracy", "acc")) else ""
    raise UserError(
        f"--chance: got {chance:g} for {name}, which is {range_words(name)}; expected a number "
        f"in that range and {limit}{example}"
    )


def check_size(given: Mapping[str, Any], settings: Settings) -> None:
    """Checks that the space for paused trainings is bounded only where trainings are paused.

    Args:
        given: The settings that this start was given; those of an earlier one may be anything.
        settings: Of the run.

    Raises:
        UserError: It is bounded elsewhere.
    """
    if "paused_size" in given and settings.stop == "off":
        rules = ", ".join(rule for rule in STOP_RULES if rule != "off")
        raise UserError(
            f"--paused_size: given with --stop off, which pauses no training; expected --stop "
            f"with one of {rules}, or no --paused_size"
        )


def forget(experiment: Experiment) -> None:
    """Removes the states of trainings that are not continued."""
    Store(experiment.paused, 0).clear()
