"""Where a training is in its data, for data that come as a stream.

Arrays are read from the beginning in every epoch. So is a `tf.data.Dataset`, but each reading draws
its order from a generator of its own, of which only the number of readings is known. A torch
`DataLoader` may have such a generator too, whose state can be read.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.held_out import is_stream
from hwsearch.network.errors import kind
from hwsearch.network.replaced import replaced

#: Operations of TensorFlow that run Python, which may keep anything.
_OF_PYTHON = ("PyFunc", "EagerPyFunc", "PyFuncStateless")

#: Parts of a `tf.data.Dataset` that begin to read their input after their own beginning, or not at
#: each reading.
_READ_LATE = ("Cache", "Concatenate", "Repeat", "Shuffle")


def is_tf_dataset(value: Any) -> bool:
    """Whether data are a `tf.data.Dataset`."""
    if "tensorflow" not in sys.modules:
        return False
    import tensorflow as tf  # noqa: PLC0415 - only if the script has loaded it

    return isinstance(value, tf.data.Dataset)


def _is_loader(value: Any) -> bool:
    if "torch" not in sys.modules:
        return False
    import torch  # noqa: PLC0415 - only if the script has loaded it

    return isinstance(value, torch.utils.data.DataLoader)


def obstacle(value: Any) -> str:
    """Why a stream cannot be continued at its position; "" if it can be, or is no stream."""
    known = value is None or not is_stream(value)
    if known or isinstance(value, keras.utils.PyDataset) or _is_loader(value):
        return ""
    if is_tf_dataset(value):
        return _of_dataset(value)
    return f"the data are {kind(value)}, which cannot be continued at their position"


def _of_dataset(dataset: Any) -> str:
    """What a `tf.data.Dataset` remembers besides the number of its readings."""
    if _runs_python(dataset):
        return "a tf.data.Dataset that runs Python functions"
    if _draws_late(dataset):
        return (
            "a tf.data.Dataset that is shuffled and then cached, repeated, concatenated or "
            "shuffled again; expected one shuffle after these"
        )
    return ""


def _draws_late(dataset: Any) -> bool:
    """Whether a part draws its order for a reading at another moment than at its beginning."""
    parts = [(dataset, False)]
    while parts:
        part, is_below = parts.pop()
        name = type(part).__name__
        if is_below and "Shuffle" in name and getattr(part, "_reshuffle_each_iteration", True):
            return True
        is_below |= any(kind in name for kind in _READ_LATE)
        parts += [(one, is_below) for one in part._inputs()]
    return False


def _runs_python(dataset: Any) -> bool:
    """Whether a part of a `tf.data.Dataset` runs Python, as `from_generator` does."""
    parts = [dataset]
    while parts:
        part = parts.pop()
        parts += part._inputs()
        for function in part._functions():
            graph = function.function.graph.as_graph_def()
            inner = (node for one in graph.library.function for node in one.node_def)
            if any(node.op in _OF_PYTHON for node in (*graph.node, *inner)):
                return True
    return False


@dataclass(slots=True)
class Positions:
    """The positions in several streams.

    Args:
        streams: By name; values that are no streams have no position.
    """

    streams: Mapping[str, Any]
    _readings: Counter[str] = field(default_factory=Counter)

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Counts how often each `tf.data.Dataset` is read while this is open."""
        if "tensorflow" not in sys.modules:
            yield
            return
        import tensorflow as tf  # noqa: PLC0415 - only if the script has loaded it

        original = tf.data.Dataset.__iter__

        def counting(dataset: Any) -> Any:
            for name, stream in self.streams.items():
                if stream is dataset:
                    self._readings[name] += 1
                    break  # one that is trained and validated on has one position
            return original(dataset)

        with replaced(tf.data.Dataset, "__iter__", counting):
            yield

    def reset(self) -> None:
        """Makes the present positions the first ones."""
        self._readings.clear()

    def state(self) -> dict[str, Any]:
        """The positions now, as plain values."""
        return {
            "readings": dict(self._readings),
            "generators": {
                name: [one.get_state().numpy() for one in _generators(stream)]
                for name, stream in self.streams.items()
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes to the positions that `state` gave, from the first ones."""
        for name, count in state["readings"].items():
            for _ in range(count):
                iter(self.streams[name])  # counts itself
        for name, states in state["generators"].items():
            for generator, value in zip(_generators(self.streams[name]), states, strict=True):
                import torch  # noqa: PLC0415 - there is a generator of it

                generator.set_state(torch.from_numpy(value))


def _generators(stream: Any) -> list[Any]:
    """The generators of a torch `DataLoader`, without torch's global one."""
    if not _is_loader(stream):
        return []
    found = [getattr(stream, "generator", None)]
    found.append(getattr(getattr(stream, "sampler", None), "generator", None))
    return list({id(one): one for one in found if one is not None}.values())
