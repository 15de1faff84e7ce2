"""How a trained network is loaded again, and the loading of one that needs its script.

from hwsearch.network.loading import load

model = load("tmp/00000007_keras_net.py", "tmp/best_model.weights.h5")
"""

from __future__ import annotations

import contextlib
import os
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.network import Network
from hwsearch.network.own_objects import MODULE, OBJECTS
from hwsearch.network.way_to_load import Loading


def load(script: str | os.PathLike[str], weights: str | os.PathLike[str]) -> Any:
    """Builds the model of a rendered script and loads trained weights into it; trains nothing.

    The script runs up to its first call of `fit`, with its data. So the model may have layers,
    losses and Lambdas of its own.

    Args:
        script: A rendered script, such as tmp/00000007_keras_net.py.
        weights: A file of `Model.save_weights`, such as tmp/best_model.weights.h5.

    Returns:
        The compiled `keras.Model`.

    Raises:
        NetworkError: The script fails, or the weights are not those of its model.
    """
    script, weights = Path(script), Path(weights)
    for path in (script, weights):
        if not path.is_file():
            raise NetworkError(f"{path}: no such file; expected a script and its weights")
    model = Network.from_script(script, seed=0, scored=False).model
    try:
        with warnings.catch_warnings():
            # The file may hold the state of the optimiser too, for training that continues.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            model.load_weights(weights)
    except Exception as error:
        raise NetworkError(
            f"{weights}: not the weights of the model in {script.name}: {explained(error)}"
        ) from error
    return model


def how_to_load(saved: Path, model: Any, home: Path, objects: str = "") -> tuple[Loading, bool]:
    """Finds out by loading a saved model as a program without its script would.

    Args:
        saved: What `model.save` wrote.
        model: The model.
        home: The folder of the script's own modules, which are not there either.
        objects: What `own_objects` made of the script; it may import those modules.

    Returns:
        The way, and whether the model loads compiled with the own objects.
    """
    expected, output = _weights(model), _output(model)

    def loads(**how: Any) -> bool:
        with contextlib.suppress(Exception):
            loaded = keras.models.load_model(saved, **how)
            if _weights(loaded) == expected:
                # A Lambda that refers to names of the script loads, but it cannot be called.
                return output is None or _is_close(_output(loaded), output)
        return False

    with _without_script(home), warnings.catch_warnings(), keras.device("cpu"):
        warnings.simplefilter("ignore")
        if loads():
            return Loading.MODEL, False
        way = Loading.UNCOMPILED if loads(compile=False) else None
        if way is None and loads(safe_mode=False):
            return Loading.UNSAFE, False
        if objects:
            with _with_objects(objects, home) as own:
                if loads(custom_objects=own):
                    return way or Loading.OBJECTS, True
                if way is None and loads(custom_objects=own, safe_mode=False):
                    return Loading.UNSAFE_OBJECTS, True
    return way or Loading.SCRIPT, False


def _weights(model: Any) -> list[bytes]:
    return [weight.tobytes() for weight in model.get_weights()]


def _output(model: Any) -> list[Any] | None:
    """What the model makes of zeros, as arrays; None if its inputs are unknown or it fails."""
    with contextlib.suppress(Exception), warnings.catch_warnings(), randomness.unchanged(model):
        for layer in randomness.stateful_layers(model):
            layer.reset_state()
        warnings.simplefilter("ignore")  # inputs in a list where the model names them
        zeros = [keras.ops.zeros([s or 1 for s in one.shape], one.dtype) for one in model.inputs]
        found = keras.tree.flatten(model(zeros if zeros[1:] else zeros[0], training=False))
        return [keras.ops.convert_to_numpy(one) for one in found]
    return None


def _is_close(found: list[Any] | None, expected: list[Any]) -> bool:
    """Whether outputs are the same but for the rounding of another device."""
    return found is not None and all(
        np.allclose(one, other, rtol=1e-2, atol=1e-3, equal_nan=True)
        for one, other in zip(found, expected, strict=True)
    )


@contextlib.contextmanager
def _with_objects(text: str, home: Path) -> Iterator[Mapping[str, Any]]:
    """The dictionary of a module of own objects; {} if it fails. Its own imports are undone."""
    before = set(sys.modules)
    sys.path.insert(0, str(home))
    own = types.ModuleType(MODULE)
    sys.modules[MODULE] = own
    try:
        with contextlib.suppress(Exception):
            exec(compile(text, f"{MODULE}.py", "exec", dont_inherit=True), vars(own))  # noqa: S102
        yield vars(own).get(OBJECTS, {})
    finally:
        for name in set(sys.modules) - before:
            if name == MODULE or _is_below(sys.modules[name], home):
                del sys.modules[name]


@contextlib.contextmanager
def _without_script(home: Path) -> Iterator[None]:
    """Hides what a script has defined: its module, modules beside it, and registered classes."""
    registered = keras.saving.get_custom_objects()
    objects, path, main = dict(registered), sys.path[:], sys.modules["__main__"]
    modules = {name: one for name, one in list(sys.modules.items()) if _is_below(one, home)}
    for name in modules:
        del sys.modules[name]
    for name, one in objects.items():
        if getattr(one, "__module__", "") in ("__main__", *modules):
            del registered[name]
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.path[:] = [entry for entry in path if Path(entry or ".").absolute() != home]
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules.update({"__main__": main, **modules})
        registered.clear()  # of what the loading has registered
        registered.update(objects)


def _is_below(module: Any, folder: Path) -> bool:
    file = getattr(module, "__dict__", {}).get("__file__")
    if not isinstance(file, str) or not Path(file).is_relative_to(folder):
        return False
    return "site-packages" not in Path(file).parts  # an environment in this folder
