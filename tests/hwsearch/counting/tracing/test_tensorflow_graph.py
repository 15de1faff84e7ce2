"""MACs of TensorFlow graphs."""

from __future__ import annotations

import pytest

from hwsearch.counting import count
from hwsearch.counting.walk import Walk
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain
from tests.hwsearch.counting.tracing.cases import KNOWN, MODELS, UNKNOWN, Code, built, of_graph

ops = keras.ops
tf = pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", KNOWN)
def test_code_of_its_own_by_hand(name):
    shape, make, macs = KNOWN[name]
    counts = count(built(shape, make()), shape)
    assert counts.uncounted == ()
    assert counts.macs == macs


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_counted_is_named(name):
    shape, make, reason = UNKNOWN[name]
    (uncounted,) = count(chain(shape, make())).uncounted
    assert uncounted.startswith(reason)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_graph_of_a_large_model_has_the_macs_of_the_rules(name):
    model = getattr(keras.applications, name)(weights=None, input_shape=(224, 224, 3))
    assert count(model).macs == of_graph(model) == MODELS[name]


def test_functions_of_tensorflow():
    weights = tf.ones((4, 3))

    @tf.function
    def compiled(x):
        return tf.matmul(x, weights)

    model = chain((4,), Code(lambda x: compiled(x) + tf.linalg.matmul(x, weights)))
    assert count(model).macs == 2 * 4 * 3
    assert not tf.config.functions_run_eagerly()


def test_functions_that_must_be_converted():
    @tf.function(reduce_retracing=False)
    def compiled(x):
        if tf.reduce_sum(x) > 0:
            return tf.matmul(tf.ensure_shape(x, (1, 4)), tf.ones((4, 3)))
        return tf.zeros((1, 3))

    counts = Walk()
    counts.call(Code(compiled), keras.KerasTensor((1, 4)))
    assert (counts.macs, counts.uncounted) == (4 * 3, [])


def test_loops():
    def loop(body):
        return Code(lambda x: keras.ops.fori_loop(0, 5, body, x), name="loop")

    free = count(chain((4,), loop(lambda _, x: x + 1)))
    assert (free.macs, free.uncounted) == (0, ())
    square = count(chain((4,), loop(lambda _, x: x @ keras.ops.ones((4, 4)))))
    assert square.uncounted == ("loop (Code: a loop (the graph does not say how many rounds))",)


def test_python_functions_in_the_graph_are_unknown():
    def call(x):
        return tf.ensure_shape(tf.numpy_function(lambda y: y, [x], tf.float32), x.shape)

    layer = Code(call, name="numpy")
    model = chain((4,), layer)
    assert count(model).uncounted[0].startswith("numpy (Code: ")


def test_functions_of_tensorflow_1_inside_a_loss():
    """The loops of `tf.nn.ctc_loss` are such functions; an OCR network has it in a layer."""
    lengths = (ops.ones((1,), "int32"), 9 * ops.ones((1,), "int32"))

    def loss(x):
        ops.ctc_loss(ops.ones((1, 1), "int32"), x, *lengths)
        return ops.matmul(x, ops.ones((5, 2)))

    counts = count(chain((9, 5), Code(loss)))
    assert (counts.macs, counts.uncounted) == (9 * 5 * 2, ())


def test_a_function_of_tensorflow_1_with_products_is_unknown():
    from tensorflow.python.framework.function import Defun

    @Defun(tf.float32)
    def inner(x):
        return tf.matmul(x, x)

    @Defun(tf.float32)
    def outer(x):
        return inner(x) + 1.0

    def loop(x):
        (x,) = tf.raw_ops.StatelessIf(
            cond=True, input=[x], Tout=[tf.float32], then_branch=outer, else_branch=outer
        )
        return tf.ensure_shape(x, (3, 3))

    walk = Walk()
    walk.call(Code(loop, name="own"), keras.KerasTensor((3, 3)))
    assert walk.uncounted == ["own (Code: BatchMatMulV2 of unknown shape)"]
