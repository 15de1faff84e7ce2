"""Reads `resources` of a config.json."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spearmint.config import tasks as in_tasks
from spearmint.config.reader import Faults, ObjectReader, is_file, one_of, shown
from spearmint.config.records import Resource, Task

SCHEDULERS = ("local", "SLURM", "PBS", "SGE", "RAY")
#: The resource of a config.json without `resources`.
UNNAMED = "Main"
RESOURCE_KEYS = (
    "scheduler",
    "max-concurrent",
    "max-finished-jobs",
    "scheduler-args",
    "environment-file",
    "output-subdir",
    "gpus",
    "jobs-per-gpu",
)


def read_resources(
    top: ObjectReader, folder: Path | None, *, must_exist: bool
) -> tuple[Resource, ...]:
    """The resources.

    Args:
        top: The whole file: the keys of the only resource if there is no `resources`.
        folder: DIR.
        must_exist: Whether a file that is not in `folder` is a fault.
    """
    readers = top.objects("resources", "an object with one resource per key")
    searched = folder if must_exist else None
    if not readers:
        return (_resource(UNNAMED, top, folder, searched),)
    for key in RESOURCE_KEYS:
        if top.has(key) and key != "max-finished-jobs":
            top.faults.warn(key, "ignored because `resources` is given; set it in each resource")
    for _, reader in readers:
        reader.check_keys(RESOURCE_KEYS)
    return tuple(_resource(name, reader, folder, searched) for name, reader in readers)


def check_resources(document: Mapping[str, Any], source: str) -> None:
    """Checks the `resources` of a config.json that are in a file of their own.

    Args:
        document: The resources by name.
        source: What messages call the file.

    Raises:
        ConfigError: All faults.
    """
    faults = Faults(source)
    read_resources(ObjectReader({"resources": document}, "", faults), None, must_exist=False)
    faults.check()


def _resource(
    name: str, reader: ObjectReader, folder: Path | None, searched: Path | None
) -> Resource:
    scheduler = reader.choice("scheduler", SCHEDULERS, "local")
    expected = "the name of a file that a shell can source"
    environment = reader.string("environment-file", None, expected)
    if environment and searched is not None and not is_file(searched / environment):
        reader.fault("environment-file", f"a file in {searched}")
    subdir = reader.string("output-subdir", "output", "a folder inside DIR")
    parts = Path(subdir).parts
    if Path(subdir).is_absolute() or ".." in parts or not parts:
        reader.fault("output-subdir", "a folder inside DIR")
    gpus = _gpus(reader, scheduler)
    if reader.has("jobs-per-gpu") and not gpus:
        text = "ignored: it limits the local jobs on each of the `gpus`, and there are none"
        reader.faults.warn(reader.at("jobs-per-gpu"), text)
    return Resource(
        name=name,
        scheduler=scheduler,
        max_concurrent=reader.whole("max-concurrent", 1, 1, 100_000),
        max_finished_jobs=reader.whole("max-finished-jobs", None, 1),
        scheduler_args=_scheduler_args(reader, scheduler),
        environment_file=(folder or Path()) / environment if environment else None,
        output_subdir=subdir,
        gpus=gpus,
        jobs_per_gpu=reader.whole("jobs-per-gpu", 1, 1, 1000),
    )


def _gpus(reader: ObjectReader, scheduler: str) -> tuple[str, ...]:
    """The GPUs that local jobs use, by UUID or index."""
    expected = 'a list of GPUs, each once, by UUID or index, such as ["GPU-5f0f7fcb-...", "1"]'
    gpus = reader.strings("gpus", expected)
    if len(set(gpus)) < len(gpus) or any("," in gpu or not gpu.isprintable() for gpu in gpus):
        reader.fault("gpus", expected)
        return ()
    if gpus and scheduler != "local":
        text = f"ignored: {scheduler} gives GPUs to its jobs itself"
        reader.faults.warn(reader.at("gpus"), text)
        return ()
    return tuple(gpus)


def _scheduler_args(reader: ObjectReader, scheduler: str) -> tuple[str, ...]:
    """Arguments of the command that submits jobs: a string, split as a shell does, or a list."""
    key = "scheduler-args"
    given = reader.values.get(key)
    if given in (None, "", [], {}):
        return ()
    try:
        words = shlex.split(given) if isinstance(given, str) else given
    except ValueError as error:
        reader.fault(key, f"arguments as in a shell: {str(error).lower()}")
        return ()
    valid = isinstance(words, list | tuple) and all(isinstance(w, str) and w for w in words)
    if not valid or any("\0" in word or not word.isprintable() for word in words):
        reader.fault(key, 'a string such as "--partition=gpu --mem=4G", or a list of arguments')
        return ()
    if scheduler == "local":
        reader.faults.warn(
            reader.at(key), "ignored: local jobs are not submitted to a batch system"
        )
    return tuple(words)


def fit_for_all(
    top: ObjectReader, tasks: tuple[Task, ...], resources: tuple[Resource, ...]
) -> tuple[Resource, ...]:
    """The resources on which every task may run, since a job evaluates all tasks.

    Args:
        top: The whole file: `resources` of a task lists those on which it may run.
        tasks: All tasks.
        resources: All resources.
    """
    names = [resource.name for resource in resources]
    readers = dict(top.objects("tasks", in_tasks.EXPECTED))
    allowed = {
        task.name: _allowed(readers[task.name], names) if task.name in readers else set(names)
        for task in tasks
    }
    if not all(given <= set(names) for given in allowed.values()):
        return resources
    common = tuple(r for r in resources if all(r.name in given for given in allowed.values()))
    if not common:
        got = "tasks without a resource in common"
        top.faults.add(top.at("tasks"), got, "one that all may run on: a job evaluates every task")
        return resources
    for name in names:
        without = [task for task, given in allowed.items() if name not in given]
        if without:
            text = f"receives no jobs: the tasks {', '.join(without)} may not run on it"
            top.faults.warn(f"resources.{name}", text)
    return common


def _allowed(reader: ObjectReader, names: list[str]) -> set[str]:
    """The resources on which a task may run; a name that is not one of `names` is a fault."""
    given = reader.strings("resources", f"a list of resources: {', '.join(names)}")
    for name in given:
        if name not in names:
            reader.faults.add(reader.at("resources"), shown(name), one_of(names))
    return set(given or names)
