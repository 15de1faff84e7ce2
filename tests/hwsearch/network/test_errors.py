from __future__ import annotations

import re

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import (
    LONGEST_MESSAGE,
    NetworkError,
    explained,
    kind,
    without_numbering,
)
from hwsearch.network.program import rendered_script


def test_additions_of_libraries_are_removed_from_messages():
    error = ValueError("\x1b[1mWrong shape\x1b[0m\n\nArguments received by Dense.call():\n  • a=1")
    assert explained(error) == "ValueError: Wrong shape"
    tensorflow = RuntimeError(
        "Graph execution error:\n\nDetected at node dense/Relu defined at (most recent call "
        'last):\n  File "a.py", line 1, in <module>\n\n  File "b.py", line 2, in f\n\n'
        "Matrix size-incompatible: In[0]: [32,3]\n\t [[{{node dense/Relu}}]] [Op:__inference_8]"
    )
    assert explained(tensorflow) == (
        "RuntimeError: Graph execution error: Matrix size-incompatible: In[0]: [32,3]"
    )
    assert explained(ValueError("a\x00b\x07")) == "ValueError: a b"


def test_the_cause_in_a_layer_comes_before_what_keras_says_of_layers():
    class Inner(keras.layers.Layer):
        def call(self, x):
            raise ValueError("no such axis")

    class Outer(keras.layers.Layer):
        def call(self, x):
            return Inner()(x)

    for x in (keras.Input((2,)), keras.ops.ones((1, 2))):
        with pytest.raises(ValueError, match="calling Inner") as caught:
            Outer()(x)
        assert explained(caught.value) == "ValueError: in Inner.call: no such axis"


def test_long_reasons_that_differ_in_the_numbers_of_layers_are_alike():
    said = ["x" * 90 + f" {name} " + "y" * 400 + f" {name}" for name in ("dense", "dense_12")]
    one, two = [explained(ValueError(text)) for text in said]
    assert one != two
    assert without_numbering(one) == without_numbering(two)
    assert without_numbering(one) != without_numbering(explained(ValueError("z" + said[0])))


def test_text_in_a_form_that_keras_does_not_take():
    for name in ("str32", "object"):
        said = explained(ValueError(f"Invalid dtype: {name}"))
        assert said.endswith("; Keras takes text as a tensor: tf.constant(array)")


def test_a_failed_download_names_the_file_and_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = tmp_path / "net.py"
    path.write_text(
        "import keras\n"
        "keras.utils.get_file('a.bin', 'http://127.0.0.1:1/files/a.bin', cache_dir='.')\n"
    )
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(NetworkError) as caught:
        rendered_script.run(path)
    said = str(caught.value)
    assert "net.py:2: a.bin could not be downloaded from http://127.0.0.1:1/files/a.bin (" in said
    assert "refused" in said
    assert said.endswith("download it yourself and put it at ./datasets/a.bin")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError(), "ValueError"),
        (ValueError("a\nb   c"), "ValueError: a b c"),
        (
            TypeError("got 'nb_filter'"),
            "TypeError: got 'nb_filter'; nb_filter is from Keras 1 or 2; in Keras 3: filters=",
        ),
    ],
)
def test_one_line_with_the_remedy(error, text):
    assert explained(error).startswith(text)


def test_long_messages_are_cut():
    text = explained(ValueError("wrong: " + "x" * 9000 + "; write y"))
    assert text.startswith("ValueError: wrong: xxx")
    assert text.endswith("xxx; write y")
    assert len(text) <= len("ValueError: ") + LONGEST_MESSAGE


def test_a_missing_module_comes_with_the_command_that_installs_it():
    with pytest.raises(ImportError) as caught:
        __import__("no_such_module_at_all")
    assert "-m pip install no_such_module_at_all" in explained(caught.value)


def test_spearmint_shows_the_text_alone():
    assert NetworkError.user_message
    assert kind(3) == "an int"
    assert kind(None) == "None"
    assert kind(re.compile("")) == "a re.Pattern"


def test_what_only_notebooks_know_is_named():
    with pytest.raises(NameError) as caught:
        exec("get_ipython().system('ls')", {})
    assert explained(caught.value).endswith("known in notebooks only: remove the line")


def test_labels_of_whole_numbers_and_a_missing_tensorboard_come_with_a_remedy():
    mixed = "Input 'y' of 'Mul' Op has type float32 that does not match type int64 of argument 'x'."
    assert explained(TypeError(mixed)).endswith("get them as such: .astype('float32')")
    missing = "TensorBoard is not installed, missing implementation for tf.summary.scalar"
    assert "-m pip install tensorboard" in explained(RuntimeError(missing))


def test_an_optimizer_of_another_model_comes_with_a_remedy():
    first, second = (keras.Variable([1.0]) for _ in range(2))
    optimizer = keras.optimizers.SGD()
    optimizer.build([first])
    with pytest.raises(ValueError, match="Unknown variable") as caught:
        optimizer.apply([keras.ops.ones(1)], [second])
    assert "optimizer instance; each model needs an optimizer of its own" in explained(caught.value)


def test_functions_of_tensorflow_between_layers_come_with_a_remedy():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(ValueError, match="KerasTensor") as caught:
        tf.exp(keras.Input((2,)))
    assert "keras.ops works instead (keras.ops.exp for tf.exp" in explained(caught.value)
