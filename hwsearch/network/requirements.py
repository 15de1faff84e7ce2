"""The packages that a script was run with, as lines of a requirements.txt."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath

from hwsearch.network.program import imports


def requirements(
    script: str, modules: Mapping[str, str], versions: Mapping[str, str]
) -> tuple[str, ...]:
    """The packages that a script and its own modules import, Keras, its backend and NumPy.

    Args:
        script: The script.
        modules: The texts of the modules beside it, by path.
        versions: As `keras_runtime.versions` gives them.

    Returns:
        Lines such as `keras==3.13.2`, sorted. A label of a build, such as the `+cpu` of torch's
        versions, is left out, since PyPI has no packages with one.
    """
    own = {PurePosixPath(path).parts[0].removesuffix(".py") for path in modules}
    names = {"keras", "numpy", versions.get("backend", "")}
    for text in (script, *modules.values()):
        names |= imports.packages(text)
    names -= own | {"hwsearch", ""} | sys.stdlib_module_names
    known = importlib.metadata.packages_distributions()
    found = {_chosen(name, known[name]) for name in names if name in known}
    return tuple(sorted(_line(name, importlib.metadata.version(name)) for name in found))


def of_versions(versions: Mapping[str, str]) -> tuple[str, ...]:
    """The lines for a network of which nothing but the versions was noted."""
    names = ("keras", "numpy", versions.get("backend", ""))
    return tuple(sorted(_line(name, versions[name]) for name in names if name in versions))


def _chosen(module: str, distributions: list[str]) -> str:
    """The distribution that a module comes from; of several, the one of its name."""
    same = [name for name in distributions if name.replace("-", "_").lower() == module.lower()]
    return (same or sorted(distributions))[0]


def _line(name: str, version: str) -> str:
    return f"{name}=={version.partition('+')[0]}"
