"""What is kept of a callback: what has changed, if it can be stored."""

from __future__ import annotations

import threading
from typing import ClassVar

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.pausing.attributes import Attributes, own_classes
from hwsearch.pausing.errors import CannotPauseError


class Watch(keras.callbacks.Callback):
    """A callback of a script."""

    def __init__(self):
        super().__init__()
        self.data = list(range(5))
        self.losses = []
        self.layer = keras.layers.Dense(1)
        self.rule = lambda loss: loss
        self.best = None


def test_only_changed_attributes_are_kept():
    watch = Watch()
    kept = Attributes(watch)
    assert kept.changed() == {}
    watch.losses.append(0.5)
    watch.best, watch.seen = 0.5, 1
    watch.layer, watch.rule = keras.layers.Dense(2), lambda loss: -loss
    assert kept.changed() == {"losses": [0.5], "best": 0.5, "seen": 1}


def test_another_object_gets_them():
    watch, other = Watch(), Watch()
    kept = Attributes(watch)
    watch.losses.append(0.5)
    layer = other.layer
    Attributes(other).restore(kept.changed())
    assert (other.losses, other.best, other.layer) == ([0.5], None, layer)


def test_a_list_of_layers_is_made_again():
    watch = Watch()
    watch.layers = [keras.layers.Dense(1), {"mean": keras.metrics.Mean()}]
    assert Attributes(watch).changed() == {}


class Counted(Watch):
    """Counts in an attribute of its class."""

    losses_of_all: ClassVar[list[float]] = []
    lock = threading.Lock()


def test_attributes_of_a_class_are_kept_once():
    assert own_classes([Counted(), Watch(), keras.callbacks.History()]) == [Counted, Watch]
    kept = Attributes(Counted)
    Counted.losses_of_all.append(0.5)
    changed = kept.changed()
    assert changed == {"losses_of_all": [0.5]}
    Counted.losses_of_all = []
    kept.restore(changed)
    assert Counted().losses_of_all == [0.5]


def test_what_cannot_be_stored_is_named():
    watch = Watch()
    kept = Attributes(watch)
    watch.lock = threading.Lock()
    with pytest.raises(CannotPauseError, match=r"^Watch\.lock cannot be stored$"):
        kept.changed()


def test_an_open_file_of_keras_is_opened_again(tmp_path):
    logger = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    kept = Attributes(logger)
    with (tmp_path / "log.csv").open("w") as logger.csv_file:
        logger.keys = ["loss"]
        assert kept.changed() == {"keys": ["loss"]}
