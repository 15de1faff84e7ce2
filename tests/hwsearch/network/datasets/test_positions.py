from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network.datasets.positions import both, may_mask, spread, weighted

TAGGER = """
    import keras
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.integers(1, 9, (40, 6))
    Y = X % 3
    X[:, 3:] = 0  # padding
    Y[:, 3:] = {padding}
    model = keras.Sequential([
        keras.Input((6,)),
        keras.layers.Embedding(9, 4, mask_zero={masked}),
        keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
    ])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(ignore_class={ignored}))
    valid = {valid}
    model.fit(X, Y, validation_data=valid)
"""
# This model gives the class 0 everywhere, so padding of class 2 is always wrong.
WEIGHTS = "(X, Y, (X > 0).astype(float))"
BATCHES = "__import__('tensorflow').data.Dataset.from_tensor_slices(({})).batch(16)"  # 40 rows


@pytest.mark.parametrize(
    ("masked", "padding", "ignored", "valid"),
    [
        (True, 2, None, "(X, Y)"),
        (True, 2, None, BATCHES.format("X, Y")),
        (False, 2, None, WEIGHTS),
        (False, 2, None, BATCHES.format(WEIGHTS[1:-1])),
        (True, 2, None, "(X, Y, np.repeat([1.0, 2.0], 20))"),
        (False, -1, -1, "(X, Y)"),
        (False, 255, 255, "(X, Y)"),
    ],
)
def test_what_the_loss_leaves_out_is_no_mistake(masked, padding, ignored, valid, network_from):
    script = TAGGER.format(masked=masked, padding=padding, ignored=ignored, valid=valid)
    network = network_from(script)
    words = np.random.default_rng(0).integers(1, 9, (40, 6))[:, :3]
    assert network.validation_error() == pytest.approx(100 * np.mean(words % 3 != 0))
    assert network.validation_count == 40


def test_masks_of_lambda_layers_count(network_from):
    network = network_from(
        """
        import keras
        import numpy as np
        x = np.repeat([[1.0, 2.0, 0.0, 0.0]], 40, axis=0)[..., None]
        y = np.repeat([[0, 1, 2, 2]], 40, axis=0)  # padding of class 2
        model = keras.Sequential([
            keras.Input((4, 1)),
            keras.layers.Lambda(lambda t: 1.0 * t, mask=lambda t, _: t[..., 0] > 0),
            keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros"),
        ])
        model.compile("sgd", "sparse_categorical_crossentropy")
        model.fit(x, y, validation_data=(x, y))
        """
    )
    assert network.validation_error() == 50.0  # all 0: right in the first of two positions


def test_rows_without_weight_do_not_count(network_from):
    valid = "(X, Y, np.repeat([1.0, 0.0], 20))"
    script = TAGGER.format(masked=False, padding=0, ignored=None, valid=valid)
    network = network_from(script)
    words = np.random.default_rng(0).integers(1, 9, (40, 6))[:20, :3]
    assert network.validation_error() == pytest.approx(100 * np.sum(words % 3 != 0) / 120)
    assert network.validation_count == 20


def test_only_models_that_mask_are_run_for_their_mask(network_from):
    for masked in (True, False):
        script = TAGGER.format(masked=masked, padding=2, ignored=None, valid="(X, Y)")
        assert may_mask(network_from(script).model) == masked


def test_shapes():
    rows = np.array([True, False])
    assert spread(None, (2, 3)).all()
    for given in (rows, rows[:, None], rows[:, None, None]):
        assert spread(given, (2, 3)).tolist() == [[True] * 3, [False] * 3]
    assert spread(rows, (3,)).all()
    assert both(None, None) is None
    assert both(np.ones((2, 3)), rows).tolist() == [[True] * 3, [False] * 3]
    assert weighted(None) is None
    assert weighted([np.array([0.5, 0.0])]).tolist() == [True, False]
