"""What several trainings say about a network."""

from __future__ import annotations

import math
from pathlib import Path

from hwsearch.budget import AtLeast
from hwsearch.experiment import Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.finished import Finished
from hwsearch.finish.statement import best_of, statement
from hwsearch.measurements import Quantity
from hwsearch.measurements.repeat import Repeat

NAN = math.nan
PLACE = Finished(Path("/folder"))


def repeat(error, test=NAN, loss=1.0, **known):
    return Repeat(1, 2, 2, {"error": error}, loss, test, model="1.keras", loading="model", **known)


def test_mean_of_each_metric_beside_the_search():
    searched = BestNetwork(
        "run", 3, "error", 2.0, test_error=2.5, metrics={"error": Quantity(2.0, 0.5)}
    )
    repeats = [repeat(2.0, 3.0, 0.3), repeat(4.0, 3.2, 0.2), repeat(3.0, 3.4, 0.1)]
    lines = statement(Settings("run", "error"), repeats, PLACE, searched).splitlines()
    assert lines == [
        "  error       3.0 ± 0.6 %    each: 2, 4, 3; in the search: 2.0 ± 0.5 %",
        "  test error  3.20 ± 0.12 %  each: 3, 3.2, 3.4; in the search: 2.5 %",
        "  best: training 1",
        "  script  /folder/1_keras_net.py",
        "  model   /folder/1.keras",
        '  load    keras.models.load_model("1.keras")',
    ]


def test_other_objectives_and_bounds():
    settings = Settings("run", "val_auc", {"val_recall": AtLeast(0.9)}, maximize=True)
    repeats = [
        Repeat(1, metrics={"val_auc": auc, "val_recall": recall, "test_auc": 0.5})
        for auc, recall in ((0.8, 0.95), (0.9, 0.85))
    ]
    text = statement(settings, repeats, PLACE, None)
    assert "  val_auc     0.85 ± 0.05  each: 0.8, 0.9\n" in text
    assert "each: 0.95, 0.85; budget: at least 0.9, met by 1 of 2\n" in text
    assert "  test_auc    0.5" in text
    assert best_of(repeats, settings) == 1


def test_without_validation_the_training_loss_chooses():
    repeats = [
        Repeat(seed, 2, 2, loss=loss, test_error=test)
        for seed, loss, test in ((1, 0.3, 1.0), (2, 0.1, 9.0))
    ]
    text = statement(Settings("run", "error"), repeats, PLACE, None)
    assert "  test error  5 ± 4 %  each: 1, 9\n" in text
    assert "  best: training 2, chosen by its training loss\n" in text


def test_without_a_loss_the_first_training_that_did_not_diverge_is_named():
    diverged = Repeat(1, reason="training diverged: loss is NaN in epoch 1")
    repeats = [diverged, Repeat(2, 2, 2, model="2.keras"), Repeat(3, 2, 2, model="3.keras")]
    text = statement(Settings("run", "error"), repeats, PLACE, None)
    assert "  best: training 2, as no loss is known\n" in text
    assert "/folder/2.keras" in text


def test_trainings_that_diverged_and_those_that_are_equal():
    settings = Settings("run", "error")
    diverged = Repeat(1, reason="training diverged: loss is NaN in epoch 1")
    text = statement(settings, [diverged, repeat(2.0)], PLACE, None)
    assert "  not counted: training diverged: loss is NaN in epoch 1\n" in text
    assert "best: training 2\n" in text
    assert "best" not in statement(settings, [diverged], PLACE, None)
    text = statement(settings, [repeat(2.0), repeat(2.0)], PLACE, None)
    assert "  all trainings are the same: the script sets a seed of its own\n" in text


def test_a_training_without_the_objective_is_not_the_best_for_its_training_loss():
    repeats = [
        Repeat(1, 2, 2, {"val_loss": 0.5}, loss=0.4),
        Repeat(2, 2, 2, {"val_loss": NAN}, loss=0.1),
    ]
    assert best_of(repeats, Settings("run", "val_loss")) == 0
