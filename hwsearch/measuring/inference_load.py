"""A steady load of inference: one batch through a network, again and again."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from hwsearch.errors import UserError
from hwsearch.keras_runtime import keras


class LoadError(UserError):
    """The network cannot be run on the data that came with it."""


class InferenceLoad:
    """Forward passes of a Keras model over one fixed batch, on any Keras backend.

    The batch is on the device before the first run; a run ends when the results are on the host,
    because GPUs work asynchronously and a call may return before the work is done. The forward
    pass is traced and compiled here (TensorFlow: a graph; JAX: jit; torch: eager, as Keras itself
    runs it), so that no run includes it. Weights are not changed and need not be trained.

    Args:
        model: A Keras model.
        images: Inputs, shape (n, ...): an array, or a list, tuple or dictionary of arrays as the
            model takes them. If there are fewer than `batch_size`, they are repeated.
        batch_size: Images per run.

    Attributes:
        images_per_run: The batch size.
        backend: The name of the Keras backend.
        on_gpu: Whether the backend runs the model on a GPU.

    Raises:
        LoadError: No images, a batch size below 1, or a model that fails on the images.
    """

    def __init__(self, model: Any, images: Any, batch_size: int) -> None:
        if batch_size < 1:
            raise LoadError(f"batch size: got {batch_size}; expected at least 1")
        self.images_per_run = int(batch_size)
        self.backend = keras.backend.backend()
        self.on_gpu = on_gpu()
        try:
            batch = keras.tree.map_structure(
                lambda array: _batch(array, self.images_per_run), images
            )
            self._forward = _compiled(model, batch, self.backend)
            self.run()
        except LoadError:
            raise
        except Exception as error:
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise LoadError(
                f"the network fails on a batch of {batch_size} images: {first_line}"
            ) from error

    def run(self) -> None:
        """Runs one batch; returns when its results are on the host."""
        for output in keras.tree.flatten(self._forward()):
            keras.ops.convert_to_numpy(output)


def _batch(array: Any, size: int) -> np.ndarray:
    """The first `size` rows, repeated from the start if there are fewer.

    Real numbers have the type that Keras' own `predict` gives them, usually float32. Otherwise, a
    network on float64 data, such as `x / 255`, would convert them in each run.
    """
    array = np.asarray(array)
    if array.ndim == 0 or len(array) == 0:
        raise LoadError("no images to run the network on: the test data is empty")
    batch = np.take(array, np.arange(size) % len(array), axis=0)
    return batch.astype(keras.config.floatx()) if batch.dtype.kind == "f" else batch


def on_gpu() -> bool:
    """Whether the backend places arrays on a GPU by default."""
    place = str(getattr(keras.ops.zeros(()), "device", "")).lower()
    return "gpu" in place or "cuda" in place


def _compiled(model: Any, batch: Any, backend: str) -> Callable[[], Any]:
    """A function without arguments that starts one forward pass and returns its outputs."""
    inputs = keras.tree.map_structure(keras.ops.convert_to_tensor, batch)
    model(inputs, training=False)  # builds what is not built yet, outside any trace
    compilers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    compiler = compilers.get(backend)
    if compiler is None:
        return functools.partial(model, inputs, training=False)
    return compiler(model, inputs)


def _tensorflow(model: Any, inputs: Any) -> Callable[[], Any]:
    import tensorflow as tf  # noqa: PLC0415 - this backend's alone

    forward = tf.function(lambda x: model(x, training=False), autograph=False)
    return lambda: forward(inputs)


def _jax(model: Any, inputs: Any) -> Callable[[], Any]:
    import jax  # noqa: PLC0415 - this backend's alone

    trainable = [variable.value for variable in model.trainable_variables]
    fixed = [variable.value for variable in model.non_trainable_variables]
    forward = jax.jit(lambda t, f, x: model.stateless_call(t, f, x, training=False)[0])
    return lambda: forward(trainable, fixed, inputs)


def _torch(model: Any, inputs: Any) -> Callable[[], Any]:
    import torch  # noqa: PLC0415 - this backend's alone

    def forward() -> Any:
        with torch.inference_mode():
            return model(inputs, training=False)

    return forward
