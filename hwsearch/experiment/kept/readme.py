"""README.md of a kept network: what it is, and how it is loaded."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.loading_text import ways
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import condition, cost, plain
from hwsearch.network.program.rendered_script import REPOSITORY
from hwsearch.printing import one_line

FILES = {
    ".keras": "the trained model",
    ".weights.h5": "its weights alone",
    "_keras_net.py": "the script that builds and trains it",
    "own_objects.py": "classes and functions of that script that are needed to load the model",
    "requirements.txt": "the versions of the packages that were used",
    "network.json": "the same information for programs",
}


def readme(
    network: BestNetwork,
    settings: Settings,
    files: Iterable[str],
    folder: Path,
    experiment: Path,
) -> str:
    """The text.

    Args:
        network: As it is in the folder.
        settings: Of its run.
        files: The other files in the folder.
        folder: Where the folder is.
        experiment: That of the experiment.
    """
    title = "The best network" if folder.name == "best" else f"Network {network.job}"
    parts = [
        f"# {title} of {_inline(network.run)}",
        f"Job {network.job} of a search by HyperPower:",
        _block(_table(_facts(network, settings))),
        *_hyperparameters(network),
        *_versions(network),
        *_folds(network, experiment),
        "## Load it",
        *_loading(network, folder, experiment),
        "## Files",
        "\n".join(f"- `{name}`: {_described(name)}" for name in [*sorted(files), "network.json"]),
        "HyperPower replaces its files in this folder as the search continues. Copy the folder to "
        "keep them; other files that you put here stay.",
    ]
    return "\n\n".join(parts) + "\n"


def _facts(network: BestNetwork, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Name, value and note: the metrics, the optimised one first, and the seed."""
    optimised = {one.name: one.maximised for one in settings.objectives}
    names = [*settings.metrics, *(one for one in network.metrics if one not in settings.metrics)]
    for name in names:
        if name not in network.metrics:
            continue
        quantity = network.metrics[name]
        bound = settings.constraints.get(name)
        note = "" if bound is None else f"budget: {condition(name, bound)}"
        if name in optimised:
            note = "maximised" if optimised[name] else "optimised"
        yield name, cost(name, quantity.value, quantity.std_error), note
        if name == settings.optimize and math.isfinite(network.test_error):
            yield "test error", cost("error", network.test_error), "not used by the search"
    if network.seed is not None:
        yield "seed", str(network.seed), ""


def _versions(network: BestNetwork) -> list[str]:
    used = network.versions
    if not used:
        return []
    backend = used.get("backend", "")
    shown = [f"Python {used.get('python', '?')}", f"Keras {used.get('keras', '?')}"]
    shown.append(f"{backend} {used.get(backend, '')}".strip())
    return [f"It was trained with {', '.join(shown)}."]


def _folds(network: BestNetwork, experiment: Path) -> list[str]:
    """Which network of a cross-validation was kept."""
    if network.folds < 2 or not (network.model or network.weights):
        return []
    return [
        f"Error, losses and metrics are means of {network.folds} folds. The model is that of the "
        "best fold, trained without the rows that this fold leaves out. This command trains one on "
        "the rows of all folds:",
        _finish(network, experiment, " --all_data"),
    ]


def _hyperparameters(network: BestNetwork) -> list[str]:
    rows = [
        (one_line(name), one_line(plain(value)), "")
        for name, value in network.hyperparameters.items()
    ]
    if not rows:
        return []
    return ["Its hyper-parameters, as the script got them:", _block(_table(rows))]


def _loading(network: BestNetwork, folder: Path, experiment: Path) -> list[str]:
    if not (network.model or network.weights):
        return _not_kept(network, experiment)
    paragraphs = []
    for text, code in ways(network, folder):
        paragraphs += [text] if text else []
        paragraphs.append(f"```python\n{code}\n```")
    return paragraphs


def _not_kept(network: BestNetwork, experiment: Path) -> list[str]:
    """How to get a model that was not trained or not saved."""
    return [
        "There is no trained model of this network: it was not trained, it could not be saved, or "
        "it was not kept because another network was better under the budget at that time. This "
        "command trains it:",
        _finish(network, experiment),
    ]


def _finish(network: BestNetwork, experiment: Path, flags: str = "") -> str:
    """The command that trains the network for use, as a block."""
    folder, python = shlex.quote(str(REPOSITORY)), shlex.quote(sys.executable)
    what = f"{shlex.quote(str(experiment))} --job {network.job}{flags}"
    return f"```bash\ncd {folder}\n{python} -m hwsearch.finish {what}\n```"


def _described(name: str) -> str:
    for ending, text in FILES.items():
        if name.endswith(ending):
            return text
    return "a module of the script"


def _table(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """Aligned columns."""
    lines = list(rows)
    widths = [max((len(line[column]) for line in lines), default=0) for column in (0, 1)]
    return [
        f"{name:<{widths[0]}}  {value:<{widths[1]}}  {note}".rstrip() for name, value, note in lines
    ]


def _block(lines: Sequence[str]) -> str:
    """A block of code, in which no character is markup."""
    return "\n".join(f"    {one_line(line)}" for line in lines)


def _inline(text: str) -> str:
    return one_line(text).replace("_", r"\_").replace("*", r"\*")


def requirements_text(lines: Sequence[str], versions: Mapping[str, str]) -> str:
    """The text of requirements.txt."""
    python = versions.get("python")
    first = [f"# Python {python}"] if python else []
    return "\n".join([*first, *lines]) + "\n"
