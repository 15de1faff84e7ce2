"""How a kept network is loaded: Python that does it, with a sentence that says why."""

from __future__ import annotations

from pathlib import Path

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.network.program.rendered_script import REPOSITORY
from hwsearch.network.way_to_load import Loading

_OWN = "The network uses classes or functions of its script; `own_objects.py` has them."
_UNSAFE = (
    "The file of the model contains the Python code of a `Lambda` layer. `safe_mode=False` lets "
    "Keras run it; use that only with files that you trust."
)
WHY = {
    Loading.MODEL: "",
    Loading.UNCOMPILED: (
        "The script defines its own loss or metrics. Predictions do not need them, so the model is "
        "loaded without them."
    ),
    Loading.UNSAFE: _UNSAFE,
    Loading.OBJECTS: _OWN,
    Loading.UNSAFE_OBJECTS: f"{_OWN} {_UNSAFE}",
    Loading.SCRIPT: (
        "Keras needs the script's code to build this network. So the script runs up to its first "
        "call of `fit`, including its data, and the model gets the trained weights; nothing is "
        "trained. This needs HyperPower and the packages in `requirements.txt`."
    ),
}


def ways(network: BestNetwork, folder: Path) -> list[tuple[str, str]]:
    """How the network is loaded.

    Args:
        network: As it is in the folder.
        folder: Where that is; the code works in every working directory.

    Returns:
        Pairs of a paragraph, perhaps "", and Python code. First what suffices for predictions.
    """
    unknown = Loading.SCRIPT if network.weights else Loading.MODEL  # by an older version
    way = Loading(network.loading) if network.loading in WHY else unknown
    if way is Loading.SCRIPT or network.model is None:
        return [(WHY[Loading.SCRIPT], _by_script(network, folder))]
    found = [(WHY[way], _by_keras(network, folder, way))]
    if way is Loading.UNCOMPILED and network.objects:
        again = "To train it further, or to evaluate it with its own loss and metrics:"
        found.append((again, _by_keras(network, folder, Loading.OBJECTS)))
    return found


def _by_keras(network: BestNetwork, folder: Path, way: Loading) -> str:
    options = {
        Loading.UNCOMPILED: ", compile=False",
        Loading.UNSAFE: ", safe_mode=False",
        Loading.OBJECTS: ", custom_objects=OBJECTS",
        Loading.UNSAFE_OBJECTS: ", custom_objects=OBJECTS, safe_mode=False",
    }.get(way, "")
    has_objects = way in (Loading.OBJECTS, Loading.UNSAFE_OBJECTS)
    call = f'keras.models.load_model(f"{{folder}}/{network.model}"{options})'
    return "\n".join(
        [
            *_backend(network),
            *(["import sys", ""] if has_objects else []),
            "import keras",
            "",
            _folder(folder),
            *(["sys.path.append(folder)"] if has_objects else []),
            *(["from own_objects import OBJECTS", ""] if has_objects else []),
            f"model = {call}",
        ]
    )


def _by_script(network: BestNetwork, folder: Path) -> str:
    return "\n".join(
        [
            *_backend(network),
            "import sys",
            "",
            _folder(folder),
            f"sys.path += [folder, {str(REPOSITORY)!r}]  # the second one is HyperPower",
            "from hwsearch.network.loading import load",
            "",
            f'model = load(f"{{folder}}/{network.script}", f"{{folder}}/{network.weights}")',
        ]
    )


def _folder(folder: Path) -> str:
    return f"folder = {str(folder)!r}  # where this folder is"


def _backend(network: BestNetwork) -> list[str]:
    """Lines that choose the backend, unless it is the one that Keras takes by itself."""
    backend = network.versions.get("backend", "tensorflow")
    if backend == "tensorflow":
        return []
    return ["import os", "", f'os.environ["KERAS_BACKEND"] = {backend!r}']
