"""What the README says about the tool, held against the tool."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def front_door(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "gener_experiment.py"), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def test_help_is_shown_as_it_is() -> None:
    shown = [block for block in blocks("text") if block.startswith("usage: gener_experiment.py")]
    done = subprocess.run(
        [sys.executable, str(ROOT / "gener_experiment.py"), "--help"],
        env={"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown == [done.stdout]


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target
    for folder in re.findall(r"`(benchmarks/\w*/?)`", README):
        assert (ROOT / folder).is_dir(), folder


def test_flags_that_the_text_names_exist() -> None:
    named = set(
        re.findall(r"(?<![\w-])--[a-z][a-z_]+", re.sub(r"```.*?```", "", README, flags=re.DOTALL))
    )
    assert named
    helped = front_door("--help").stdout
    assert {flag for flag in named if flag not in helped} == set()


@pytest.mark.slow
def test_walk_through_works_as_written(tmp_path: Path) -> None:
    plain, template = blocks("python")
    assert "HYPERPARAM" not in plain
    subprocess.run([sys.executable, "-c", plain], check=True, capture_output=True)
    model = tmp_path / "cancer" / "keras_model" / "network_def.py"
    model.parent.mkdir(parents=True)
    model.write_text(template, encoding="utf-8")
    command = re.search(
        r"^ +\./run_tool\.sh (--experiment experiments/cancer .*)$", README, re.MULTILINE
    )
    assert command is not None
    flags = shlex.split(
        command[1].replace("experiments/cancer", shlex.quote(str(tmp_path / "cancer")))
    )
    flags[flags.index("--max_finished_jobs") + 1] = "3"
    flags[flags.index("--epochs") + 1] = "2"
    done = front_door(*flags)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "network under the budget" in done.stdout
