"""The locked requirements against pyproject.toml."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, set[str]]:
    """Versions of each package in a locked file; several if they depend on the platform."""
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", ["cpu", "cuda"])
def test_every_dependency_is_locked_at_a_version_that_it_allows(name: str) -> None:
    versions = locked(name)
    for text in PROJECT["project"]["dependencies"]:
        requirement = Requirement(text)
        assert versions.get(requirement.name), f"{requirement.name} is not in {name}.txt"
        for version in versions[requirement.name]:
            assert requirement.specifier.contains(version), f"{name}.txt: {text}, got {version}"


@pytest.mark.parametrize("name", ["cuda", "tests"])
def test_all_environments_have_the_same_versions(name: str) -> None:
    cpu = locked("cpu")
    differ = {
        package: versions
        for package, versions in locked(name).items()
        if package in cpu and versions != cpu[package]
    }
    assert differ == {}


def test_the_installed_command_starts_a_module_that_is_packaged() -> None:
    module, function = PROJECT["project"]["scripts"]["hyperpower"].split(":")
    assert module in PROJECT["tool"]["setuptools"]["py-modules"]
    assert callable(getattr(importlib.import_module(module), function))
