"""A steady load of inference: one batch through a network, again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from hwsearch.errors import UserError


class Load(Protocol):
    """What a profiler runs and measures."""

    images_per_run: int

    def run(self) -> None:
        """One batch, to completion."""


class LoadError(UserError):
    """The network cannot be run on the data that came with it."""


class InferenceLoad:
    """Forward passes of a Keras model over one fixed batch, on any Keras backend.

    The batch lies on the device before the first run; a run ends when the results are on the host
    (GPUs work asynchronously: returning from the call means nothing). The forward pass is traced
    and compiled here (TensorFlow: a graph; JAX: jit; torch: eager, as Keras itself runs it), so no
    run pays for it. Weights are not changed; they need not be trained.

    Args:
        model: A built Keras model.
        images: Inputs, shape (n, ...): an array, or a list, tuple or dictionary of arrays as the
            model takes them. Fewer than a batch are repeated to fill one.
        batch_size: Images a run.

    Attributes:
        images_per_run: The batch size.
        backend: Keras' backend.
        on_gpu: Whether the backend runs it on a GPU.

    Raises:
        LoadError: No images, a batch size under 1, or a model that fails on them.
    """

    def __init__(self, model: Any, images: Any, batch_size: int) -> None:
        import keras  # noqa: PLC0415 - seconds of import, and only where a model exists

        if batch_size < 1:
            raise LoadError(f"batch size: got {batch_size}, must be at least 1")
        self.images_per_run = int(batch_size)
        self.backend = keras.backend.backend()
        self.on_gpu = _on_gpu()
        batch = keras.tree.map_structure(lambda array: _batch(array, self.images_per_run), images)
        try:
            self._forward = _compiled(model, batch, self.backend)
            self.run()
        except Exception as error:
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise LoadError(
                f"the network fails on a batch of {batch_size} images: {first_line}"
            ) from error

    def run(self) -> None:
        """Runs one batch; returns when its results are on the host."""
        _to_host(self._forward())

    def run_many(self, runs: int) -> None:
        """Runs batches back to back without waiting for each; returns when all are on the host.

        On a GPU this is the throughput of a full queue: less time a batch than `run`.
        """
        for output in [self._forward() for _ in range(runs)]:
            _to_host(output)


def _batch(array: Any, size: int) -> np.ndarray:
    """The first `size` rows, going round when there are fewer."""
    array = np.asarray(array)
    if array.ndim == 0 or len(array) == 0:
        raise LoadError("no images to run the network on: the test data is empty")
    return np.take(array, np.arange(size) % len(array), axis=0)


def _on_gpu() -> bool:
    """Where the backend puts arrays by default."""
    import keras  # noqa: PLC0415

    place = str(getattr(keras.ops.zeros(()), "device", "")).lower()
    return "gpu" in place or "cuda" in place


def _to_host(outputs: Any) -> None:
    import keras  # noqa: PLC0415

    for output in keras.tree.flatten(outputs):
        keras.ops.convert_to_numpy(output)


def _compiled(model: Any, batch: Any, backend: str) -> Callable[[], Any]:
    """A function without arguments that starts one forward pass and returns its outputs."""
    import keras  # noqa: PLC0415

    inputs = keras.tree.map_structure(keras.ops.convert_to_tensor, batch)
    model(inputs, training=False)  # builds what is not built yet, outside any trace
    if backend == "tensorflow":
        return _tensorflow(model, inputs)
    if backend == "jax":
        return _jax(model, inputs)
    if backend == "torch":
        return _torch(model, inputs)
    return lambda: model(inputs, training=False)


def _tensorflow(model: Any, inputs: Any) -> Callable[[], Any]:
    import tensorflow as tf  # noqa: PLC0415

    forward = tf.function(lambda x: model(x, training=False), autograph=False)
    return lambda: forward(inputs)


def _jax(model: Any, inputs: Any) -> Callable[[], Any]:
    import jax  # noqa: PLC0415

    trainable = [variable.value for variable in model.trainable_variables]
    fixed = [variable.value for variable in model.non_trainable_variables]
    forward = jax.jit(lambda t, f, x: model.stateless_call(t, f, x, training=False)[0])
    return lambda: forward(trainable, fixed, inputs)


def _torch(model: Any, inputs: Any) -> Callable[[], Any]:
    import torch  # noqa: PLC0415

    def forward() -> Any:
        with torch.inference_mode():
            return model(inputs, training=False)

    return forward
