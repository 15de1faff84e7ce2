"""A network as a rendered script leaves it: model and data, checked; trained and judged."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.network import rendered_script
from hwsearch.network.rendered_script import NetworkError
from hwsearch.network.scoring import Scoring, check_alike, scoring

__all__ = ["Network", "NetworkError", "TrainResult"]

REQUIRED = ("model", "x_train", "y_train", "x_test", "y_test", "batch_size")
OPTIONAL = ("x_val", "y_val")


@dataclass(slots=True)
class TrainResult:
    """What became of a training.

    Attributes:
        error: Of the validation set after the last epoch, %; NaN if the training diverged.
        epochs: That were begun.
        history: One number an epoch: `loss` and the compiled metrics (training), `error` (%,
            validation).
        seconds: Of all epochs.
        first_step: Moment of the first training step, `time.time()`.
        reason: Why the error is NaN; "" if it is not.
    """

    error: float = math.nan
    epochs: int = 0
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    first_step: float | None = None
    reason: str = ""


@dataclass(slots=True)
class Network:
    """A compiled Keras model and its data.

    Images are arrays of shape (n, ...), or lists, tuples or dictionaries of them for a model with
    several inputs; labels are arrays of shape (n, ...).

    Attributes:
        split: Where the validation set comes from, for people.
        output: Shape of the model's output without the batch.
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
    scoring: Scoring
    output: tuple[int, ...]

    @classmethod
    def from_script(cls, path: str | os.PathLike[str], seed: int, split_seed: int = 0) -> Network:
        """Runs a rendered script and takes what it leaves.

        Args:
            path: Of the script.
            seed: Of the network's initial weights.
            split_seed: Of the validation split, which is made when the script leaves no `x_val`;
                all networks of a search get the same.

        Raises:
            NetworkError: The script raises, or what it leaves is missing, unusable or does not
                fit together.
        """
        import keras  # noqa: PLC0415 - heavy

        path = Path(path).absolute()
        keras.utils.set_random_seed(seed)
        names = rendered_script.run(path)
        try:
            _check_backend(keras)
            return cls._from_names(names, path, split_seed)
        except NetworkError as error:
            raise NetworkError(f"{path.name}: {error}") from error.__cause__

    @classmethod
    def _from_names(cls, names: Mapping[str, Any], path: Path, split_seed: int) -> Network:
        for name in ("x_train", "x_val", "x_test"):
            _refuse_streams(names.get(name), name)
        missing = [name for name in REQUIRED if names.get(name) is None]
        if missing:
            raise NetworkError(
                f"the script leaves no {', '.join(missing)}; it must leave {', '.join(REQUIRED)} "
                f"(optional: {' and '.join(OPTIONAL)})"
            )
        given = [name for name in OPTIONAL if names.get(name) is not None]
        if len(given) == 1:
            other = next(name for name in OPTIONAL if name not in given)
            raise NetworkError(f"the script leaves {given[0]} but no {other}; leave both or none")
        model = _checked_model(names["model"])
        batch_size = _checked_batch_size(names["batch_size"])
        several = len(getattr(model, "inputs", None) or ()) > 1
        parts = ["train", "test", *(["val"] if given else [])]
        data: dict[str, tuple[Any, Any]] = {}
        for part in parts:
            images = _as_images(names[f"x_{part}"], several, f"x_{part}")
            labels = _as_array(names[f"y_{part}"], f"y_{part}")
            _check_lengths(images, labels, part)
            data[part] = images, labels
        x_train, y_train = data["train"]
        output = _try_forward(model, x_train, "x_train")
        how = scoring(y_train, output, model.loss)
        for part in parts[1:]:
            images, labels = data[part]
            if _shapes(images) != _shapes(x_train):
                _try_forward(model, images, f"x_{part}")
            check_alike(labels, f"y_{part}", y_train, output[-1] if output else 1)
        split = "x_val, y_val of the script"
        if not given:
            data["train"], data["val"] = _split(*data["train"], split_seed)
            split = f"{_length(data['val'][0])} images taken from x_train at random"
        return cls(model, *data["train"], *data["val"], *data["test"], batch_size, path, split,
                   how, output)  # fmt: skip

    def train(
        self,
        epochs: int,
        seed: int,
        callbacks: Sequence[Any] = (),
        say: Callable[[str], None] = print,
    ) -> TrainResult:
        """Trains on the training set; judges on the validation set after every epoch.

        Args:
            epochs: How many at most.
            seed: Of the order of the images, dropout and the like.
            callbacks: Keras callbacks; after ours, so that `logs["error"]` is there.
            say: Takes one line an epoch.

        Raises:
            NetworkError: Keras raises.
        """
        import keras  # noqa: PLC0415 - heavy

        from hwsearch.network.training import EpochReport  # noqa: PLC0415 - defines a Keras callback

        keras.utils.set_random_seed(seed)
        report = EpochReport(self, epochs, say)
        began = time.monotonic()
        try:
            self.model.fit(
                self.x_train,
                self.y_train,
                batch_size=self.batch_size,
                epochs=epochs,
                verbose=0,
                callbacks=[keras.callbacks.TerminateOnNaN(), report, *callbacks],
            )
        except NetworkError:
            raise
        except Exception as error:
            raise NetworkError(
                f"{self.path.name}: training failed in epoch {report.epochs}: "
                f"{rendered_script.explained(error)}"
            ) from error
        return TrainResult(
            report.error,
            report.epochs,
            report.history,
            time.monotonic() - began,
            report.first_step,
            report.reason,
        )

    def validation_error(self) -> float:
        """The error on the validation set, %."""
        return self._error(self.x_val, self.y_val)

    def test_error(self) -> float:
        """The error on the test set, %. For the best network only: the search must not see it."""
        return self._error(self.x_test, self.y_test)

    def _error(self, images: Any, labels: Any) -> float:
        predictions = self.model.predict(images, batch_size=self.batch_size, verbose=0)
        return self.scoring.error(labels, predictions)


