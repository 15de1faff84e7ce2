"""Loads config.json: all faults of the file are reported together, and every key has its default.

Keys of Spearmint's format: `experiment-name` (default: the folder's name), `main-file`,
`language`, `likelihood`, `variables`, `tasks`, `resources` (or the keys of a single resource at
the top), `chooser`, `chooser-args`, `database`, `polling-time`, `grid_size`, `grid_seed`.

Keys of this tool, at the top: `preload` (modules that workers import before their first job),
`seed` (0), `first-points` (points to evaluate before all others), `earlier-results` (a file with
results of other experiments, which inform the models), `max-time` (seconds from the
start of main.py after which no job is started; running jobs finish), `lease-time` (seconds without
a heartbeat after which a worker is assumed to be dead, 60), `job-timeout` (seconds that one job may
take), `job-memory` and `output-limit` (bytes that it may use and print, or texts such as "8GiB"),
`max-finished-jobs` beside `resources` (the limit of all resources together), `candidate-check` (a
function that computes constraints of a point before it becomes a job), `stopping` (how trainings
are paused and ended early).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spearmint.config.candidate_check import read_candidate_check
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader, is_folder, shown
from spearmint.config.records import OUTPUT_LIMIT, Config, ConfigError, Problem
from spearmint.config.resources import fit_for_all, read_resources
from spearmint.config.stopping import check_file
from spearmint.config.tasks import read_main_file
from spearmint.database import absolute
from spearmint.errors import UserError

#: The shortest time between two looks at the database, in seconds: `"polling-time": 0`.
SHORTEST_POLLING_TIME = 0.01
#: The lowest limits on a job's memory and on its output, in bytes.
LEAST_MEMORY, LEAST_OUTPUT = 2**20, 2**12


#: Adds the faults of a part that this package does not know, such as a chooser's arguments.
Check = Callable[[Problem, Faults], object]


def load(
    folder: str | os.PathLike[str],
    name: str = "config.json",
    *,
    files: bool = True,
    check: Check | None = None,
) -> Config:
    """The configuration of an experiment folder.

    Args:
        folder: DIR.
        name: The file's name in DIR.
        files: Whether the files that it names must exist.
        check: A further check, whose faults are reported with the others.

    Raises:
        ConfigError: All faults of the file.
        UserError: There is no such folder or file.
    """
    folder = Path(folder).absolute()
    path = folder / name
    if not is_folder(folder):
        raise UserError(f"DIR: got {shown(str(folder))}; expected an experiment folder")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; --config selects another one") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from None
    return parse(decode(raw, str(path)), source=str(path), folder=folder, files=files, check=check)


def decode(raw: bytes, source: str = "config.json") -> Any:
    """The value of a JSON file's bytes.

    Raises:
        ConfigError: It is not JSON, or has a key twice.
    """
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(items)
        if len(mapping) < len(items):
            names = [key for key, _ in items]
            twice.extend(sorted({key for key in names if names.count(key) > 1}))
        return mapping

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
    check: Check | None = None,
) -> Config:
    """The configuration of a config.json's dictionary.

    Args:
        mapping: The dictionary.
        source: What messages call the file.
        folder: DIR; None leaves paths as they are and looks for no file.
        files: Whether the files that it names must exist in `folder`.
        environ: Its SPEARMINT_DB_ADDRESS takes precedence over the address in the file.
        check: A further check, whose faults are reported with the others.

    Raises:
        ConfigError: All faults.
    """
    faults = Faults(source)
    top = ObjectReader.of_file(mapping, faults)
    config = _read(top, folder, files=files, environ=environ, warnings=faults.warnings)
    if check is not None:
        check(config.problem, faults)
    faults.check()
    return config


def _read(
    top: ObjectReader,
    folder: Path | None,
    *,
    files: bool,
    environ: Mapping[str, str],
    warnings: list[str],
) -> Config:
    """The configuration, with defaults in place of faults; `warnings` grows while keys are read."""
    problem = read_problem(top)
    main_file = read_main_file(top, problem.tasks, folder, must_exist=files)
    check_file(top, main_file)
    resources = read_resources(top, folder, must_exist=files)
    address, database = _database(top, folder, environ)
    default_name = folder.name if folder is not None and folder.name else "experiment"
    return Config(
        folder=folder,
        problem=problem,
        experiment=top.string("experiment-name", default_name, "a name of one letter or more"),
        main_file=main_file,
        resources=fit_for_all(top, problem.tasks, resources),
        address=address,
        database=database,
        polling_time=max(top.seconds("polling-time", 5.0, zero=True), SHORTEST_POLLING_TIME),
        preload=top.strings("preload", "a list of names of modules"),
        max_time=top.seconds("max-time", None),
        max_finished_jobs=top.whole("max-finished-jobs", None, 1),
        max_full_jobs=top.whole("max-full-jobs", None, 1),
        lease_time=top.seconds("lease-time", 60.0),
        job_timeout=top.seconds("job-timeout", None),
        job_memory=top.size("job-memory", None, LEAST_MEMORY),
        output_limit=top.size("output-limit", OUTPUT_LIMIT, LEAST_OUTPUT),
        earlier_results=_earlier_results(top, folder),
        candidate_check=read_candidate_check(top, problem.tasks, folder, must_exist=files),
        warnings=tuple(warnings),
        source=top.faults.source,
    )


def _earlier_results(top: ObjectReader, folder: Path | None) -> Path | None:
    name = top.string("earlier-results", None, "a JSON file; a relative path starts at DIR")
    return None if name is None else (folder or Path()) / name


def _database(
    top: ObjectReader, folder: Path | None, environ: Mapping[str, str]
) -> tuple[str, str]:
    """The database's address and name."""
    reader = top.inner("database")
    reader.check_keys(("name", "address"))
    name = reader.string("name", "spearmint", "the name of a database")
    expected = "HOST, HOST:PORT, mongodb://... or sqlite:PATH"
    address = reader.string("address", "localhost", expected)
    given = environ.get("SPEARMINT_DB_ADDRESS", "").strip()
    if given:
        return absolute(given, Path.cwd()), name
    return (absolute(address, folder) if folder is not None else address), name
