"""What a search does not use if none of its metrics needs a training."""

from __future__ import annotations

from hwsearch.experiment import Settings

#: Settings that only trainings use.
TRAINING = ("epochs", "validation_split", "last_epoch", "train_timeout", "repeats", "keep_models")


def notes(settings: Settings) -> list[str]:
    """A note about the settings of a run that have no effect in its search; [] if all have."""
    unused = [f"--{name}" for name in TRAINING if getattr(settings, name) not in (None, False)]
    if settings.measure == "needed":
        unused.append("--measure needed")
    if settings.needs_training or not unused:
        return []
    verb = "has" if len(unused) == 1 else "have"
    return [
        "note: no network is trained, because all metrics of this search are known before a "
        f"training: {', '.join(unused)} {verb} no effect on it"
    ]