def _checked_model(model: Any) -> Any:
    import keras  # noqa: PLC0415 - heavy

    if not isinstance(model, keras.Model):
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        raise NetworkError(f"model is a {kind}; it must be a keras.Model")
    if not model.compiled:
        raise NetworkError(
            "model is not compiled; call model.compile(optimizer=..., loss=...) in the script"
        )
    return model


def _checked_batch_size(value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not number >= 1 or number != int(number):
        raise NetworkError(f"batch_size is {value!r}; it must be a whole number of at least 1")
    return int(number)


def _as_array(value: Any, name: str) -> Any:
    try:
        array = np.asarray(value)
    except Exception as error:
        raise NetworkError(f"{name} cannot be made a NumPy array: {error}") from error
    if array.ndim == 0 or array.dtype == object:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise NetworkError(f"{name} is a {kind}; it must be an array with one row an image")
    return array


def _refuse_streams(value: Any, name: str) -> None:
    """Data sets that give batches: a generator, tf.data, keras.utils.PyDataset."""
    is_array = hasattr(value, "shape") or hasattr(value, "__array__")
    if not (value is None or is_array or isinstance(value, Sequence | Mapping)):
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise NetworkError(
            f"{name} is a {kind}; it must be an array with one row an image, "
            f"and y_{name[2:]} another with their labels"
        )


def _as_images(value: Any, several: bool, name: str) -> Any:
    """One array, or the structure of arrays that a model with several inputs takes."""
    if isinstance(value, Mapping):
        return {key: _as_array(part, f"{name}[{key!r}]") for key, part in value.items()}
    if several and isinstance(value, list | tuple):
        return type(value)(_as_array(part, f"{name}[{n}]") for n, part in enumerate(value))
    return _as_array(value, name)


def _arrays(images: Any) -> list[Any]:
    if isinstance(images, Mapping):
        return list(images.values())
    return list(images) if isinstance(images, list | tuple) else [images]


def _shapes(images: Any) -> list[tuple[int, ...]]:
    """Of one row of each array."""
    return [array.shape[1:] for array in _arrays(images)]


def _length(images: Any) -> int:
    return len(_arrays(images)[0])


def _rows(images: Any, which: Any) -> Any:
    if isinstance(images, Mapping):
        return {key: part[which] for key, part in images.items()}
    if isinstance(images, list | tuple):
        return type(images)(part[which] for part in images)
    return images[which]


def _check_lengths(images: Any, labels: Any, part: str) -> None:
    lengths = {len(array) for array in _arrays(images)} | {len(labels)}
    if len(lengths) > 1:
        raise NetworkError(
            f"x_{part} has {_length(images)} rows and y_{part} {len(labels)}; they must match"
        )
    if lengths == {0}:
        raise NetworkError(f"x_{part} and y_{part} are empty")


def _try_forward(model: Any, images: Any, name: str) -> tuple[int, ...]:
    """Runs the model on two images, which also builds it; the output's shape without the batch."""
    try:
        output = model(_rows(images, slice(0, 2)), training=False)
    except Exception as error:
        shapes = ", ".join(str(array.shape) for array in _arrays(images))
        raise NetworkError(
            f"model fails on {name} of shape {shapes}: {rendered_script.explained(error)}"
        ) from error
    if not hasattr(output, "shape"):
        raise NetworkError("model has several outputs; the error in % needs one")
    return tuple(int(size) for size in output.shape[1:])


def _split(images: Any, labels: Any, seed: int) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """A tenth for validation, but 1000 images (or a quarter, if that is less) at least."""
    count = len(labels)
    size = max(count // 10, min(1000, count // 4))
    if size == 0:
        raise NetworkError(f"x_train has {count} rows; too few to take a validation set from")
    order = np.random.default_rng(seed).permutation(count)
    held, kept = np.sort(order[:size]), np.sort(order[size:])
    return (_rows(images, kept), labels[kept]), (_rows(images, held), labels[held])


def _check_backend(keras: Any) -> None:
    wanted, actual = os.environ.get("KERAS_BACKEND"), keras.backend.backend()
    if wanted and wanted != actual:
        raise NetworkError(
            f"the script sets KERAS_BACKEND={wanted}, but Keras runs on {actual} already; "
            f"set it before you start: KERAS_BACKEND={wanted} ./run_tool.sh"
        )
