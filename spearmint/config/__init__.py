"""Reading and checking config.json."""

from __future__ import annotations

from spearmint.config.declared import Resource, Task
from spearmint.config.loading import TOP_KEYS, Config, ConfigError, decode, load, parse

__all__ = ["TOP_KEYS", "Config", "ConfigError", "Resource", "Task", "decode", "load", "parse"]
