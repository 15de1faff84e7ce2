"""Reading and checking config.json.

`load(folder)` reads the file of an experiment folder and `parse(mapping)` its dictionary; both
return a `Config`, or raise a `ConfigError` with all faults.
"""

from __future__ import annotations

from spearmint.config.loading import decode, load, parse
from spearmint.config.problem import TOP_KEYS
from spearmint.config.records import (
    CandidateCheck,
    Config,
    ConfigError,
    Problem,
    Resource,
    Stopping,
    Task,
    Variable,
)
from spearmint.config.resources import check_resources

__all__ = [
    "TOP_KEYS",
    "CandidateCheck",
    "Config",
    "ConfigError",
    "Problem",
    "Resource",
    "Stopping",
    "Task",
    "Variable",
    "check_resources",
    "decode",
    "load",
    "parse",
]
