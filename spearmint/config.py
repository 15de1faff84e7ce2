"""config.json, read and checked: every fault of the file in one go, every key with its default.

Keys of the original's format: ``experiment-name`` (default: the folder's name), ``main-file``,
``language``, ``likelihood``, ``variables``, ``tasks``, ``resources`` (or one resource's keys at the
top), ``chooser``, ``chooser-args``, ``database``, ``polling-time``, ``grid_size``, ``grid_seed``.

Keys of this tool, at the top: ``preload`` (modules that workers import before their first job),
``seed`` (0), ``max-time`` (seconds, from the start of main.py; no job is started later, those
that run are waited for), ``lease-time`` (seconds after which a worker that gave no sign of life is
taken for dead, 60), ``max-finished-jobs`` beside ``resources`` (the limit of all together).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spearmint.errors import UserError
from spearmint.section import Faults, Section, as_number, one_of, shown

LIKELIHOODS = ("GAUSSIAN", "NOISELESS", "BINOMIAL", "STEP")
#: Languages of an objective that this tool runs, and those that the format knows besides.
LANGUAGES = ("PYTHON",)
#: The one resource of a config.json without ``resources``; the task of one without ``tasks``.
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
TOP_KEYS = (
    "experiment-name",
    "main-file",
    "language",
    "likelihood",
    "variables",
    "tasks",
    "resources",
    *RESOURCE_KEYS,
    "chooser",
    "chooser-args",
    "database",
    "polling-time",
    "grid_size",
    "grid_seed",
    "preload",
    "seed",
    "max-time",
    "lease-time",
)
#: No search has vectors longer than this; a slip of the pen must not fill the memory.
LARGEST_SIZE = 10_000
_LARGEST_INT = 2**53


class ConfigError(UserError):
    """Faults of a config.json; ``faults`` has a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Task:
    """One value that the objective returns, and what computes it."""

    name: str
    type: str
    likelihood: str
    min_confidence: float
    main_file: str
    language: str
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """Where jobs run; ``max_finished_jobs`` is None for no limit."""

    name: str
    scheduler: str = "local"
    max_concurrent: int = 1
    max_finished_jobs: int | None = None
    scheduler_args: Any = None
    environment_file: Path | None = None
    output_subdir: str = "output"


@dataclass(frozen=True)
class Config:
    """A config.json without faults.

    Attributes:
        folder: DIR, absolute; None when there is no folder.
        mapping: The file's own dictionary, for choosers.
        address: Of the database, an SQLite path absolute.
        max_finished_jobs: Of all resources together; None for no limit.
        max_time: Seconds; None for no limit.
        warnings: Lines about keys that were passed over.
    """

    folder: Path | None
    mapping: dict[str, Any]
    experiment: str
    tasks: tuple[Task, ...]
    resources: tuple[Resource, ...]
    address: str
    database: str = "spearmint"
    polling_time: float = 5.0
    preload: tuple[str, ...] = ()
    seed: int = 0
    max_time: float | None = None
    max_finished_jobs: int | None = None
    lease_time: float = 60.0
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def task_names(self) -> list[str]:
        """Names of the tasks, in the file's order."""
        return [task.name for task in self.tasks]

    @property
    def main_file(self) -> str | dict[str, str]:
        """The file of all tasks, or that of each where they differ."""
        files = {task.name: task.main_file for task in self.tasks}
        distinct = set(files.values())
        return distinct.pop() if len(distinct) == 1 else files


def load(
    folder: str | os.PathLike[str], name: str = "config.json", *, files: bool = True
) -> Config:
    """The configuration of an experiment's folder.

    Args:
        folder: DIR.
        name: The file's name in DIR.
        files: Whether the files that it names must be there.

    Raises:
        ConfigError: All faults of the file.
        UserError: There is no such folder or file.
    """
    folder = Path(folder).absolute()
    path = folder / name
    if not folder.is_dir():
        raise UserError(f"DIR: got {shown(str(folder))}; expected an experiment's folder")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file; --config names another") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from None
    return parse(decode(raw, str(path)), source=str(path), folder=folder, files=files)


