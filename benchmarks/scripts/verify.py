"""Evaluates a saved network without HyperPower, and counts the MACs of its graph.

    python verify.py SCRIPT MODEL WEIGHTS VALUE

Runs the rendered script with `fit` replaced by a recorder, takes the validation data of the last
call from it, loads the saved network, evaluates it and prints JSON: the value and the MACs of one
inference as TensorFlow's profiler counts them in the graph.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

COUNTED = (
    "Conv2D",
    "Conv3D",
    "Conv2DBackpropInput",
    "DepthwiseConv2dNative",
    "MatMul",
    "BatchMatMulV2",
)


class Recorder:
    """Takes the place of `fit`: keeps the arguments of each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, dict[str, Any]]] = []
        self.original = keras.Model.fit

    def __call__(self, model: Any, *args: Any, **kwargs: Any) -> Any:
        names = list(inspect.signature(self.original).parameters)[1:]
        self.calls.append((model, dict(zip(names, args, strict=False)) | kwargs))
        epochs = kwargs.get("epochs", kwargs.get("nb_epoch", 1))
        history = keras.callbacks.History()
        history.epoch, history.history = list(range(epochs)), {}
        return history


def run(script: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """The model, the arguments of the last call of fit, and the names that the script defines."""
    recorder = Recorder()

    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        return recorder(self, *args, **kwargs)

    keras.Model.fit = keras.Model.fit_generator = fit
    names: dict[str, Any] = {}
    sys.argv = [str(script)]
    # What follows the call of fit may fail: nothing was trained.
    with contextlib.suppress(Exception), contextlib.redirect_stdout(sys.stderr):
        source = script.read_text(encoding="utf-8")
        names.update(__name__="__main__", __file__=str(script))
        exec(compile(source, str(script), "exec"), names)  # a script of this folder
    model, arguments = recorder.calls[-1] if recorder.calls else (names.get("model"), {})
    return model, arguments, names


def validation(arguments: dict[str, Any], names: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Inputs, and other arguments for `evaluate`."""
    given = arguments.get("validation_data")
    if given is None and arguments.get("validation_split"):
        share = arguments["validation_split"]
        x, y = arguments["x"], arguments.get("y")
        start = int(len(keras.tree.flatten(x)[0]) * (1 - share))
        x, y = keras.tree.map_structure(
            lambda array: None if array is None else array[start:], (x, y)
        )
        return x, {"y": y}
    if given is None:  # a script without fit: the tool's own split
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from hwsearch.network.datasets.data import split

        x, y = names["x_train"], names["y_train"]
        _, held_out = split(len(y), int(os.environ["RUN_SEED"]))
        return x[held_out], {"y": y[held_out]}
    if isinstance(given, tuple | list):
        x, y, *weight = given
        return x, {"y": y} | ({"sample_weight": weight[0]} if weight else {})
    return given, {"steps": arguments.get("validation_steps")}


def labels_and_predictions(model: Any, data: Any, more: dict[str, Any]) -> tuple[Any, Any]:
    """Arrays of all validation samples, in one order."""
    if "y" in more:
        return np.asarray(more["y"]), np.asarray(model.predict(data, verbose=0))
    steps = more["steps"]
    batches = (
        iter(data) if not hasattr(data, "num_batches") else (data[n] for n in range(len(data)))
    )
    labels, predictions = [], []
    for number, (x, y, *_) in enumerate(batches):
        if steps is not None and number >= steps:
            break
        labels.append(np.asarray(y))
        predictions.append(np.asarray(model(x, training=False)))
    return np.concatenate(labels), np.concatenate(predictions)


def value_of(
    kind: str, model: Any, data: Any, more: dict[str, Any], names: dict[str, Any]
) -> float:
    """The error in %, or the metric."""
    if kind == "evaluate":
        return float(names["evaluate"](model))
    if kind in ("classes", "binary"):
        labels, predictions = labels_and_predictions(model, data, more)
        if kind == "binary":
            wrong = (predictions > 0.5).reshape(-1) != (labels > 0.5).reshape(-1)
        else:
            truth = labels.argmax(-1) if labels.shape == predictions.shape else labels
            wrong = predictions.argmax(-1).reshape(-1) != truth.reshape(-1)
        return float(100 * wrong.mean())
    results = model.evaluate(data, **more, return_dict=True, verbose=0)
    return float(results[kind])


def graph_macs(model: Any, data: Any) -> int:
    """MACs of one inference on one sample, from the operations of TensorFlow's graph.

    Half of the operations that TensorFlow's own statistics count, and the products of einsums,
    which these leave out. Recurrent layers are unrolled, because a loop's length is not in a graph.
    """
    from tensorflow.python.framework import ops

    for layer in model._flatten_layers():
        if hasattr(layer, "unroll"):
            layer.unroll = True
    first = data
    if not isinstance(data, np.ndarray | list | tuple | dict) and not tf.is_tensor(data):
        first = data[0][0] if hasattr(data, "num_batches") else next(iter(data))[0]
    one = keras.tree.map_structure(lambda array: tf.convert_to_tensor(array[:1]), first)
    graph = tf.function(lambda: model(one, training=False)).get_concrete_function().graph
    total = 0
    for operation in graph.get_operations():
        if operation.type == "Einsum":
            total += 2 * einsum_macs(operation)
        elif operation.type in COUNTED:
            total += ops.get_stats_for_node_def(graph, operation.node_def, "flops").value or 0
    return total // 2


def einsum_macs(operation: Any) -> int:
    """The product of the sizes of all labels."""
    terms = operation.get_attr("equation").decode().partition("->")[0].split(",")
    sizes = {}
    for term, tensor in zip(terms, operation.inputs, strict=True):
        if "..." in term:
            raise ValueError(f"einsum {terms}")
        sizes.update(zip(term, tensor.shape.as_list(), strict=True))
    return int(np.prod(list(sizes.values())))


def main(script: str, saved: str, weights: str, kind: str) -> None:
    """Prints the result as JSON."""
    model, arguments, names = run(Path(script))
    data, more = validation(arguments, names)
    try:
        # The script's classes are given, as a user would give them.
        model = keras.models.load_model(saved, custom_objects=names, safe_mode=False)
        source = "model"
    except Exception:
        sample = keras.tree.map_structure(lambda array: array[:1], data)
        model(sample)
        model.load_weights(weights)
        source = "weights"
    print(
        json.dumps(
            {
                "value": value_of(kind, model, data, more, names),
                "source": source,
                "macs": int(graph_macs(model, data)),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
