"""One batch size for measuring all networks of a run, if they are trained with different ones."""

from __future__ import annotations

from typing import TypeGuard

from hwsearch.experiment.settings import Settings
from hwsearch.metrics import METRICS
from hwsearch.template import Template
from hwsearch.template.dependence import dependence
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.quoting import quoted_name

#: The batch size of Keras' own methods; for those that cannot be read off a hyper-parameter.
USUAL = 32


def choose(settings: Settings, template: Template) -> str:
    """Chooses the batch size for measuring, if the script's depends on a hyper-parameter.

    Budgets would otherwise depend on how a network is trained: a small batch costs more per image.

    Args:
        settings: `profile_batch_size` is set, unless it is given or nothing is measured.
        template: The script.

    Returns:
        A line for the user; "" if nothing was chosen.
    """
    measured = [name for name in settings.metrics if name in METRICS and METRICS[name].needs_device]
    if settings.profile_batch_size is not None or not measured:
        return ""
    found = dependence(template.marked(), "batch_size")
    if not found.slots:
        return ""
    entries = [template.hyperparameters[slot] for slot in found.slots]
    settings.profile_batch_size = (_middle(entries[0]) if found.is_alone else None) or USUAL
    tokens = ", ".join(quoted_name(entry.token) for entry in entries)
    return (
        f"note: batch_size depends on {tokens}: all networks are measured in batches of "
        f"{settings.profile_batch_size} images; --profile_batch_size sets another number"
    )


def _middle(entry: Hyperparameter) -> int | None:
    """The middle of a hyper-parameter's values, as the script gets them; None if it is no count."""
    if entry.type == "ENUM":
        numbers = [option for option in entry.options if _is_count(option)]
        return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else None
    middle = (entry.low + entry.high) / 2
    value = entry.value(int(middle) if entry.type == "INT" else middle)
    return value if _is_count(value) else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
