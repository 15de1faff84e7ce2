"""Names of runs: a new one, and the one to resume."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.launch.earlier_runs.run_names import new_name, wanted_run


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    experiment = Experiment(tmp_path)
    experiment.prepare()
    return experiment


def test_a_new_name_differs_from_all_others(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "strftime", lambda _: "hyperpower-1")
    assert new_name(experiment, set()) == "hyperpower-1"
    experiment.save_settings(Settings("hyperpower-1", "error"))
    assert new_name(experiment, set()) == "hyperpower-1-2"
    Archive(experiment).put_aside()
    assert new_name(experiment, {"hyperpower-1-2", "other"}) == "hyperpower-1-3"


def test_runs_by_name(experiment: Experiment) -> None:
    for name in ("hyperpower-1", "hyperpower-2"):
        experiment.save_settings(Settings(name, "error"))
        if name == "hyperpower-1":
            Archive(experiment).put_aside()
    assert wanted_run(experiment, True) == "hyperpower-2"
    assert wanted_run(experiment, "hyperpower-1") == "hyperpower-1"
    with pytest.raises(UserError, match="got 'x'; expected one of hyperpower-1, hyperpower-2"):
        wanted_run(experiment, "x")
    with pytest.raises(UserError, match="did you mean 'hyperpower-1'"):
        wanted_run(experiment, "hyperpwer-1")


def test_a_run_that_never_began_is_ignored(experiment: Experiment) -> None:
    experiment.save_settings(Settings("hyperpower-1", "error"))
    Archive(experiment).put_aside()
    experiment.calibration_file.write_text("{}")
    assert Archive(experiment).current_run() == "unnamed"
    assert wanted_run(experiment, True) == "hyperpower-1"


def test_a_run_without_its_settings_is_named(experiment: Experiment) -> None:
    experiment.save_settings(Settings("hyperpower-1", "error"))
    Archive(experiment).put_aside()
    experiment.config_file.parent.mkdir(parents=True, exist_ok=True)
    experiment.config_file.write_text('{"experiment-name": "hyperpower-2"}')
    assert wanted_run(experiment, True) == "hyperpower-1", "the second run never began"
    experiment.output_dir.mkdir(parents=True, exist_ok=True)
    (experiment.output_dir / "00000001.out").touch()
    missing = re.escape(f"--resume: {experiment.settings_file}: no such file, without which ")
    for wanted in (True, "hyperpower-2"):
        with pytest.raises(UserError, match=f"{missing}hyperpower-2 cannot continue"):
            wanted_run(experiment, wanted)
    assert wanted_run(experiment, "hyperpower-1") == "hyperpower-1"


def test_no_run_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--resume: no earlier run found in"):
        wanted_run(Experiment(tmp_path), True)
