"""Which files of an experiment are those of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept.folder import KeptFolder
from hwsearch.experiment.run_files import is_job_file, run_files


def test_files_of_the_run_and_none_of_the_users(tmp_path: Path) -> None:
    own = ("spearmint/config.json", "tmp/00000001_keras_net.py", "tmp/report.html")
    for name in (*own, "tmp/settings.json", "tmp/mine_keras_net.py", "models/job-1/mine.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    for place, run in (("best", "run"), ("models/job-2", "run"), ("models/job-3", "another")):
        KeptFolder(tmp_path / place).replace(BestNetwork(run, 2, "error", 1.0), {})
    kept = [tmp_path / "best", *sorted((tmp_path / "models").iterdir())]
    found = [path.relative_to(tmp_path).as_posix() for path in run_files(tmp_path, "run", kept)]
    assert found == ["best", "models/job-2", *own, "tmp/settings.json"]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("00000001.out", True), ("123456789_files", True), ("1.out", False), ("mine.out", False)],
)
def test_names_of_files_of_jobs(name: str, is_one: bool) -> None:
    assert is_job_file(Path(name)) == is_one
