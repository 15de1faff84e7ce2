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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.network import Network
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


def how_to_load(saved: Path, model: Any, home: Path) -> Loading:
    """Finds out by loading a saved model as a program without its script would.

    Args:
        saved: What `model.save` wrote.
        model: The model.
        home: The folder of the script's own modules, which are not there either.
    """
    expected = [weight.tobytes() for weight in model.get_weights()]
    with _without_script(home), warnings.catch_warnings(), keras.device("cpu"):
        warnings.simplefilter("ignore")
        for way, compiled in ((Loading.MODEL, True), (Loading.UNCOMPILED, False)):
            with contextlib.suppress(Exception):
                loaded = keras.models.load_model(saved, compile=compiled)
                if [weight.tobytes() for weight in loaded.get_weights()] == expected:
                    return way
    return Loading.SCRIPT


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
        registered.update(objects)


def _is_below(module: Any, folder: Path) -> bool:
    file = getattr(module, "__dict__", {}).get("__file__")
    if not isinstance(file, str) or not Path(file).is_relative_to(folder):
        return False
    return "site-packages" not in Path(file).parts  # an environment in this folder
