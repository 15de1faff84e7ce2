"""The files in the folder of a kept network."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.kept.folder import Content, KeptFolder
from hwsearch.experiment.kept.readme import readme, requirements_text
from hwsearch.experiment.settings import Settings
from hwsearch.network.own_objects import MODULE
from hwsearch.network.requirements import of_versions


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a trained network, which the folder gets under other names.

    Attributes:
        model: The whole model; None if there is none.
        weights: The weights alone; None if there are none.
    """

    model: Path | None = None
    weights: Path | None = None


def put(
    experiment: Experiment, settings: Settings, network: BestNetwork, files: Files, place: Path
) -> None:
    """Puts a network into its folder, in one step.

    Args:
        experiment: The experiment.
        settings: Of the run.
        network: What is known about the network.
        files: Its model and weights.
        place: The folder; there may be an earlier one.

    Raises:
        OSError: It could not be written; the earlier one is in place.
    """
    stem = "best_model" if place == experiment.best_folder else "model"
    content: dict[str, Content] = {}
    with contextlib.suppress(OSError):
        script = experiment.folder / network.script
        content[script.name] = script.read_bytes()
    name = next(iter(content), "")
    modules = experiment.load_modules() or {}
    content |= {path: text.encode("utf-8") for path, text in modules.items()}
    if files.model is not None:
        content[f"{stem}.keras"] = files.model
    if files.weights is not None:
        content[f"{stem}.weights.h5"] = files.weights
    if network.objects:
        content[f"{MODULE}.py"] = network.objects.encode("utf-8")
    lines = network.requirements or of_versions(network.versions)
    content["requirements.txt"] = requirements_text(lines, network.versions).encode("utf-8")
    shown = replace(
        network,
        script=name,
        model=f"{stem}.keras" if files.model is not None else None,
        weights=f"{stem}.weights.h5" if files.weights is not None else None,
    )
    text = readme(shown, settings, content, place, experiment.folder)
    content["README.md"] = text.encode("utf-8", "backslashreplace")
    KeptFolder(place).replace(shown, content)


def files_in(place: Path, network: BestNetwork) -> Files:
    """The files of a network that `put` has put into a folder."""
    model, weights = (
        place / name if name and (place / name).is_file() else None
        for name in (network.model, network.weights)
    )
    return Files(model, weights)
