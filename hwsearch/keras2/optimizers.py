"""Keras 2's arguments, names and default learning rates of optimisers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from hwsearch.keras2.names import NEW_RATE, OLD_ARGUMENTS, OLD_RATES, OPTIMIZERS
from hwsearch.keras2.reports import changed_rate, renamed, report, script_text, spelled
from hwsearch.keras2.spellings import has_rates_of_keras_3

_RATE = "optimizer.lr is the Keras 2 spelling; in Keras 3: optimizer.learning_rate"


def install() -> None:
    """Makes the optimisers accept Keras 2's arguments and lower-case names."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    for optimizer in vars(keras.optimizers).values():
        if inspect.isclass(optimizer) and issubclass(optimizer, keras.optimizers.Optimizer):
            _accept_old_arguments(optimizer)
    base: Any = keras.optimizers.Optimizer
    if not hasattr(base, "lr"):
        base.lr = property(_rate, _set_rate)


def _rate(optimizer: Any) -> Any:
    """`optimizer.lr`, which callbacks of Keras 2 read."""
    report(_RATE)
    return optimizer.learning_rate


def _set_rate(optimizer: Any, value: Any) -> None:
    report(_RATE)
    optimizer.learning_rate = value


def lower_case(name: str) -> str:
    """The optimiser that Keras 2 also called by this lower-case name; "" if there is none."""
    return next((each for each in OPTIMIZERS if each.lower() == name), "")


def _accept_old_arguments(optimizer: type) -> None:
    """Wraps the class's `__init__`; subclasses that pass their arguments to it benefit too."""
    original = vars(optimizer).get("__init__")
    if original is None or hasattr(original, "keras2_original"):
        return

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        if kwargs.keys() & set(OLD_ARGUMENTS) or kwargs.get("epsilon", 0) is None:
            args, kwargs = _modern(name, original, args, kwargs)
        elif name in OLD_RATES and not args and "learning_rate" not in kwargs:
            old, _ = _default_rates(name, original)
            if old is not None:
                report(changed_rate(f"{name}()", name, old, NEW_RATE))
        original(self, *args, **kwargs)

    init.keras2_original = original  # type: ignore[attr-defined]
    optimizer.__init__ = init  # type: ignore[misc]


def _modern(
    name: str, init: Callable[..., None], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Translates an optimiser's arguments to Keras 3 and reports those that are old.

    Raises:
        TypeError: `lr` together with `learning_rate`, or `decay` together with a schedule.
    """
    new = dict(kwargs)
    old = {key: new.pop(key) for key in OLD_ARGUMENTS if key in new}
    if "epsilon" in new and new["epsilon"] is None:
        old["epsilon"] = new.pop("epsilon")
    given = args[0] if args else new.get("learning_rate")
    if "lr" in old and given is not None:
        raise TypeError(f"{name}: got lr={old['lr']} and learning_rate={given}; expected only one")
    rate = old.get("lr", given)
    remark = ""
    if rate is None:
        before, now = _default_rates(name, init)
        rate = now if before is None else before
        if before is not None:
            remark = f" (Keras 2's default rate; Keras 3's is {now:g})"
    rate, text = _decayed(name, rate, old.get("decay") or 0.0)
    words = [f"{key}={spelled(value)}" for key, value in old.items()]
    report(renamed(name, words, f"{name}(learning_rate={text}){remark}"))
    if args:  # others may follow it by their position, such as the momentum
        return (rate, *args[1:]), new
    return args, new | {"learning_rate": rate}


def _default_rates(name: str, init: Callable[..., None]) -> tuple[float | None, float]:
    """Keras 2's default learning rate, None if it is the same for this script, and Keras 3's."""
    now = inspect.signature(init).parameters["learning_rate"].default
    before = OLD_RATES.get(name)
    if before is None or has_rates_of_keras_3(script_text()):
        return None, now
    return before, now


def _decayed(name: str, rate: Any, decay: float) -> tuple[Any, str]:
    """A learning rate that decays as in Keras 2, and how to write it in Keras 3."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    if isinstance(rate, int):
        rate = float(rate)  # Keras 3 refuses ints
    if not decay:
        return rate, spelled(rate)
    if not isinstance(rate, int | float):
        raise TypeError(
            f"{name}: got decay={decay} with learning_rate={spelled(rate)}; expected a number "
            "as the learning rate"
        )
    schedule = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)
    text = f"keras.optimizers.schedules.InverseTimeDecay({rate}, decay_steps=1, decay_rate={decay})"
    return schedule, text