def decode(raw: bytes, source: str = "config.json") -> Any:
    """The value of a JSON file's bytes.

    Raises:
        ConfigError: It is no JSON, or gives a key twice.
    """
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            names = [key for key, _ in items]
            twice.extend(sorted({key for key in names if names.count(key) > 1}))
        return found

    try:
        value = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise ConfigError(
            [f"{source}: byte {error.start}: got {raw[error.start]:#04x}; expected UTF-8 text"]
        ) from None
    except json.JSONDecodeError as error:
        line = error.doc.splitlines()[error.lineno - 1 : error.lineno] or [""]
        place = f"{source}:{error.lineno}:{error.colno}"
        raise ConfigError([f"{place}: is not JSON: {error.msg}: {shown(line[0])}"]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{source}: cannot be read as JSON: {error}"]) from None
    if twice:
        raise ConfigError(
            [f"{source}: {shown(key)}: got twice in one object; expected once" for key in twice]
        )
    return value


def parse(
    mapping: Any,
    *,
    source: str = "config.json",
    folder: Path | None = None,
    files: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """The configuration of a config.json's dictionary.

    Args:
        mapping: The dictionary.
        source: What messages call it.
        folder: DIR; without it no file is looked for and paths stay as they are.
        files: Whether the files that it names must be in ``folder``.
        environ: Its SPEARMINT_DB_ADDRESS wins over the file's.

    Raises:
        ConfigError: All faults.
    """
    faults = Faults(source)
    if not isinstance(mapping, Mapping) or not all(isinstance(key, str) for key in mapping):
        raise ConfigError([f"{source}: got {shown(mapping)}; expected an object"])
    top = Section(mapping, "", faults)
    top.check_keys(TOP_KEYS)
    looked_at = folder if files else None
    _variables(top)
    resources = _resources(top, folder, looked_at)
    tasks = _tasks(top, resources, looked_at)
    address, database = _database(top, folder, environ)
    default_name = folder.name if folder is not None and folder.name else "experiment"
    top.whole("grid_size", None, 1, 1_000_000)
    top.whole("grid_seed", None, -_LARGEST_INT)
    top.text("chooser", None, "the name of a chooser")
    top.mapping("chooser-args")
    if faults.faults:
        _rest(top, default_name)
        raise ConfigError(faults.faults)
    config = Config(
        folder=folder,
        mapping=_for_choosers(mapping),
        tasks=tasks,
        resources=resources,
        address=address,
        database=database,
        **_rest(top, default_name),
        warnings=tuple(faults.warnings),
    )
    if faults.faults:
        raise ConfigError(faults.faults)
    return config


def _for_choosers(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The dictionary without keys that are null, and with whole sizes."""
    clean = _without_null(mapping)
    for variable in clean["variables"].values():
        if "size" in variable:
            variable["size"] = int(variable["size"])
    return clean


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return value


def _rest(top: Section, default_name: str) -> dict[str, Any]:
    """The keys of the top that stand for themselves, as Config's arguments."""
    long = 1e9
    return {
        "experiment": top.text("experiment-name", default_name, "a name of one letter or more"),
        "polling_time": top.number("polling-time", 5.0, 0.0, long, "seconds, more than 0"),
        "preload": top.texts("preload", "a list of modules' names"),
        "seed": top.whole("seed", 0, -_LARGEST_INT),
        "max_time": top.number("max-time", None, 0.0, long, "seconds, more than 0"),
        "max_finished_jobs": top.whole("max-finished-jobs", None, 1),
        "lease_time": top.number("lease-time", 60.0, 0.0, long, "seconds, more than 0"),
    }


def _variables(top: Section) -> None:
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
    if number is None or number != int(number) or abs(number) > _LARGEST_INT:
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
        if not isinstance(option, str | int | float) or option != option:
            variable.faults.add(
                variable.at("options"), shown(option), "texts, numbers, true or false"
            )
            continue
        same = (isinstance(option, bool), option)
        if same in seen:
            variable.faults.add(variable.at("options"), f"{shown(option)} twice", "each once")
        seen.add(same)


def _tasks(
    top: Section, resources: tuple[Resource, ...], looked_at: Path | None
) -> tuple[Task, ...]:
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
    if not set(resources).intersection(*(task.resources for task in tasks)):
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
    line = f"{section.faults.source}: {section.at(key)}: got {shown(section.values[key])}; expected {expected}"
    if line not in section.faults.faults:
        section.faults.faults.append(line)


def _resources(top: Section, folder: Path | None, looked_at: Path | None) -> tuple[Resource, ...]:
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
    from spearmint.schedulers import SCHEDULERS  # noqa: PLC0415 - the registry knows this module

    if section.has("scheduler") and section.values["scheduler"] not in SCHEDULERS:
        section.fault(
            "scheduler", f"{one_of(sorted(SCHEDULERS))}: no other runs jobs in this release"
        )
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
        max_concurrent=section.whole("max-concurrent", 1, 1, 100_000),
        max_finished_jobs=section.whole("max-finished-jobs", None, 1),
        scheduler_args=section.values.get("scheduler-args"),
        environment_file=(folder or Path()) / environment if environment else None,
        output_subdir=subdir,
    )


def _database(top: Section, folder: Path | None, environ: Mapping[str, str]) -> tuple[str, str]:
    section = Section(top.mapping("database"), "database", top.faults)
    section.check_keys(("name", "address"))
    name = section.text("name", "spearmint", "the name of a database")
    address = section.text("address", "localhost", "HOST, HOST:PORT, mongodb://... or sqlite:PATH")
    given = environ.get("SPEARMINT_DB_ADDRESS", "").strip()
    if given:
        return _absolute(given, Path.cwd()), name
    return (_absolute(address, folder) if folder is not None else address), name


def _absolute(address: str, base: Path) -> str:
    """The address with an SQLite path made absolute: relative ones begin at ``base``."""
    from spearmint.database import is_sqlite  # noqa: PLC0415 - not for those who only read the classes

    if not is_sqlite(address):
        return address
    path = address.removeprefix("sqlite:")
    return "sqlite:" + os.path.normpath(base / path) if path else address


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
