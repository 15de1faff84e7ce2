"""The MongoDB shell commands of docs/results.md, run on a small database with known answers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from spearmint.database import connect
from tests.docs.results_database import MARK, fill, queries
from tests.servers import mongo


@pytest.fixture
def mongodb_url(mongo_address: str) -> Iterator[str]:
    name = f"readme-{uuid.uuid4().hex[:12]}"
    with connect(mongo_address, name) as db:
        fill(db)
        yield f"mongodb://{mongo_address}/{name}"
        for experiment in db.experiments():
            db.drop(experiment)


@pytest.mark.server
def test_js_with_mongosh(mongodb_url: str) -> None:
    # Beside the tests' own mongosh lies a node for it, where the system's is too old.
    programs = f"{os.environ['PATH']}{os.pathsep}{mongo.MONGOSH.parent}"
    shell = shutil.which("mongosh", path=programs)
    if shell is None:
        if mongo.required():
            pytest.fail("no mongosh: run tests/servers/install.sh")
        pytest.skip("no mongosh: run tests/servers/install.sh")
    done = subprocess.run(
        [shell, "--quiet", mongodb_url],
        env=os.environ | {"PATH": f"{Path(shell).parent}{os.pathsep}{os.environ['PATH']}"},
        input=f"print('{MARK}')\n".join(query.code for query in queries("js")),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    # As in the shell: its prompts stand before what it prints.
    name = mongodb_url.rpartition("/")[2]
    printed = re.sub(rf"^(({re.escape(name)}> )|(\.\.\. ))*", "", done.stdout, flags=re.MULTILINE)
    for query, output in zip(queries("js"), printed.split(MARK), strict=True):
        assert output.split() == query.output.split(), query.code
