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
    cost = replace(SETTINGS, optimize="training_time", constraints={"error": 5.0})
    with pytest.raises(
        UserError, match=r"^--stop: got 'freeze-thaw' with --optimize training_time"
    ):
        pauses.check(cost, ours=True)


def test_the_rule_chance_needs_the_value_of_a_guess() -> None:
    chance = replace(SETTINGS, stop="chance")
    pauses.check(replace(chance, chance=90.0), ours=True)
    expected = (
        "--chance: got nothing with --stop chance; expected the error of random guessing, "
        "such as 90 with ten classes"
    )
    with pytest.raises(UserError) as caught:
        pauses.check(chance, ours=True)
    assert str(caught.value) == expected
    with pytest.raises(UserError, match=r"the val_auc of random guessing$"):
        pauses.check(replace(chance, optimize="val_auc"), ours=True)
    for wrong in (-5.0, 0.0, 900.0):  # every training would end, or none
        with pytest.raises(UserError, match=rf"^--chance: got {wrong:g} with --optimize error; "):
            pauses.check(replace(chance, chance=wrong), ours=True)
    pauses.check(replace(chance, chance=100.0), ours=True)
    pauses.check(replace(chance, optimize="val_loss", chance=-5.0), ours=True)
    for rule in ("off", "freeze-thaw"):
        with pytest.raises(UserError, match=f"^--chance: given with --stop {rule}; expected"):
            pauses.check(replace(SETTINGS, stop=rule, chance=90.0), ours=True)


@pytest.mark.parametrize(
    ("name", "maximize", "wrong", "expected"),
    [
        (
            "val_accuracy",
            True,
            (10.0, 1.0, -0.1),
            "val_accuracy, which is between 0 and 1; expected a number in that range and below 1, "
            "such as 0.1 with ten classes",
        ),
        (
            "val_r2_score",
            True,
            (1.0, 90.0),
            "val_r2_score, which is at most 1; expected a number in that range and below 1",
        ),
        (
            "val_auc_1",
            False,
            (0.0, 50.0),
            "val_auc_1, which is between 0 and 1; expected a number in that range and above 0",
        ),
    ],
)
def test_a_guess_that_no_training_can_beat_is_refused(
    name: str, maximize: bool, wrong: tuple[float, ...], expected: str
) -> None:
    settings = Settings("run", name, maximize=maximize, stop="chance")
    for chance in wrong:
        with pytest.raises(UserError) as caught:
            pauses.check(replace(settings, chance=chance), ours=True)
        assert str(caught.value) == f"--chance: got {chance:g} for {expected}"
    pauses.check(replace(settings, chance=0.1), ours=True)
    other = replace(settings, optimize="val_my_accuracy", chance=10.0)
    pauses.check(other, ours=True)  # which may be in percent


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
