"""The arrays that a script defines: read, checked, counted and split.

Images are one array of shape (n, ...), or a list, tuple or dictionary of such arrays for a model
with several inputs. Labels are one array of shape (n, ...).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError, explained, kind

#: Row numbers.
Numbers = NDArray[np.int64]
#: The validation set is a tenth of the training images, but at least this many (or a quarter of
#: all, if that is less).
LEAST_VALIDATION = 1000


def refuse_stream(value: Any, name: str) -> None:
    """Refuses a data set that yields batches: a generator, `tf.data`, `keras.utils.PyDataset`.

    Args:
        value: What the script defines under the name; None is accepted.
        name: "x_train", "x_val" or "x_test".

    Raises:
        NetworkError: It is a stream.
    """
    is_array = hasattr(value, "shape") or hasattr(value, "__array__")
    if not (value is None or is_array or isinstance(value, Sequence | Mapping)):
        raise NetworkError(
            f"{name}: got {kind(value)}; expected an array with one row per image "
            f"(and their labels as another array, y_{name[2:]})"
        )


def read(names: Mapping[str, Any], part: str, several_inputs: bool) -> tuple[Any, NDArray[Any]]:
    """The images and labels of one part of the data.

    Args:
        names: What the script defines.
        part: "train", "val" or "test".
        several_inputs: Whether the model has several inputs.

    Raises:
        NetworkError: They are not arrays, are empty, have different numbers of rows, or are not
            finite.
    """
    images = _as_images(names[f"x_{part}"], several_inputs, f"x_{part}")
    labels = _as_array(names[f"y_{part}"], f"y_{part}")
    lengths = list(dict.fromkeys(len(array) for array in arrays(images)))
    if lengths != [len(labels)]:
        counts = " and ".join(map(str, lengths)) or "no"
        raise NetworkError(
            f"x_{part} has {counts} rows but y_{part} has {len(labels)}; "
            "expected one label per image"
        )
    if lengths == [0]:
        raise NetworkError(f"x_{part} and y_{part} are empty; expected at least one row")
    return images, labels


def arrays(images: Any) -> list[Any]:
    """The single arrays of images."""
    if isinstance(images, Mapping):
        return list(images.values())
    return list(images) if isinstance(images, list | tuple) else [images]


def row_shapes(images: Any) -> list[tuple[int, ...]]:
    """The shape of one row of each array."""
    return [array.shape[1:] for array in arrays(images)]


def length(images: Any) -> int:
    """The number of images."""
    first = arrays(images)[0]
    return int(first.shape[0]) if hasattr(first, "shape") else len(first)


def rows(images: Any, which: Any) -> Any:
    """Some of the images, in the same structure of arrays.

    Args:
        images: As in the module's description.
        which: A slice or an array of row numbers.
    """
    if isinstance(images, Mapping):
        return {key: rows(array, which) for key, array in images.items()}
    if isinstance(images, list | tuple):
        return type(images)(rows(array, which) for array in images)
    if hasattr(images, "iloc"):  # pandas
        return images.iloc[which]
    if hasattr(images, "tocsr"):  # SciPy's sparse matrices
        return images.tocsr()[which]
    chosen = (images if isinstance(images, np.ndarray) else as_array(images))[which]
    if getattr(getattr(images, "dtype", None), "name", "") == "string":
        import tensorflow as tf  # noqa: PLC0415 - of one backend alone

        return tf.constant(chosen)  # Keras takes text of several dimensions only as a tensor
    return chosen


def fixed_rows(model: Any) -> int | None:
    """The batch size that a model insists on, such as a stateful recurrent one; None = any."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0]:
            return int(tensor.shape[0])
    return None


