from __future__ import annotations

import importlib
import sys

import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


@pytest.mark.parametrize("module", keras2.MOVED_MODULES)
def test_moved_modules_have_only_the_names_of_the_new_ones(module):
    with pytest.raises(AttributeError, match="NoSuchThing"):
        _ = sys.modules[module].NoSuchThing


def test_old_imports(capsys):
    from keras.layers.core import Dense
    from keras.layers.normalization import BatchNormalization
    from keras.utils import np_utils

    assert Dense is keras.layers.Dense
    assert BatchNormalization is keras.layers.BatchNormalization
    assert np_utils.to_categorical([1], 2).tolist() == [[0, 1]]
    assert "from keras.layers import BatchNormalization" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "from keras.optimizers.legacy import Adam",
        "from keras.optimizers import legacy; Adam = legacy.Adam",
        "import keras.optimizers.legacy as old; Adam = old.Adam",
        "Adam = keras.optimizers.legacy.Adam",
        "from keras.optimizers import adam as Adam",
        "Adam = keras.optimizers.adam",
    ],
)
def test_legacy_and_lower_case_optimisers(text, capsys):
    names = {"keras": keras}
    exec(compile(text, f"<{text}>", "exec"), names)
    assert names["Adam"] is keras.optimizers.Adam
    made = names["Adam"](lr=0.25, decay=1e-6)
    assert float(made._learning_rate(0)) == 0.25
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert "Keras 3: " in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "from tensorflow.keras.optimizers.legacy import Adam",
        "import tensorflow as tf; Adam = tf.keras.optimizers.legacy.Adam",
        "from tensorflow.keras.optimizers import adam as Adam",
    ],
)
def test_those_of_tensorflow(text):
    pytest.importorskip("tensorflow")
    keras2.install()
    names: dict[str, object] = {}
    exec(text, names)
    assert names["Adam"] is keras.optimizers.Adam


def test_layers_that_were_experimental():
    names = {"keras": keras}
    exec("from keras.layers.experimental.preprocessing import RandomFlip as A", names)
    exec("from keras.layers.experimental import preprocessing; B = preprocessing.RandomFlip", names)
    exec("C = keras.layers.experimental.preprocessing.RandomFlip", names)
    assert {names[name] for name in "ABC"} == {keras.layers.RandomFlip}


def test_what_no_optimiser_was_called_is_still_unknown():
    with pytest.raises(AttributeError, match="no attribute 'lion2'"):
        _ = keras.optimizers.lion2
    with pytest.raises(ImportError):
        exec("from keras.optimizers.legacy import SGDD")
    with pytest.raises(
        TypeError, match=r"merge\(\.\.\.\) is from Keras 1; in Keras 3: keras.layers."
    ):
        exec("from keras.layers import merge; merge([1, 2], mode='concat')")


def test_an_image_data_generator_yields_batches(capsys):
    import numpy as np
    from keras.preprocessing.image import ImageDataGenerator

    flow = ImageDataGenerator(rescale=0.5).flow(np.ones((6, 4, 4, 1)), np.arange(6), batch_size=4)
    images, labels = flow[0]
    assert (images.shape, labels.shape, float(images.max())) == ((4, 4, 4, 1), (4,), 0.5)
    assert "keras.preprocessing.image.ImageDataGenerator is from Keras 2" in capsys.readouterr().err


def test_short_names_of_losses(capsys):
    from keras.losses import MAE, mse

    assert mse is keras.losses.mean_squared_error
    assert MAE is keras.losses.mean_absolute_error
    assert keras.metrics.mse is keras.metrics.mean_squared_error
    assert "in Keras 3: keras.losses.mean_squared_error" in capsys.readouterr().err
    for name in ("msee", "", "__nothing__"):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
            getattr(keras.losses, name)


def test_modules_of_text():
    tokenizer = importlib.import_module("keras.preprocessing.text").Tokenizer(3)
    tokenizer.fit_on_texts(["a b a"])
    assert tokenizer.texts_to_sequences(["a"]) == [[1]]
