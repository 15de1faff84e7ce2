"""Configurations of experiments on Ray."""

from __future__ import annotations

from pathlib import Path

from spearmint.config import Config, parse


def ray_config(folder: Path, *words: str) -> Config:
    """One resource on Ray with these `scheduler-args`."""
    return parse(
        {
            "main-file": "objective.py",
            "variables": {"x": {"type": "FLOAT", "min": 0, "max": 1}},
            "scheduler": "RAY",
            "scheduler-args": list(words),
        },
        folder=folder,
        files=False,
        environ={},
    )
