"""What only TensorFlow 1, another copy of Keras or a notebook service can run."""

from __future__ import annotations

import pytest

from hwsearch.keras2 import removed_spellings


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import tf_keras\nfrom tf_keras import layers", ["got tf_keras, which is Keras 2"] * 2),
        (
            "from tensorflow.python.keras.models import Model",
            ["got tensorflow.python.keras, which is an old copy"],
        ),
        ("from tensorflow.python import keras", ["got tensorflow.python.keras, which is"]),
        ("from google.colab import drive", ["got google.colab, which only Google's"]),
        ("import google.colab as c", ["got google.colab, which only Google's"]),
        (
            "from keras.backend.tensorflow_backend import set_session\nimport tensorflow as tf\n"
            "set_session(tf.Session(config=tf.ConfigProto()))\ntf.set_random_seed(1)",
            [
                "got keras.backend.tensorflow_backend, which is of TensorFlow 1; expected",
                "got tf.ConfigProto of TensorFlow 1",
                "got tf.Session of TensorFlow 1",
                "got tf.set_random_seed of TensorFlow 1; expected tf.random.set_seed",
            ],
        ),
        ("from keras import backend as K\nK.set_session(1)", ["got set_session of TensorFlow 1"]),
        (
            "from tensorflow import set_random_seed, keras\nfrom keras.backend import set_session",
            ["got tf.set_random_seed of TensorFlow 1", "got set_session of TensorFlow 1"],
        ),
        (
            "import tensorflow.compat.v1 as tf\ntf.disable_eager_execution()",
            ["got disable_eager_execution, but Keras 3 needs eager execution"],
        ),
        (
            "get_ipython().system('ls')\nget_ipython().run_line_magic('matplotlib', 'inline')",
            ["got get_ipython().system, which only", "got get_ipython().run_line_magic, which"],
        ),
    ],
)
def test_all_are_found_at_once(script, said):
    found = removed_spellings(script)
    assert len(found) == len(said)
    for (_, text), begin in zip(found, said, strict=True):
        assert text.startswith(begin)


@pytest.mark.parametrize(
    "script",
    [
        "import tensorflow as tf\ntf.compat.v1.Session\ntf.random.set_seed(1)",
        "try:\n    import google.colab\nexcept ImportError:\n    pass",
        "import tf_keras_tools\nimport google.cloud",
        "import mine as tf\ntf.Session()",
        "if shell:\n    get_ipython().system('ls')",
    ],
)
def test_what_may_run_is_left_alone(script):
    assert removed_spellings(script) == []
