"""What a config.json declares: variables, tasks and resources, read and checked."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spearmint.config.reader import LARGEST, Section, as_number, one_of, shown

SCHEDULERS = ("local", "SLURM", "PBS", "SGE")
LIKELIHOODS = ("GAUSSIAN", "NOISELESS", "BINOMIAL", "STEP")
#: Languages of an objective that this tool runs, and those that the format knows besides.
LANGUAGES = ("PYTHON",)
#: The one resource of a config.json without `resources`; the task of one without `tasks`.
UNNAMED = "Main"
SINGLE = "main"

RESOURCE_KEYS = (
    "scheduler",
    "max-concurrent",
    "max-finished-jobs",
    "scheduler-args",
    "environment-file",
    "output-subdir",
)
TASK_KEYS = ("type", "likelihood", "min-confidence", "main-file", "language", "resources")
#: No search has vectors longer than this; a slip of the pen must not fill the memory.
LARGEST_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Task:
    """One value that the objective returns, and what computes it."""

    name: str
    type: str
    likelihood: str
    min_confidence: float
    main_file: str
    language: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """Where jobs run; `max_finished_jobs` is None for no limit."""

    name: str
    scheduler: str = "local"
    max_concurrent: int = 1
    max_finished_jobs: int | None = None
    scheduler_args: tuple[str, ...] = ()
    environment_file: Path | None = None
    output_subdir: str = "output"


def read_variables(top: Section) -> None:
    """Checks `variables`."""
    what = 'an object with a variable a key: {"x": {"type": "FLOAT", "min": 0, "max": 1}}'
    sections = top.sections("variables", what)
    if not sections and not isinstance(top.values.get("variables"), Mapping):
        if not top.has("variables"):
            top.fault("variables", what)
        return
    if not top.values["variables"]:
        top.fault("variables", what)
    for _, variable in sections:
        _variable(variable)


def _variable(variable: Section) -> None:
    if not variable.has("type"):
        variable.fault("type", one_of(("FLOAT", "INT", "ENUM")))
        return
    before = len(variable.faults.faults)
    kind = variable.choice("type", ("FLOAT", "INT", "ENUM"), "FLOAT")
    variable.whole("size", 1, 1, LARGEST_SIZE)
    if len(variable.faults.faults) > before and not isinstance(variable.values["type"], str):
        return
    if kind == "ENUM":
        variable.check_keys(("type", "size", "options"))
        _options(variable)
        return
    variable.check_keys(("type", "size", "min", "max"))
    low, high = (_bound(variable, key, kind) for key in ("min", "max"))
    if low is not None and high is not None and not low < high:
        path, ends = variable.path, f"min {shown(low)} and max {shown(high)}"
        variable.faults.add(path, ends, "min below max")


def _bound(variable: Section, key: str, kind: str) -> int | float | None:
    number = as_number(variable.values.get(key))
    if kind == "FLOAT":
        if number is None:
            variable.fault(key, "a finite number")
        return number
    if number is None or number != int(number) or abs(number) > LARGEST:
        variable.fault(key, "a whole number of at most 2**53")
        return None
    return number


def _options(variable: Section) -> None:
    options = variable.values.get("options")
    if not isinstance(options, list | tuple) or not options:
        variable.fault("options", "a list with one option or more")
        return
    seen = set()
    for option in options:
        if not isinstance(option, str | int | float) or shown(option) == "NaN":
            variable.faults.add(
                variable.at("options"), shown(option), "texts, numbers, true or false"
            )
            continue
        same = (isinstance(option, bool), option)
        if same in seen:
            variable.faults.add(variable.at("options"), f"{shown(option)} twice", "each once")
        seen.add(same)


def read_tasks(
    top: Section, resources: tuple[Resource, ...], looked_at: Path | None
) -> tuple[Task, ...]:
    """The tasks; files are looked for in `looked_at`, if that is not None."""
    names = tuple(resource.name for resource in resources)
    likelihood = top.choice("likelihood", LIKELIHOODS, "GAUSSIAN")
    sections = top.sections(
        "tasks", 'an object with a task a key: {"error": {"type": "OBJECTIVE"}}'
    )
    if not sections:
        if not top.values.get("tasks"):
            if likelihood not in LIKELIHOODS[:2]:
                top.fault("likelihood", one_of(LIKELIHOODS[:2]) + " for an objective")
            file, language = _program(top, top, looked_at)
            return (Task(SINGLE, "OBJECTIVE", likelihood, 0.99, file, language, names),)
        return ()
    tasks = []
    for name, section in sections:
        section.check_keys(TASK_KEYS)
        if not section.has("type"):
            section.fault("type", one_of(("OBJECTIVE", "CONSTRAINT")))
        kind = section.choice("type", ("OBJECTIVE", "CONSTRAINT"), "CONSTRAINT")
        likelihoods = LIKELIHOODS[:2] if kind == "OBJECTIVE" else LIKELIHOODS
        fallback = likelihood if likelihood in likelihoods else "GAUSSIAN"
        file, language = _program(section, top, looked_at)
        given = section.texts("resources", f"a list of resources: {', '.join(names)}") or names
        for resource in given:
            if resource not in names:
                section.faults.add(section.at("resources"), shown(resource), one_of(names))
        tasks.append(
            Task(
                name,
                kind,
                section.choice("likelihood", likelihoods, fallback),
                section.number("min-confidence", 0.99, 0.0, 1.0),
                file,
                language,
                given,
            )
        )
    _check_tasks(top, tasks, names)
    return tuple(tasks)


def _check_tasks(top: Section, tasks: list[Task], resources: tuple[str, ...]) -> None:
    objectives = [task.name for task in tasks if task.type == "OBJECTIVE"]
    types_given = all(
        isinstance(task, Mapping) and "type" in task for task in top.values["tasks"].values()
    )
    if len(objectives) != 1 and types_given:
        got = ", ".join(shown(name) for name in objectives) or "none"
        top.faults.add(top.at("tasks"), got, 'exactly one task of "type" OBJECTIVE')
    reserved = {"measurements", "reason"} & {task.name for task in tasks}
    for name in sorted(reserved):
        top.faults.add(f"tasks.{name}", shown(name), "a name that is not reserved")
    known = all(set(task.resources) <= set(resources) for task in tasks)
    if known and not set(resources).intersection(*(task.resources for task in tasks)):
        top.faults.add(
            top.at("tasks"),
            "tasks without a resource in common",
            "one that all may run on: a job evaluates every task",
        )


def _program(section: Section, top: Section, looked_at: Path | None) -> tuple[str, str]:
    """The main-file and language of a task: its own, or those of the top."""
    where = section if section.has("main-file") else top
    if not where.has("main-file"):
        expected = "the file that defines main(job_id, params)"
        line = f"{top.faults.source}: main-file: got nothing; expected {expected}"
        if line not in top.faults.faults:
            top.faults.faults.append(line)
    file = where.text("main-file", "", "the name of a file in DIR")
    if file and looked_at is not None and not _is_file(looked_at / file):
        _once(where, "main-file", f"a file in {looked_at}")
    where = section if section.has("language") else top
    if not where.has("language"):
        return file, LANGUAGES[0]
    language = where.values["language"]
    if not isinstance(language, str) or language.upper() not in LANGUAGES:
        _once(where, "language", f"{one_of(LANGUAGES)}: no other language is run here")
    return file, LANGUAGES[0]


def _once(section: Section, key: str, expected: str) -> None:
    """Notes a fault that several tasks share one time."""
    before = len(section.faults.faults)
    section.fault(key, expected)
    if section.faults.faults[-1] in section.faults.faults[:before]:
        section.faults.faults.pop()


def read_resources(
    top: Section, folder: Path | None, looked_at: Path | None
) -> tuple[Resource, ...]:
    """The resources of the experiment in `folder`; files are looked for in `looked_at`."""
    sections = top.sections("resources", "an object with a resource a key")
    if not sections:
        return (_resource(UNNAMED, top, folder, looked_at),)
    for _, section in sections:
        section.check_keys(RESOURCE_KEYS)
    for key in RESOURCE_KEYS:
        if top.has(key) and key != "max-finished-jobs":
            top.faults.warn(key, "is passed over, for there are resources; set it in each")
    return tuple(_resource(name, section, folder, looked_at) for name, section in sections)


def _resource(name: str, section: Section, folder: Path | None, looked_at: Path | None) -> Resource:
    scheduler = section.choice("scheduler", SCHEDULERS, "local")
    environment = section.text(
        "environment-file", None, "the name of a file that a shell can source"
    )
    if environment and looked_at is not None and not _is_file(looked_at / environment):
        section.fault("environment-file", f"a file, looked for in {looked_at}")
    subdir = section.text("output-subdir", "output", "a folder in DIR")
    parts = Path(subdir).parts
    if Path(subdir).is_absolute() or ".." in parts or not parts:
        section.fault("output-subdir", "a folder inside DIR")
    return Resource(
        name=name,
        scheduler=scheduler,
        max_concurrent=section.whole("max-concurrent", 1, 1, 100_000),
        max_finished_jobs=section.whole("max-finished-jobs", None, 1),
        scheduler_args=_scheduler_args(section, scheduler),
        environment_file=(folder or Path()) / environment if environment else None,
        output_subdir=subdir,
    )


def _scheduler_args(section: Section, scheduler: str) -> tuple[str, ...]:
    """Arguments for the command that submits: a text as a shell would take it apart, or a list."""
    key = "scheduler-args"
    given = section.values.get(key)
    if given in (None, "", [], {}):
        return ()
    try:
        words = shlex.split(given) if isinstance(given, str) else given
    except ValueError as error:
        section.fault(key, f"arguments as in a shell: {str(error).lower()}")
        return ()
    valid = isinstance(words, list | tuple) and all(isinstance(w, str) and w for w in words)
    if not valid or any("\0" in word or not word.isprintable() for word in words):
        section.fault(key, 'a text such as "--partition=gpu --mem=4G", or a list of arguments')
        return ()
    if scheduler == "local":
        section.faults.warn(section.at(key), "is passed over, for local jobs are not submitted")
    return tuple(words)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
