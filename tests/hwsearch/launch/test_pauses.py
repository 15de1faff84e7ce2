"""Paused trainings of a run: what can be asked for, and what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.launch import pauses

SETTINGS = Settings("run", "error", stop="freeze-thaw")


def test_one_objective_and_our_optimiser_can_pause() -> None:
    pauses.check(SETTINGS, ours=True)
    pauses.check(replace(SETTINGS, stop="off"), ours=False)


def test_others_cannot() -> None:
    with pytest.raises(UserError, match=r"^--stop: got 'freeze-thaw' with SPEARMINT_ROOT"):
        pauses.check(SETTINGS, ours=False)
    several = replace(SETTINGS, further_objectives={"power": False})
    with pytest.raises(UserError, match=r"^--stop: got 'freeze-thaw' with several metrics"):
        pauses.check(several, ours=True)


def test_states_go_at_the_end(tmp_path) -> None:
    experiment = Experiment(tmp_path)
    pauses.forget(experiment)
    experiment.paused.mkdir(parents=True)
    (experiment.paused / "00000001.state").write_bytes(b"")
    pauses.forget(experiment)
    assert not experiment.paused.exists()
    assert experiment.tmp.exists()
