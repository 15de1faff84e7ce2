"""Reads `tasks` of a config.json, and the files that compute them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spearmint.config.reader import ObjectReader, is_file, one_of, shown
from spearmint.config.records import OUTCOMES, Task

#: Valid likelihoods of an objective, and of a constraint.
OF_OBJECTIVE = ("GAUSSIAN", "NOISELESS")
LIKELIHOODS = (*OF_OBJECTIVE, *OUTCOMES)
TYPES = ("OBJECTIVE", "CONSTRAINT")
#: With more objectives, almost no point dominates another.
MOST_OBJECTIVES = 3
#: The languages of objectives that this tool runs.
LANGUAGES = ("PYTHON",)
#: The task of a config.json without `tasks`.
SINGLE = "main"
#: Names with a meaning of their own in what an objective returns.
RESERVED = ("measurements", "reason")
TASK_KEYS = (
    "type",
    "likelihood",
    "min-confidence",
    "negated",
    "main-file",
    "language",
    "resources",
)
EXPECTED = 'an object with one task per key: {"error": {"type": "OBJECTIVE"}}'


def read_tasks(top: ObjectReader) -> tuple[Task, ...]:
    """The tasks, the objective first."""
    likelihood = top.choice("likelihood", LIKELIHOODS, "GAUSSIAN")
    tasks = [_task(name, reader, likelihood) for name, reader in top.objects("tasks", EXPECTED)]
    if not top.values.get("tasks"):
        if likelihood not in OF_OBJECTIVE:
            top.fault("likelihood", f"{one_of(OF_OBJECTIVE)} for an objective")
        return (Task(SINGLE, objective=True, likelihood=likelihood),)
    _check(top, tasks)
    return tuple(sorted(tasks, key=lambda task: not task.objective))


def _task(name: str, reader: ObjectReader, likelihood: str) -> Task:
    """One task; `likelihood` is that of tasks without one of their own."""
    reader.check_keys(TASK_KEYS)
    if not reader.has("type"):
        reader.fault("type", one_of(TYPES))
    objective = reader.choice("type", TYPES, "CONSTRAINT") == "OBJECTIVE"
    valid = OF_OBJECTIVE if objective else LIKELIHOODS
    default = likelihood if likelihood in valid else "GAUSSIAN"
    return Task(
        name,
        objective=objective,
        likelihood=reader.choice("likelihood", valid, default),
        min_confidence=reader.number("min-confidence", 0.99, 0.0, 1.0),
        negated=reader.flag("negated", False),
    )


def _check(top: ObjectReader, tasks: list[Task]) -> None:
    given = top.values["tasks"]
    typed = isinstance(given, Mapping) and all(
        isinstance(task, Mapping) and task.get("type") is not None for task in given.values()
    )
    objectives = [task.name for task in tasks if task.objective]
    if typed and not 1 <= len(objectives) <= MOST_OBJECTIVES:
        got = ", ".join(shown(name) for name in objectives) or "none"
        top.faults.add(top.at("tasks"), got, 'one to three tasks of "type" OBJECTIVE')
    for name in RESERVED:
        if any(task.name == name for task in tasks):
            top.faults.add(f"tasks.{name}", shown(name), "a name that is not reserved")


def read_main_file(
    top: ObjectReader, tasks: tuple[Task, ...], folder: Path | None, *, must_exist: bool
) -> str | dict[str, str]:
    """The file that computes the tasks; one for each task if they differ.

    Args:
        top: The whole file: `main-file` and `language` of tasks without their own.
        tasks: All tasks.
        folder: DIR, where `NAME` stands for `NAME.py` if there is such a file.
        must_exist: Whether a file that is not in `folder` is a fault.
    """
    readers = dict(top.objects("tasks", EXPECTED))
    files = {}
    for task in tasks:
        reader = readers.get(task.name, top)
        _check_language(reader if reader.has("language") else top)
        owner = reader if reader.has("main-file") else top
        files[task.name] = _main_file(owner, folder, must_exist=must_exist)
    distinct = set(files.values())
    return distinct.pop() if len(distinct) == 1 else files


def _main_file(reader: ObjectReader, folder: Path | None, *, must_exist: bool) -> str:
    if not reader.has("main-file"):
        expected = "the file that defines main(job_id, params)"
        reader.faults.add(reader.at("main-file"), "nothing", expected)
    file = reader.string("main-file", "", "the name of a file in DIR")
    if not is_inside(file):
        reader.fault("main-file", "a file inside DIR")
        return file
    if not file or folder is None:
        return file
    if not file.endswith(".py") and is_file(folder / f"{file}.py"):
        return f"{file}.py"
    if must_exist and not is_file(folder / file):
        reader.fault("main-file", f"a file in {folder}")
    return file


def is_inside(file: str) -> bool:
    """Whether a path relative to DIR stays inside DIR; links in DIR may lead anywhere."""
    path = Path(file)
    return not path.is_absolute() and ".." not in path.parts


def _check_language(reader: ObjectReader) -> None:
    if reader.has("language"):
        language = reader.values["language"]
        if not isinstance(language, str) or language.strip().upper() not in LANGUAGES:
            reader.fault("language", f"{one_of(LANGUAGES)}, the only language supported here")
