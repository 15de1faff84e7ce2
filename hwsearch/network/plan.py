"""What a script asks for when it calls `fit`."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.folds.fold_data import Fold
from hwsearch.network.program import call_text
from hwsearch.network.program.evaluate_calls import Evaluated
from hwsearch.network.scores.compiled_loss import CompiledLoss

#: The batch size that `fit` takes if none is given.
KERAS_BATCH_SIZE = 32


@dataclass(slots=True)
class TrainingPlan:
    """One call of `keras.Model.fit`.

    Attributes:
        model: The compiled model.
        arguments: What was given, by the name of the parameter of `fit`.
        place: The script's line with the call, as `rendered_script.place` gives it.
        texts: What the script wrote as arguments, as `call_text.argument_texts` gives it.
        evaluated: What it evaluates on after the call, as `evaluate_calls.test_calls` gives it.
        unready: Names that get their value after the call, as `evaluate_calls.unready` gives them.
        loss: The loss that the model has at the call; None if nothing compares it.
        changed: A note if the script changes the weights after the call; "" if it does not.
        fold: The fold of a cross-validation that the call trains; None if it is no such call.
    """

    model: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    evaluated: Sequence[Evaluated] = ()
    unready: Collection[str] = ()
    loss: CompiledLoss | None = None
    changed: str = ""
    fold: Fold | None = None

    @classmethod
    def of_call(
        cls, fit: Any, model: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], place: str
    ) -> TrainingPlan:
        """Reads a call.

        Raises:
            TypeError: `fit` does not take these arguments.
        """
        bound = inspect.signature(fit).bind(model, *args, **kwargs)
        given = dict(bound.arguments)
        given.pop(next(iter(inspect.signature(fit).parameters)))
        return cls(model, given, place, loss=CompiledLoss.of(model))

    def named(self, name: str) -> str:
        """What messages call an argument: by the script's own name if that is known.

        Args:
            name: "y", or "validation_data[1]" for a part.
        """
        return call_text.named(self.texts, name)

    @property
    def validation_names(self) -> tuple[str, str, str]:
        """What messages call the inputs, labels and weights that `fit` validates on."""
        whole = self.texts.get("validation_data", "")
        if whole.isidentifier() and whole != "validation_data":
            return tuple(f"{whole}[{n}] (validation_data of fit)" for n in range(3))  # type: ignore[return-value]
        return tuple(self.named(f"validation_data[{n}]") for n in range(3))  # type: ignore[return-value]

    def get(self, name: str, default: Any = None) -> Any:
        """An argument; the default also if it is None."""
        value = self.arguments.get(name)
        return default if value is None else value

    @property
    def batch_size(self) -> int:
        """Rows per training step, as far as `fit` is told; Keras' default otherwise."""
        return int(self.get("batch_size", KERAS_BATCH_SIZE))

    @property
    def validation_split(self) -> float:
        """The share of the training data that `fit` itself holds out; 0 = none."""
        if self.get("validation_data") is not None:
            return 0.0
        return float(self.get("validation_split", 0.0))

    @property
    def callbacks(self) -> list[Any]:
        """The script's callbacks."""
        given = self.get("callbacks", [])
        if isinstance(given, keras.callbacks.CallbackList):
            return list(given.callbacks)
        return list(keras.tree.flatten(given))

    def epochs(self, asked: int | None) -> int:
        """Epochs to train.

        Args:
            asked: What replaces the script's own number; None = nothing.
        """
        if asked is not None:
            return asked
        return max(int(self.get("epochs", 1)) - self.initial_epoch, 0)

    @property
    def initial_epoch(self) -> int:
        """The number of the first epoch."""
        return int(self.get("initial_epoch", 0))
