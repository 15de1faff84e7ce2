"""Where jobs run: the values of --scheduler, --scheduler_args and --resources."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwsearch.command_line import kinds
from hwsearch.command_line.setting import setting

#: What `--scheduler` calls a scheduler -> its name in config.json.
SCHEDULERS = {"local": "local", "slurm": "SLURM", "pbs": "PBS", "sge": "SGE", "ray": "RAY"}
LOCAL = "local"

SCHEDULER = kinds.Kind(
    f"one of {', '.join(SCHEDULERS)}",
    lambda value: isinstance(value, str) and value in SCHEDULERS,
    str.lower,
    choices=tuple(SCHEDULERS),
)


def _is_arguments(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.isprintable() and bool(shlex.split(value))
    except ValueError:  # a quote that is not closed
        return False


ARGUMENTS = kinds.Kind('arguments as in a shell, such as "--partition=gpu --mem=8G"', _is_arguments)


def _is_resources(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(entry, Mapping) for entry in value.values())
    )


def _read_resources(path: str) -> Any:
    """The resources in a file; a relative environment-file is one beside that file.

    Raises:
        ValueError: The file cannot be read; says what was expected.
    """
    file = Path(path).absolute()
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"a JSON file ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a JSON file ({error})") from None
    if not _is_resources(document):
        return None
    for name, resource in document.items():
        environment = resource.get("environment-file")
        if environment and isinstance(environment, str):
            resource["environment-file"] = str(file.parent / environment)
            if not (file.parent / environment).is_file():
                raise ValueError(
                    f"the environment-file of {name} ({environment!r}) to be a file in "
                    f"{file.parent}"
                )
    return document


RESOURCES = kinds.Kind(
    'a JSON file such as {"gpu": {"scheduler": "SLURM", "max-concurrent": 8}, ...}',
    _is_resources,
    _read_resources,
)


def schedulers(scheduler: str, resources: Mapping[str, Any] | None) -> set[str]:
    """The schedulers that a run uses, by their names in config.json.

    Args:
        scheduler: The value of `--scheduler`, a key of `SCHEDULERS`.
        resources: The resources by name, as in config.json; they take precedence.
    """
    if resources:
        names = {str(resource.get("scheduler") or LOCAL) for resource in resources.values()}
        return {SCHEDULERS.get(name.strip().lower(), name) for name in names}
    return {SCHEDULERS[scheduler]}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the jobs of a run are evaluated; `--help` describes these settings."""

    max_concurrent: int = field(
        default=1, metadata=setting(kinds.COUNT, "N", "networks evaluated at the same time")
    )
    jobs_per_gpu: int = field(
        default=1,
        metadata=setting(
            kinds.COUNT, "N", "networks that share one GPU, on a machine with several GPUs"
        ),
    )
    scheduler: str = field(
        default="local",
        metadata=setting(
            SCHEDULER,
            "NAME",
            f"where networks are evaluated: {', '.join(SCHEDULERS)}",
        ),
    )
    scheduler_args: str | None = field(
        default=None,
        metadata=setting(
            ARGUMENTS,
            "ARGS",
            'arguments for sbatch, qsub or Ray, such as "--partition=gpu --gres=gpu:1"',
            unset="none",
        ),
    )
    resources: dict[str, Any] | None = field(
        default=None,
        metadata=setting(
            RESOURCES,
            "FILE",
            "several schedulers at once: a JSON file with the `resources` of a config.json",
            unset="none",
        ),
    )
    mixed_devices: bool = field(
        default=False,
        metadata=setting(
            kinds.SWITCH,
            "",
            "measure networks on different models of processors or GPUs; otherwise, a job on "
            "another model than the first job's is requeued",
        ),
    )
