"""The key `stopping`: how trainings are paused and ended early."""

from __future__ import annotations

from collections.abc import Sequence

from spearmint.config.reader import ObjectReader, as_number
from spearmint.config.records import STOPPING_RULES, Stopping, Task

KEY = "stopping"
KEYS = ("rule", "segments", "chance")
#: Default and limits of the number of segments.
SEGMENTS, FEWEST, MOST = 8, 2, 16


def read_stopping(top: ObjectReader, tasks: Sequence[Task]) -> Stopping | None:
    """How trainings are ended; None if they are not, or after adding a fault.

    Args:
        top: The whole file.
        tasks: All tasks.
    """
    if not top.has(KEY):
        return None
    if sum(task.objective for task in tasks) > 1:
        top.fault(KEY, "a single objective, whose learning curve decides")
        return None
    reader = top.inner(KEY)
    reader.check_keys(KEYS)
    rule = reader.choice("rule", STOPPING_RULES, STOPPING_RULES[0])
    segments = reader.whole("segments", SEGMENTS, FEWEST, MOST)
    chance = as_number(reader.values.get("chance"))
    if chance is None and (rule == "chance" or reader.has("chance")):
        reader.fault("chance", "the objective of a guess, such as 90 for an error in percent")
    elif chance is not None and rule != "chance":
        reader.faults.warn(reader.at("chance"), f"ignored: the rule is {rule}, not chance")
    return Stopping(rule, segments, None if chance is None else float(chance))


def check_file(top: ObjectReader, main_file: str | dict[str, str]) -> None:
    """Adds a fault if trainings may be paused, and several files compute the tasks.

    Args:
        top: The whole file.
        main_file: As `read_main_file` gives it.
    """
    if top.has(KEY) and not isinstance(main_file, str):
        top.fault(KEY, "one `main-file` for all tasks, which can be continued")
