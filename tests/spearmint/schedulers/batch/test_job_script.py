from __future__ import annotations

import json
import os
import string
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from spearmint.schedulers.batch.job_script import job_name, script
from spearmint.worker.job_spec import JobSpec

NAMES = st.text(
    st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."})


def spec(folder: Path, **changes: object) -> JobSpec:
    plain = {
        "job_id": 3,
        "experiment": "e",
        "folder": str(folder),
        "output_subdir": "output",
        "main_file": "objective.py",
        "tasks": ["main"],
        "address": "host:1",
        "database": "spearmint",
        "lease_s": 60.0,
    }
    return JobSpec(**{**plain, **changes})


def run(one: JobSpec, folder: Path, **changes: object) -> dict[str, str]:
    """What a program in the place of Python is given when a shell runs the script."""
    python = folder / "py'th on"
    python.write_text('#!/bin/bash\nprintf \'%s\\0\' "$PYTHONPATH" "$WORD" "$(cat)" "$@" >got\n')
    python.chmod(0o755)
    one.output.parent.mkdir(parents=True)
    plain = {
        "name": "SLURM $SLURM_JOB_ID",
        "signals": ("SIGUSR2",),
        "environment_file": None,
        "python": str(python),
        "paths": ["/ro ot"],
    }
    file = folder / "script"
    file.write_text(script(one, **{**plain, **changes}), encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "SLURM_JOB_ID": "77", "HOME": "/", "LANG": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-l", file], cwd=folder, env=environ, capture_output=True, check=False
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    got = folder / "got"
    values = got.read_bytes().decode().split("\0")[:-1] if got.exists() else []
    keys = ("PYTHONPATH", "WORD", "spec", "-P", "-c", "code", "name", "signals")
    return {"status": str(done.returncode), **dict(zip(keys, values, strict=bool(values)))}


@settings(max_examples=40)
@given(names=st.lists(NAMES, min_size=3, max_size=3, unique=True), word=NAMES)
def test_a_shell_passes_everything_to_the_worker(names: list[str], word: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, names[0])
        try:
            folder.mkdir()
            file = folder / f"{names[1]}.env"
            file.write_text('WORD=$(printf "%s_" a b)\necho sourced\n')
        except OSError:
            return  # no name for a file here
        one = spec(folder, output_subdir=f"o{names[2]}", address=word)
        got = run(one, folder, environment_file=file, paths=["/ro ot", f"/{names[2]}"])
        assert JobSpec.from_json(got["spec"]) == one
        assert (got["status"], got["WORD"], got["-P"]) == ("0", "a_b_", "-P")
        assert got["PYTHONPATH"] == f"/ro ot:/{names[2]}"
        assert (got["name"], got["signals"]) == ("SLURM 77", "SIGUSR2")
        assert one.output.read_text(encoding="utf-8") == "sourced\n"


def test_environment_file_adds_module_paths(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PYTHONPATH=/of/file:$PYTHONPATH\n")
    got = run(spec(tmp_path), tmp_path, environment_file=file, paths=["/root", "/a", "/b"])
    assert got["PYTHONPATH"] == "/root:/of/file:/a:/b"


def test_environment_file_that_fails_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "e'nv"
    file.write_text("return 3\n")
    one = spec(tmp_path)
    assert run(one, tmp_path, environment_file=file) == {"status": "1"}
    assert one.output.read_text() == f"environment-file: {file} ends with status 3\n"


def test_spec_is_one_line_that_cannot_end_itself(tmp_path: Path) -> None:
    text = script(
        spec(tmp_path, experiment="a\nEND_OF_SPEC\nrm -r /"),
        name="x",
        signals=(),
        environment_file=None,
        python="p",
        paths=["/r"],
    )
    *_, last, end, nothing = text.split("\n")
    assert (json.loads(last)["job_id"], end, nothing) == (3, "END_OF_SPEC", "")
    assert text.splitlines().count("END_OF_SPEC") == 1


@given(experiment=st.text(min_size=1), job_id=st.integers(1, 10**6))
def test_name_is_plain_and_begins_with_the_id(experiment: str, job_id: int) -> None:
    one = spec(Path("/x"), experiment=experiment, job_id=job_id)
    name = job_name(one, 15, "7f2e")
    assert name.startswith(f"hp{job_id}-"[:10])
    assert name.endswith("-7f2e")
    assert len(name) <= 15
    assert set(name) <= set(string.ascii_letters + string.digits + "_.-")
