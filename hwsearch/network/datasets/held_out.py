"""Data that a network is evaluated on: arrays, or anything that yields batches."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness
from hwsearch.network.datasets import data, positions
from hwsearch.network.datasets.data import as_array
from hwsearch.network.errors import NetworkError, explained, kind

#: Batches from which the form of the labels of a stream is read.
LABEL_BATCHES = 32
#: Batches after which a generator for validation, which keeps them all, counts as endless.
MOST_BATCHES = 10_000


_NAMES = (
    "the validation data",
    "the labels of the validation data",
    "the weights of the validation data",
)


def is_number(value: Any) -> bool:
    """Whether a metric is one number, not an array such as an F1 score for each class."""
    return int(np.size(keras.ops.convert_to_numpy(value))) == 1


def is_stream(value: Any) -> bool:
    """Whether Keras takes batches from it: `tf.data`, `PyDataset`, `DataLoader`, a generator."""
    if value is None or isinstance(value, Mapping | list | tuple | str | bytes):
        return False
    return not (hasattr(value, "shape") or hasattr(value, "__array__") or hasattr(value, "iloc"))


def is_read_once(value: Any) -> bool:
    """Whether a stream is a generator or the like, whose batches are gone once they were read."""
    # An iterator of `ImageDataGenerator` never ends, but is a PyDataset as well.
    return isinstance(value, Iterator) and not isinstance(value, keras.utils.PyDataset)


def is_endless(value: Any) -> bool:
    """Whether a stream says of itself that it never ends, such as after `.repeat()`."""
    if isinstance(value, keras.utils.PyDataset):
        return value.num_batches is None
    return hasattr(value, "cardinality") and int(value.cardinality()) == -1


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches in a list: what a generator gave, to be read again and again."""

    def __init__(self, batches: Sequence[Any]) -> None:
        super().__init__()
        self._batches = list(batches)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, number: int) -> Any:
        return self._batches[number]


