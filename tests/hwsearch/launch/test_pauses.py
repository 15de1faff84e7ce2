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


def test_the_rule_chance_needs_the_value_of_a_guess() -> None:
    chance = replace(SETTINGS, stop="chance")
    pauses.check(replace(chance, chance=90.0), ours=True)
    expected = (
        "--chance: got nothing with --stop chance; expected the error of a network that guesses, "
        "such as 90 with ten classes"
    )
    with pytest.raises(UserError) as caught:
        pauses.check(chance, ours=True)
    assert str(caught.value) == expected
    with pytest.raises(UserError, match=r"the val_auc of a network that guesses$"):
        pauses.check(replace(chance, optimize="val_auc"), ours=True)
    for wrong in (-5.0, 0.0, 900.0):  # every training would end, or none
        with pytest.raises(UserError, match=rf"^--chance: got {wrong:g} with --optimize error; "):
            pauses.check(replace(chance, chance=wrong), ours=True)
    pauses.check(replace(chance, chance=100.0), ours=True)
    pauses.check(replace(chance, optimize="val_loss", chance=-5.0), ours=True)
    for rule in ("off", "freeze-thaw"):
        with pytest.raises(UserError, match=f"^--chance: given with --stop {rule}; expected"):
            pauses.check(replace(SETTINGS, stop=rule, chance=90.0), ours=True)


def test_space_for_paused_trainings_needs_paused_trainings() -> None:
    off = replace(SETTINGS, stop="off", paused_size=2**30)
    pauses.check_size({}, off)  # an earlier version has accepted it
    given = {"paused_size": 2**30}
    pauses.check_size(given, SETTINGS)
    with pytest.raises(UserError, match=r"^--paused_size: given with --stop off, .* extrapolate"):
        pauses.check_size(given, off)


def test_states_go_at_the_end(tmp_path) -> None:
    experiment = Experiment(tmp_path)
    pauses.forget(experiment)
    experiment.paused.mkdir(parents=True)
    (experiment.paused / "00000001.state").write_bytes(b"")
    pauses.forget(experiment)
    assert not experiment.paused.exists()
    assert experiment.tmp.exists()
