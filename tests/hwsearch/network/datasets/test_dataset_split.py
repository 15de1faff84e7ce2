"""A validation set from a data set that the script does not validate on."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import MODEL, train

pytest.importorskip("tensorflow")
DATA = (
    "import tensorflow as tf\nd = tf.data.Dataset.from_tensor_slices((x, y)){more}\n"
    "model.fit(d, epochs=1{words})\n"
)


def data(more: str, words: str = "") -> str:
    return MODEL + DATA.format(more=more, words=words)


@pytest.mark.parametrize(
    ("more", "held_out"),
    [(".batch(8)", "3 of 12"), (".filter(lambda x, y: x[0] > -9.0).batch(8)", "3 of 12")],
)
def test_batches_are_held_out_that_are_not_trained_on(more, held_out, network_from):
    network = network_from(data(more))
    assert network.split == f"{held_out} batches of x, taken at regular intervals"
    kept = np.concatenate([x.numpy() for x, _ in network.plan.get("x")])
    apart = np.concatenate([x for x, _ in network.validation.batches()])
    assert (len(kept), len(apart)) == (72, 24)
    assert not {row.tobytes() for row in kept} & {row.tobytes() for row in apart}
    assert 0 <= train(network).error <= 100
    assert network.validation_count == 24


def test_a_share_of_the_batches(network_from):
    script = data(".batch(8)", ", steps_per_epoch=12, validation_data=d")
    network = network_from(script, validation_split=0.5)
    assert network.split.startswith("6 of 12 batches of x")
    assert network.plan.get("steps_per_epoch") == 6


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (data(".batch(8).repeat()", ", steps_per_epoch=2"), "got an endless tf.data.Dataset"),
        (
            data(".shuffle(96).batch(8)"),
            "d (x of fit): got a tf.data.Dataset that gives other batches each time without "
            "validation_data, on which the search compares networks; expected fit(...",
        ),
        (data(".batch(96)"), "got a tf.data.Dataset of 1 batches without validation_data"),
        (data(".batch(8).take(0)"), "got a tf.data.Dataset of 0 batches"),
        (data(".batch(8)", ", validation_split=0.2"), "validation_split of fit: is for arrays"),
        (
            data(".batch(8)", ", validation_data=d.repeat()"),
            "validation_data: got a tf.data.Dataset without an end; expected validation_steps=",
        ),
        (
            MODEL + "class Own(keras.utils.PyDataset):\n    def __len__(self):\n        return 2\n"
            "model.fit(Own())",
            "Own() (x of fit): got an Own without validation_data",
        ),
    ],
)
def test_what_cannot_be_split_is_refused(script, said, network_from):
    with pytest.raises(NetworkError) as caught:
        network_from(script)
    assert said in str(caught.value)


def test_a_generator_without_an_end_is_not_read_for_ever(network_from, monkeypatch):
    monkeypatch.setattr("hwsearch.network.datasets.held_out.MOST_BATCHES", 20)
    script = "def g():\n    while True:\n        yield x, y\nmodel.fit(x, y, validation_data=g())"
    with pytest.raises(NetworkError, match="has not ended after 20 batches; expected validation_s"):
        network_from(MODEL + script)