@dataclass(slots=True)
class HeldOut:
    """Inputs and labels for evaluation.

    Attributes:
        x: Arrays in the structure of the model's inputs, or a stream of batches.
        y: Arrays in the structure of its outputs; None with a stream.
        sample_weight: Arrays, or None.
        steps: With a stream, how many batches belong to it; None = all.
        batch_size: Rows per batch, of arrays.
        count: Rows, of arrays; after `predicted`, those that count. None = unknown.
        names: What messages call inputs, labels and weights.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    steps: int | None = None
    batch_size: int = 32
    count: int | None = None
    names: tuple[str, str, str] = _NAMES
    _masked: positions.Masked | None = None

    def __post_init__(self) -> None:
        if not is_stream(self.x):
            with contextlib.suppress(IndexError, TypeError):  # `check` says what is wrong
                self.count = data.length(self.x)

    @classmethod
    def of_argument(
        cls,
        value: Any,
        steps: int | None,
        batch_size: int,
        names: tuple[str, str, str] = _NAMES,
    ) -> HeldOut:
        """Reads what `fit` gets as `validation_data`.

        A generator can be read only once: its batches are kept, so that they can be read after
        every epoch.

        Raises:
            NetworkError: It is nothing that Keras takes.
        """
        if not is_stream(value):
            x, y, weight = _unpacked(value, "validation_data")
            return cls(x, y, weight, None, batch_size, names=names)
        if not (isinstance(value, keras.utils.PyDataset) or hasattr(value, "__iter__")):
            raise NetworkError(
                f"validation_data: got {kind(value)}; expected (inputs, labels) or their batches"
            )
        if steps is None and is_endless(value):
            raise NetworkError(
                f"validation_data: got {kind(value)} without an end; expected validation_steps=, "
                "the number of its batches"
            )
        if is_read_once(value):
            value = Batches(_read(value, steps))
        return cls(value, steps=steps, batch_size=batch_size)

    def first(self, batches: int | None) -> HeldOut:
        """The first batches of arrays; all with None. A stream has its `steps` already."""
        count = (batches or 0) * self.batch_size
        if is_stream(self.x) or not 0 < count < (self.count or 0):
            return self
        parts = (self.x, self.y, self.sample_weight)
        x, y, weight = (None if one is None else data.rows(one, slice(count)) for one in parts)
        return HeldOut(x, y, weight, None, self.batch_size, names=self.names)

    def check(self) -> None:
        """Checks arrays; a stream is not read.

        Raises:
            NetworkError: They have different numbers of rows, or NaN or infinity.
        """
        if not is_stream(self.x):
            parts = (self.x, self.y, self.sample_weight)
            data.check(dict(zip(self.names, parts, strict=True)))

    @property
    def argument(self) -> Any:
        """The same for `fit`'s `validation_data`."""
        if is_stream(self.x):
            return self.x
        values = (self.x, self.y, self.sample_weight)
        return values if self.sample_weight is not None else values[:2]

    def batches(self) -> Iterator[tuple[Any, Any]]:
        """Inputs and labels, batch by batch; arrays are one batch."""
        return ((x, y) for x, y, _ in self._weighted_batches())

    def _weighted_batches(self) -> Iterator[tuple[Any, Any, Any]]:
        if not is_stream(self.x):
            yield self.x, self.y, self.sample_weight
            return
        for batch in self.raw_batches():
            yield _unpacked(batch, f"a batch of {self.names[0]}")

    def raw_batches(self) -> Iterator[Any]:
        """What a stream yields, as a `train_step` of the script's gets it."""
        if isinstance(self.x, keras.utils.PyDataset):
            count = self.x.num_batches
            numbers = itertools.count() if count is None else range(count)
            found: Iterator[Any] = (self.x[number] for number in numbers)
        else:
            found = iter(self.x)
        return itertools.islice(found, self.steps)

    def sample(self, model: Any) -> Any:
        """Inputs of some rows, as arrays: those of the first batch of a stream.

        Raises:
            NetworkError: The stream fails, or has no batch.
        """
        return self.first_batch(model)[0]

    def first_batch(self, model: Any) -> tuple[Any, Any]:
        """Inputs, as arrays, and labels of the first batch of a stream; all rows of arrays.

        Raises:
            NetworkError: The stream fails, or has no batch.
        """
        with self._reading(), randomness.unchanged(model):
            for x, y in self.batches():
                data.refuse_ragged(x, f"a batch of {self.names[0]}")
                return keras.tree.map_structure(as_array, x), y
        raise NetworkError(f"{self.names[0]} yields no batch; expected at least one")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Says which data could not be read if an exception is raised inside."""
        try:
            yield
        except NetworkError:
            raise
        except Exception as error:
            raise NetworkError(f"reading {self.names[0]} failed: {explained(error)}") from error

    def labels(self, model: Any) -> Any:
        """The labels, of the first batches of a stream that have the shape of the very first.

        Returns:
            One array, or None if there are none or several per row.

        Raises:
            NetworkError: The stream fails.
        """
        with self._reading(), randomness.unchanged(model):
            found = [data.only(y) for _, y in itertools.islice(self.batches(), LABEL_BATCHES)]
        if not found or any(y is None or keras.tree.is_nested(y) for y in found):
            return None
        arrays = [as_array(y) for y in found]
        return np.concatenate([one for one in arrays if one.shape[1:] == arrays[0].shape[1:]])

    def rows_change(self, model: Any) -> bool:
        """Whether another reading of a stream gives other rows, as far as labels show it.

        A stream of more than `LABEL_BATCHES` batches is not examined: another order alone is no
        fault, and only entire readings can be compared without regard to it.

        Raises:
            NetworkError: The stream fails.
        """
        if not is_stream(self.x) or isinstance(self.x, keras.utils.PyDataset):
            return False
        with self._reading(), randomness.unchanged(model):
            first, second = (
                [y for _, y in itertools.islice(self.batches(), LABEL_BATCHES + 1)]
                for _ in range(2)
            )
        if len(first) > LABEL_BATCHES or any(y is None for y in first):
            return False
        return _sorted_numbers(first) != _sorted_numbers(second)

    def contents(self, model: Any) -> list[bytes] | None:
        """A digest of each row, sorted; None if there are more than `LABEL_BATCHES` batches.

        Rows of whole or real numbers are equal if they are equal as float32.

        Raises:
            ValueError: Inputs and labels have different numbers of rows.
        """
        found: list[bytes] = []
        with randomness.unchanged(model):
            for number, (x, y) in enumerate(self.batches()):
                if number == LABEL_BATCHES:
                    return None
                parts = [as_array(part) for part in keras.tree.flatten((x, y)) if part is not None]
                found += (_digest(row) for row in zip(*parts, strict=True))
        return sorted(found)

    def evaluated(self, model: Any) -> dict[str, float]:
        """The losses and metrics that Keras reports, by name."""
        rows = {"batch_size": self.batch_size} if not is_stream(self.x) else {"steps": self.steps}
        with randomness.unchanged(model):
            found = model.evaluate(
                self.x,
                self.y,
                sample_weight=self.sample_weight,
                verbose=0,
                return_dict=True,
                **rows,
            )
        return {name: float(value) for name, value in found.items() if is_number(value)}

    def outputs(self, model: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Labels, outputs of a model, and weights: all at once, of a stream batch by batch.

        They belong together: another reading of a stream may give another order.
        """
        if not is_stream(self.x):
            given = model.predict(self.x, batch_size=self.batch_size, verbose=0)
            yield self.y, given, self.sample_weight
            return
        for x, y, weight in self._weighted_batches():
            yield y, model.predict_on_batch(x), weight

    def predicted(self, model: Any) -> tuple[Any, Any, Any]:
        """Runs the model, whose random numbers stay as they are.

        Returns:
            Labels, predictions, and which rows or positions count: those that the model does not
            mask and whose sample weight is not 0. Three arrays; the last may be None = all.
        """
        with randomness.unchanged(model):
            found = _filled([_parts(*one) for one in self.outputs(self._runner(model))])
        labels, predictions = (np.concatenate([one[part] for one in found]) for part in (0, 1))
        masks = [one[2] for one in found if one[2] is not None]
        counting = np.concatenate(masks) if masks else None
        self.count = len(labels)
        if counting is not None:
            self.count = int(counting.reshape(len(counting), -1).any(axis=1).sum())
        return labels, predictions, counting

    def _runner(self, model: Any) -> Any:
        """What runs the model: itself, or with its mask. The latter is kept, for it is compiled."""
        if not positions.may_mask(model):
            return model
        if self._masked is None or self._masked.inner is not model:
            self._masked = positions.Masked(model)
        return self._masked


