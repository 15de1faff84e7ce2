"""The key `candidate-check`: a function that computes constraints before a point becomes a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from spearmint.config.reader import ObjectReader, is_file
from spearmint.config.records import CandidateCheck, Task
from spearmint.config.tasks import is_inside

KEY = "candidate-check"
KEYS = (
    "function",
    "version",
    "time-limit",
    "candidates",
    "first-job",
    "tell-main",
    "check-ahead",
    "preload",
)
#: More candidates for one job are more than a search of the acquisition function finds.
MOST_CANDIDATES = 256
_EXPECTED = 'FILE:FUNCTION, such as "objective.py:check", of a file in DIR'


def read_candidate_check(
    top: ObjectReader, tasks: Sequence[Task], folder: Path | None, *, must_exist: bool
) -> CandidateCheck | None:
    """The check of candidates; None if there is none, or after adding a fault.

    Args:
        top: The whole file.
        tasks: All tasks.
        folder: DIR; None looks for no file.
        must_exist: Whether a file that is not in `folder` is a fault.
    """
    if not top.has(KEY):
        return None
    if all(task.objective for task in tasks):
        top.fault(KEY, "no check, since there is no constraint")
        return None
    value = top.values[KEY]
    if not isinstance(value, str | Mapping):
        top.fault(KEY, f"{_EXPECTED}, or an object with it as `function`")
        return None
    keys = {"function": value} if isinstance(value, str) else value
    reader = ObjectReader(keys, KEY, top.faults)
    reader.check_keys(KEYS)
    given = str(keys.get("function") or "")
    file, colon, function = given.rpartition(":")
    if not colon or not function.isidentifier() or not file or not is_inside(file):
        reader.fault("function", _EXPECTED)
        return None
    if folder is not None and not file.endswith(".py") and is_file(folder / f"{file}.py"):
        file += ".py"
    if folder is not None and must_exist and not is_file(folder / file):
        reader.fault("function", f"a file in {folder}")
    version = reader.string("version", "", "a text")
    limit_s = reader.seconds("time-limit", 60.0)
    candidates = reader.whole("candidates", 12, 1, MOST_CANDIDATES)
    first_job = reader.whole("first-job", 1, 1)
    tells = reader.flag("tell-main", default=False)
    ahead = reader.flag("check-ahead", default=False)
    modules = reader.strings("preload", "a list of names of modules")
    return CandidateCheck(
        file, function, version, limit_s, candidates, first_job, tells, ahead, modules
    )
