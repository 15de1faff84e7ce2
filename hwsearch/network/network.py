"""A network as its script defines it: model and data, checked; then trained and evaluated."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import data, rendered_script
from hwsearch.network.errors import NetworkError, explained, kind
from hwsearch.network.scoring import Scoring, check_same_encoding, scoring_of
from hwsearch.network.training import EpochReport, TrainResult

REQUIRED = ("model", "x_train", "y_train", "x_test", "y_test", "batch_size")
OPTIONAL = ("x_val", "y_val")


@dataclass(slots=True)
class Network:
    """A compiled Keras model and its data.

    Images are arrays of shape (n, ...), or lists, tuples or dictionaries of them for a model with
    several inputs; labels are arrays of shape (n, ...).

    Attributes:
        path: The rendered script.
        split: Where the validation set comes from, in words.
        scoring: How the error in % is computed; None = it is not.
        output: Shape of the model's output without the batch; of several outputs, their structure.
    """

    model: Any
    x_train: Any
    y_train: Any
    x_val: Any
    y_val: Any
    x_test: Any
    y_test: Any
    batch_size: int
    path: Path
    split: str
    scoring: Scoring | None
    output: Any

    @classmethod
    def from_script(
        cls,
        path: str | os.PathLike[str],
        seed: int,
        split_seed: int = 0,
        *,
        scored: bool = True,
    ) -> Network:
        """Runs a rendered script and takes what it defines.

        Args:
            path: The script.
            seed: Seed of the network's initial weights.
            split_seed: Seed of the validation split, which is made if the script defines no
                `x_val`; it is the same for all networks of a search.
            scored: Whether the error in % is wanted; it needs classes and one output.

        Raises:
            NetworkError: The script raises an exception, or what it defines is incomplete,
                unusable or does not fit together.
        """
        path = Path(path).absolute()
        keras.utils.set_random_seed(seed)
        names = rendered_script.run(path)
        try:
            _check_backend()
            return cls._from_names(names, path, split_seed, scored)
        except NetworkError as error:
            raise NetworkError(f"{path.name}: {error}") from error.__cause__

    @classmethod
    def _from_names(
        cls, names: Mapping[str, Any], path: Path, split_seed: int, scored: bool
    ) -> Network:
        has_validation = _check_names(names)
        model = _checked_model(names["model"])
        batch_size = _checked_batch_size(names["batch_size"])
        several_inputs = len(getattr(model, "inputs", None) or ()) > 1
        names_of_parts = ("train", "test", "val") if has_validation else ("train", "test")
        parts = {part: data.read(names, part, several_inputs) for part in names_of_parts}
        output, scoring = _check_together(model, parts, scored)
        split = "x_val, y_val of the script"
        if not has_validation:
            parts["train"], parts["val"] = data.split(*parts["train"], split_seed)
            split = f"{data.length(parts['val'][0])} images drawn at random from x_train"
        (x_train, y_train), (x_val, y_val), (x_test, y_test) = (
            parts[part] for part in ("train", "val", "test")
        )
        return cls(
            model=model,
            x_train=x_train,
            y_train=y_train,
            x_val=x_val,
            y_val=y_val,
            x_test=x_test,
            y_test=y_test,
            batch_size=batch_size,
            path=path,
            split=split,
            scoring=scoring,
            output=output,
        )

    def train(
        self,
        epochs: int,
        seed: int,
        callbacks: Sequence[Any] = (),
        say: Callable[[str], None] = print,
        monitor: str = "error",
        mode: str = "min",
        keep_best: bool = True,
        reported: Collection[str] = (),
    ) -> TrainResult:
        """Trains on the training set; evaluates on the validation set after every epoch.

        Args:
            epochs: Maximum number of epochs.
            seed: Seed of the order of the images, dropout and the like.
            callbacks: Keras callbacks; they run after ours, so that `logs["error"]` is set.
            say: Takes one line per epoch.
            monitor: What the best epoch is best in: "error", or a name that Keras reports, such
                as "val_loss".
            mode: "min" or "max": whether less or more of it is better.
            keep_best: Whether the model gets the weights of the best epoch, not of the last.
            reported: Other names that Keras must report, such as "val_recall".

        Raises:
            NetworkError: Keras raises an exception or does not report `monitor` or `reported`.
        """
        keras.utils.set_random_seed(seed)
        validate = None if self.scoring is None else self.validation_error
        report = EpochReport(validate, epochs, say, monitor, mode, keep_best, reported)
        # Without it, Keras draws the same random numbers as ever.
        validated = monitor != "error" or bool(reported)
        began = time.monotonic()
        try:
            self.model.fit(
                self.x_train,
                self.y_train,
                batch_size=self.batch_size,
                epochs=epochs,
                verbose=0,
                callbacks=[keras.callbacks.TerminateOnNaN(), report, *callbacks],
                validation_data=(self.x_val, self.y_val) if validated else None,
            )
        except NetworkError as error:
            raise NetworkError(f"{self.path.name}: {error}") from error
        except Exception as error:
            raise NetworkError(
                f"{self.path.name}: training failed in epoch {report.result.epochs}: "
                f"{explained(error)}"
            ) from error
        result = report.keep()
        result.seconds = time.monotonic() - began
        return result

    def validation_error(self) -> float:
        """The error on the validation set, %; NaN without `scoring`."""
        return self._error(self.x_val, self.y_val)

    def test_error(self) -> float:
        """The error on the test set, %; NaN without `scoring`.

        Only for the best network: the search must not use it.
        """
        return self._error(self.x_test, self.y_test)

    def _error(self, images: Any, labels: Any) -> float:
        if self.scoring is None:
            return math.nan
        predictions = self.model.predict(images, batch_size=self.batch_size, verbose=0)
        return self.scoring.error(labels, predictions)


def _check_backend() -> None:
    wanted, actual = os.environ.get("KERAS_BACKEND"), keras.backend.backend()
    if wanted and wanted != actual:
        raise NetworkError(
            f"the script sets KERAS_BACKEND={wanted}, but Keras already runs on {actual}; "
            f"set it before the start: KERAS_BACKEND={wanted} ./run_tool.sh"
        )


def _check_names(names: Mapping[str, Any]) -> bool:
    """Checks that a script defines all names; returns whether it has its own validation set."""
    for part in ("train", "val", "test"):
        data.refuse_stream(names.get(f"x_{part}"), f"x_{part}")
    missing = [name for name in REQUIRED if names.get(name) is None]
    if missing:
        raise NetworkError(
            f"the script does not define {', '.join(missing)}; it must define "
            f"{', '.join(REQUIRED)} (optional: {' and '.join(OPTIONAL)})"
        )
    given = [name for name in OPTIONAL if names.get(name) is not None]
    if len(given) == 1:
        other = next(name for name in OPTIONAL if name not in given)
        raise NetworkError(f"the script defines {given[0]} but not {other}; define both or neither")
    return bool(given)


def _checked_model(model: Any) -> Any:
    if not isinstance(model, keras.Model):
        raise NetworkError(f"model: got {kind(model)}; expected a keras.Model")
    if not model.compiled:
        raise NetworkError(
            "model: is not compiled; call model.compile(optimizer=..., loss=...) in the script"
        )
    return model


def _checked_batch_size(value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not number >= 1 or not number.is_integer():
        raise NetworkError(f"batch_size: got {value!r}; expected a whole number of at least 1")
    return int(number)


def _check_together(
    model: Any, parts: Mapping[str, tuple[Any, Any]], scored: bool
) -> tuple[Any, Scoring | None]:
    """Checks that the model runs on all images and that all labels fit its output.

    Returns:
        Shape of the model's output without the batch, and how to score it.
    """
    x_train, y_train = parts["train"]
    output = _try_forward(model, x_train, "x_train")
    scoring = None
    if scored:
        if not isinstance(output, tuple):
            raise NetworkError("the model has several outputs; the error in % needs exactly one")
        scoring = scoring_of(y_train, output, model.loss)
    for part, (images, labels) in parts.items():
        if data.row_shapes(images) != data.row_shapes(x_train):
            _try_forward(model, images, f"x_{part}")
        if part != "train" and scored:
            check_same_encoding(labels, f"y_{part}", y_train, output[-1] if output else 1)
    return output, scoring


def _try_forward(model: Any, images: Any, name: str) -> Any:
    """Runs the model on two images, which also builds it; the output's shape without the batch."""
    try:
        output = model(data.rows(images, slice(0, 2)), training=False)
    except Exception as error:
        shapes = ", ".join(str(array.shape) for array in data.arrays(images))
        raise NetworkError(
            f"the model fails on {name} (shape {shapes}): {explained(error)}"
        ) from error
    if not hasattr(output, "shape"):
        return [tuple(map(int, one.shape[1:])) for one in keras.tree.flatten(output)]
    return tuple(int(size) for size in output.shape[1:])
