"""The files of `CSVLogger` over a pause."""

from __future__ import annotations

from hwsearch.keras_runtime import keras
from hwsearch.pausing import logs


def test_a_file_goes_on_where_the_training_was_paused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,1.0\n")
    callbacks = [keras.callbacks.History(), keras.callbacks.CSVLogger(str(path))]
    found = logs.sizes(callbacks)
    assert found == [17]
    path.write_text(path.read_text() + "1,0.9\n")  # of a process that was killed
    logs.continue_files(callbacks, found)
    assert path.read_text() == "epoch,loss\n0,1.0\n"
    assert callbacks[1].append


def test_a_file_that_is_not_there_begins_again(tmp_path):
    callbacks = [keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))]
    assert logs.sizes(callbacks) == [0]
    logs.continue_files(callbacks, [17])
    assert not callbacks[0].append
