"""Shell commands and Python blocks of the guides are run as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.documents import GUIDES, ROOT, Block, blocks
from tests.environment import unmeasured

#: Why a command is not run here. A line that begins with the key is meant.
NOT_RUN = {
    "./run_tool.sh  ": "takes minutes; .ci/run runs it with fewer networks",
    "./run_tool.sh --max_finished_jobs 40": "the same, for longer",
    "./run_tool.sh --resume": "continues the run above; .ci/run does it",
    "./run_tool.sh --experiment experiments/mnist": "downloads a data set and needs a GPU",
    ".venv/bin/python gener_experiment.py --experiment experiments/cifar10 --profile": (
        "downloads a data set; test_costs_from.py copies profiles"
    ),
    "./run_tests.sh": "runs these tests",
    "./tests/": "installs servers; .ci/run runs it",
    "./report.sh experiments/digits": "needs a finished run; test_main.py of the reports runs it",
    "./cleanup.sh experiments/digits": "needs a finished run; test_cleanup.py runs it",
    ".venv/bin/python -m hwsearch.predict": "needs a finished run; test_main.py of predict runs it",
    ".venv/bin/python -m hwsearch.finish": "needs a finished run; test_main.py of finish runs it",
    "sqlite3 ": "opens a shell; test_results_sqlite.py runs what is typed there",
    "mongod ": "starts a server that a machine without MongoDB does not have",
    "mongosh ": "opens a shell; test_results_mongodb.py runs what is typed there",
    ".venv/bin/python spearmint/main.py DIR": "DIR stands for the reader's own folder",
}
COMPUTED = "--optimize error --constraint params --constraint_val 9k"
#: Commands that are run for a shorter time than the page says.
SHORTER = {
    # Without a bound, the tool of experiments/digits first measures sixteen networks.
    r"run_tool\.sh --max": f"run_tool.sh {COMPUTED} --max",
    r"--max_finished_jobs \d+": "--max_finished_jobs 2 --epochs 1",
    r"--max_time \d+[smh]?": "--max_finished_jobs 2",
    r"--epochs \d+": "--epochs 1",
    r"--profile \d+": "--profile 3",
    r"--share (\d+)": r"--share \1 --samples 2",
}
BASH = [block for page in GUIDES for block in blocks(page, "bash")]
PYTHON = [block for page in GUIDES for block in blocks(page, "python")]


def commands(block: Block) -> list[str]:
    """One command per line; a backslash continues it."""
    lines = block.code.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def reason(command: str) -> str | None:
    return next((why for start, why in NOT_RUN.items() if (command + "  ").startswith(start)), None)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the repository in which the requirements count as installed."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("hwsearch", "spearmint", "examples", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("output"))
    for path in ROOT.glob("experiments/*/keras_model"):
        shutil.copytree(path, copy / path.relative_to(ROOT))
    for name in [path.name for end in ("py", "sh") for path in ROOT.glob(f"*.{end}")]:
        shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(sys.prefix)
    install = copy / "requirements" / "install.sh"
    install.parent.mkdir()
    install.write_text("#!/bin/sh\n")
    install.chmod(0o755)
    template = copy / "experiments" / "cancer" / "keras_model" / "network_def.py"
    template.parent.mkdir(parents=True, exist_ok=True)  # a reader may have made it
    [code] = [block.code for block in blocks(ROOT / "docs" / "index.md", "python")][1:]
    template.write_text(code, encoding="utf-8")
    yield copy
    shutil.rmtree(copy)


def test_every_reason_for_not_running_is_needed() -> None:
    every = [command + "  " for block in BASH for command in commands(block)]
    assert every
    unused = {start for start in NOT_RUN if not any(c.startswith(start) for c in every)}
    assert not unused


@pytest.mark.slow
@pytest.mark.parametrize("block", {block.code: block for block in BASH}.values(), ids=str)
def test_shell_block(block: Block, checkout: Path) -> None:
    to_run = [command for command in commands(block) if reason(command) is None]
    if not to_run:
        return
    script = re.sub(r"(?<![\w.-])/tmp/", f"{checkout}/", "\n".join(["set -e", *to_run]))
    for pattern, short in SHORTER.items():
        script = re.sub(pattern, short, script)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout,
        env=unmeasured(),
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", sorted({block.page for block in PYTHON}), ids=lambda page: str(page.relative_to(ROOT))
)
def test_python_blocks(page: Path, tmp_path: Path) -> None:
    """The blocks of a page run one after the other, and print what is shown."""
    whole = [block for block in blocks(page, "python") if "HYPERPARAM" not in block.code]
    mark = "@@@@"
    script = "".join(f"{block.code}\nprint({mark!r})\n" for block in whole)
    done = subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", script],
        cwd=tmp_path,
        env=unmeasured() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    for block, printed in zip(whole, done.stdout.split(f"{mark}\n"), strict=False):
        if block.output:
            assert printed == block.output, str(block)