def _parts(labels: Any, given: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Labels, predictions, and which of them count, of what `_runner` has given for them."""
    has_mask = isinstance(given, tuple) and len(given) == 2
    predictions, mask = map(data.only, given if has_mask else (given, None))
    counting = positions.both(mask, positions.weighted(weight))
    return as_array(data.only(labels)), predictions, counting


def _filled(batches: Sequence[tuple[Any, Any, Any]]) -> Sequence[tuple[Any, Any, Any]]:
    """What `_parts` gave, with rows of one length: that of `padded_batch` is another in each batch.

    Positions that are added do not count.
    """
    shapes = {tuple(given.shape[1:]) for _, given, _ in batches}
    if len(shapes) < 2 or len(set(map(len, shapes))) > 1:
        return batches
    has_classes = len({shape[-1] for shape in shapes}) == 1
    sizes = np.max([shape[:-1] if has_classes else shape for shape in shapes], axis=0)

    def filled(array: Any) -> Any:
        own = array.shape[1 : 1 + len(sizes)]
        added = [(0, size - one) for size, one in zip(sizes, own, strict=True)]
        return np.pad(array, [(0, 0), *added, *[(0, 0)] * (array.ndim - 1 - len(sizes))])

    found = []
    for labels, given, counting in batches:
        counted = positions.spread(counting, given.shape[: 1 + len(sizes)])
        found.append((filled(labels), filled(np.asarray(given)), filled(counted)))
    return found


def _read(generator: Iterator[Any], steps: int | None) -> list[Any]:
    """The batches of a generator.

    Raises:
        NetworkError: They do not end, as far as can be waited for.
    """
    batches: list[Any] = []
    for batch in itertools.islice(generator, steps):
        batches.append(batch)
        if steps is None and len(batches) > MOST_BATCHES:
            raise NetworkError(
                f"validation_data: got a generator that has not ended after {MOST_BATCHES:,} "
                "batches; expected validation_steps=, the number of batches to validate on"
            )
    return batches


def _unpacked(value: Any, name: str) -> tuple[Any, Any, Any]:
    if isinstance(value, list):
        value = tuple(value)
    try:
        x, y, weight = keras.utils.unpack_x_y_sample_weight(value)
    except (TypeError, ValueError):
        raise NetworkError(
            f"{name}: got {kind(value)}; expected (inputs, labels), or with weights as a third"
        ) from None
    return x, y, weight


def _digest(row: Sequence[Any]) -> bytes:
    """The inputs and labels of a row, in 16 bytes."""
    found = hashlib.blake2b(digest_size=16)
    for part in row:
        array = np.asarray(part)
        if array.dtype.kind in "biuf":  # in any precision
            found.update(array.astype("float32").tobytes())
        else:
            found.update(repr(array.tolist()).encode())
    return found.digest()


def _sorted_numbers(labels: Sequence[Any]) -> list[bytes]:
    """The labels of all rows without their order."""
    rows = [row for y in labels for part in keras.tree.flatten(y) for row in as_array(part)]
    return sorted(np.asarray(row).tobytes() for row in rows)