def split(
    count: int,
    seed: int,
    share: float | None = None,
    name: str = "x_train",
    batch: int | None = None,
) -> tuple[Numbers, Numbers]:
    """Takes a validation set from the training set at random.

    Args:
        count: Rows of the training set.
        seed: Selects the rows.
        share: The share to take; None = a tenth, but at least `LEAST_VALIDATION` or a quarter.
        name: What messages call it.
        batch: The batch size that the model insists on: if it divides the number of rows, it
            divides that of each part too. None = any.

    Returns:
        The numbers of the rows that remain for training, and of those of the validation set; both
        in ascending order.

    Raises:
        NetworkError: There are too few rows for a row in each.
    """
    size = max(count // 10, min(LEAST_VALIDATION, count // 4))
    if share is not None:
        size = min(max(round(count * share), 1), count - 1)
    if size < 1:
        raise NetworkError(
            f"{name}: got {count} rows; expected at least 4, because a part of them becomes the "
            "validation set (unless the script defines x_val and y_val)"
        )
    if batch and not count % batch and count >= 2 * batch:
        size = min(math.ceil(size / batch) * batch, count - batch)
    order = np.random.default_rng(seed).permutation(count)
    return np.sort(order[size:]), np.sort(order[:size])


def single(value: Any) -> Any:
    """What is in a list, tuple or dictionary of one; anything else as it is."""
    if not isinstance(value, list | tuple | Mapping) or len(value) != 1:
        return value
    (found,) = value.values() if isinstance(value, Mapping) else value
    return found


def only(value: Any) -> Any:
    """The one array of a list, tuple or dictionary of one; anything else as it is.

    Keras takes the labels of a model with one output in either form.
    """
    found = single(value)
    return found if hasattr(found, "shape") else value


def as_array(value: Any) -> NDArray[Any]:
    """A NumPy array of an array or tensor, on whatever device it is."""
    if hasattr(value, "detach"):  # torch
        value = value.detach().cpu()
    if hasattr(value, "toarray"):  # SciPy's sparse matrices
        value = value.toarray()
    array = np.asarray(value)
    if array.dtype == object and hasattr(value, "columns") and _are_numbers(value):
        return array.astype(keras.config.floatx())  # pandas: columns of numbers and of yes or no
    return array


def _are_numbers(table: Any) -> bool:
    return all(column.kind in "biuf" for column in table.dtypes)


def _is_text(array: NDArray[Any]) -> bool:
    return all(isinstance(value, str | bytes) for value in array.flat)


def _as_array(value: Any, name: str) -> NDArray[Any]:
    try:
        array = as_array(value)
    except Exception as error:
        text = f"{name}: cannot be converted to a NumPy array: {explained(error)}"
        raise NetworkError(text) from error
    if array.ndim == 0 or (array.dtype == object and not _is_text(array)):
        raise NetworkError(f"{name}: got {kind(value)}; expected an array with one row per image")
    _refuse_not_finite(array, name)
    return array


def check(parts: Mapping[str, Any]) -> None:
    """Checks what `fit` gets as arrays, in any form that has rows.

    Args:
        parts: Inputs, labels and weights by what messages call them; None is accepted.

    Raises:
        NetworkError: They are empty, have different numbers of rows, hold something else than
            numbers or text, or NaN or infinity.
    """
    given = {name: value for name, value in parts.items() if value is not None}
    counts: dict[str, int] = {}
    for name, value in given.items():
        for label, part in _leaves(value, name):
            counts[label] = _count(part, label)
            _refuse_objects(part, label)
    (first, rows), *others = counts.items()
    if rows == 0:
        raise NetworkError(f"{first}: is empty; expected at least one row")
    for name, count in others:
        if count != rows:
            raise NetworkError(
                f"{name}: got {count} rows, but {first} has {rows}; expected as many"
            )
    for name, value in given.items():
        refuse_not_finite(value, name)


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The single arrays of a list, tuple or dictionary, each with its name in messages."""
    if isinstance(value, Mapping):
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list | tuple) and any(hasattr(part, "shape") for part in value):
        items = enumerate(value)
    else:
        yield name, value
        return
    for key, part in items:
        yield from _leaves(part, f"{name}[{key!r}]")


def refuse_lists(value: Any, name: str) -> None:
    """Refuses a list of numbers or of further lists, where an array is expected.

    Args:
        value: An array or tensor, or a list, tuple or dictionary of these.
        name: What messages call it.

    Raises:
        NetworkError: It is such a list, or has one.
    """
    for label, part in _leaves(value, name):
        _refuse_list(part, label)


def _refuse_list(value: Any, name: str) -> None:
    if isinstance(value, list | tuple):
        found = kind(value[0]) if value else "nothing"
        raise NetworkError(
            f"{name}: got a {type(value).__name__} of {found}; "
            "expected an array with one row per image: numpy.array(...)"
        )


def _count(value: Any, name: str) -> int:
    shape = getattr(value, "shape", None)
    refuse_ragged(value, name)
    _refuse_list(value, name)
    if not shape:
        raise NetworkError(f"{name}: got {kind(value)}; expected an array with one row per image")
    return int(shape[0])


def _refuse_objects(value: Any, name: str) -> None:
    """Refuses arrays and tables of Python objects, which Keras cannot convert; text it can.

    Raises:
        NetworkError: It is one.
    """
    if hasattr(value, "columns"):  # pandas: a table
        others = [name for name, one in value.dtypes.items() if one.kind not in "biuf"]
        if others and len(others) < len(value.columns):  # text alone is for text layers
            columns = ", ".join(map(repr, others[:5]))
            raise NetworkError(
                f"{name}: got a table with text or categories in {columns}; expected numbers only, "
                "or dict(table) for a model with an input for each column"
            )
    if isinstance(value, np.ndarray) and value.dtype == object and not _is_text(value):
        first = value.flat[0]
        remedy = "expected numbers: .astype('float32')"
        if isinstance(first, list | tuple | np.ndarray):
            remedy = "expected rows of one length: keras.utils.pad_sequences(...)"
        raise NetworkError(f"{name}: got an array of Python objects ({kind(first)}); {remedy}")


def refuse_ragged(value: Any, name: str) -> None:
    """Refuses a `tf.RaggedTensor`: what a network costs depends on the length of its rows.

    Args:
        value: An array or tensor, or a structure of them.
        name: What messages call it.

    Raises:
        NetworkError: It is one, or has one.
    """
    for part in keras.tree.flatten(value):
        if type(part).__name__ == "RaggedTensor":
            raise NetworkError(
                f"{name}: got a RaggedTensor; expected rows of one length: its to_tensor()"
            )


def refuse_not_finite(value: Any, name: str) -> None:
    """Refuses NaN and infinity in what `fit` gets, in any form that has rows.

    Args:
        value: An array, tensor, table, sparse matrix or list of numbers, or a list, tuple or
            dictionary of these; None is accepted.
        name: What messages call it.

    Raises:
        NetworkError: There are such numbers; says how many, and where the first one is.
    """
    if isinstance(value, Mapping):
        for key, part in value.items():
            refuse_not_finite(part, f"{name}[{key!r}]")
    elif isinstance(value, list | tuple) and any(hasattr(part, "shape") for part in value):
        for number, part in enumerate(value):
            refuse_not_finite(part, f"{name}[{number}]")
    elif hasattr(value, "tocoo"):  # SciPy's sparse matrices: the other numbers are 0
        if value.data.dtype.kind == "f" and not np.isfinite(value.data).all():
            _refuse_not_finite(value.toarray(), name)
    elif value is not None:
        try:
            array = as_array(value)
        except Exception:
            return  # Keras says what is wrong with it
        _refuse_not_finite(array, name)


def _refuse_not_finite(array: NDArray[Any], name: str) -> None:
    """Refuses an array with NaN or infinity, which makes every network as good as a guess.

    Raises:
        NetworkError: It has; says how many, and where the first one is.
    """
    if array.dtype.kind != "f" or array.size == 0:
        return
    # The minimum is NaN if any number is. Unlike `isnan`, it takes no memory.
    if np.isfinite(array.min()) and np.isfinite(array.max()):
        return
    missing = np.isnan(array)
    what, remedy = "NaN", "replace or leave out what is missing"
    if not missing.any():
        missing = np.isinf(array)
        what, remedy = "infinity", "such numbers come from a division by 0 or an overflow"
    row = int(np.flatnonzero(missing.reshape(len(array), -1).any(axis=1))[0]) if array.ndim else 0
    raise NetworkError(
        f"{name}: got {what} as {missing.sum():,} of {array.size:,} numbers, the first in row "
        f"{row}; expected finite numbers: {remedy}"
    )


def _as_images(value: Any, several_inputs: bool, name: str) -> Any:
    """One array, or the structure of arrays that a model with several inputs takes."""
    if isinstance(value, Mapping):
        return {key: _as_array(array, f"{name}[{key!r}]") for key, array in value.items()}
    if several_inputs and isinstance(value, list | tuple):
        return type(value)(_as_array(array, f"{name}[{n}]") for n, array in enumerate(value))
    return _as_array(value, name)
