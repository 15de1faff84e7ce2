"""config.json, read and checked: every fault of the file in one go, every key with its default.

Keys of the original's format: `experiment-name` (default: the folder's name), `main-file`,
`language`, `likelihood`, `variables`, `tasks`, `resources` (or one resource's keys at the
top), `chooser`, `chooser-args`, `database`, `polling-time`, `grid_size`, `grid_seed`.

Keys of this tool, at the top: `preload` (modules that workers import before their first job),
`seed` (0), `max-time` (seconds, from the start of main.py; no job is started later, those
that run are waited for), `lease-time` (seconds after which a worker that gave no sign of life is
taken for dead, 60), `max-finished-jobs` beside `resources` (the limit of all together).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spearmint.config.declared import (
    RESOURCE_KEYS,
    Resource,
    Task,
    read_resources,
    read_tasks,
    read_variables,
)
from spearmint.config.reader import LARGEST, Faults, Section, shown
from spearmint.database import absolute
from spearmint.errors import UserError

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


class ConfigError(UserError):
    """Faults of a config.json; `faults` has a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
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
        files: Whether the files that it names must be in `folder`.
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
    read_variables(top)
    resources = read_resources(top, folder, looked_at)
    tasks = read_tasks(top, resources, looked_at)
    address, database = _database(top, folder, environ)
    default_name = folder.name if folder is not None and folder.name else "experiment"
    top.whole("grid_size", None, 1, 1_000_000)
    top.whole("grid_seed", None, -LARGEST)
    top.text("chooser", None, "the name of a chooser")
    top.mapping("chooser-args")
    if faults.faults:
        _rest(top, default_name)
        raise ConfigError(faults.faults)
    config = Config(
        folder=folder,
        mapping=_for_choosers(mapping),
        tasks=tasks,
        resources=_common(top, tasks, resources),
        address=address,
        database=database,
        **_rest(top, default_name),
        warnings=tuple(faults.warnings),
    )
    if faults.faults:
        raise ConfigError(faults.faults)
    return config


def _common(
    top: Section, tasks: tuple[Task, ...], resources: tuple[Resource, ...]
) -> tuple[Resource, ...]:
    """The resources that every task may run on: a job evaluates all tasks."""
    common = []
    for resource in resources:
        without = [task.name for task in tasks if resource.name not in task.resources]
        if without:
            text = f"gets no jobs: the tasks {', '.join(without)} may not run on it"
            top.faults.warn(f"resources.{resource.name}", text)
        else:
            common.append(resource)
    return tuple(common)


def _for_choosers(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The dictionary without keys that are null, and with whole sizes."""
    clean: dict[str, Any] = _without_null(mapping)
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
        "seed": top.whole("seed", 0, -LARGEST),
        "max_time": top.number("max-time", None, 0.0, long, "seconds, more than 0"),
        "max_finished_jobs": top.whole("max-finished-jobs", None, 1),
        "lease_time": top.number("lease-time", 60.0, 0.0, long, "seconds, more than 0"),
    }


def _database(top: Section, folder: Path | None, environ: Mapping[str, str]) -> tuple[str, str]:
    section = Section(top.mapping("database"), "database", top.faults)
    section.check_keys(("name", "address"))
    name = section.text("name", "spearmint", "the name of a database")
    address = section.text("address", "localhost", "HOST, HOST:PORT, mongodb://... or sqlite:PATH")
    given = environ.get("SPEARMINT_DB_ADDRESS", "").strip()
    if given:
        return absolute(given, Path.cwd()), name
    return (absolute(address, folder) if folder is not None else address), name
