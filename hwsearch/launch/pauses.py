"""Paused trainings of a run: whether they can be asked for, and what is left at its end."""

from __future__ import annotations

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.pausing.store import Store


def check(settings: Settings, *, ours: bool) -> None:
    """Checks that the trainings of a run can be paused, if that is asked for.

    Args:
        settings: Of the run.
        ours: Whether the optimiser is ours.

    Raises:
        UserError: They cannot.
    """
    if settings.stop == "off":
        return
    if not ours:
        raise UserError(
            f"--stop: got {settings.stop!r} with SPEARMINT_ROOT, whose optimiser does not pause "
            "trainings; expected one of them"
        )
    if settings.has_front:
        raise UserError(
            f"--stop: got {settings.stop!r} with several metrics to optimise; expected one, whose "
            "learning curve decides"
        )


def forget(experiment: Experiment) -> None:
    """Removes the states of trainings that are not continued."""
    Store(experiment.paused, 0).clear()
