"""A metric class of its own; the model is judged by it."""

import keras
from keras import ops
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale


@keras.saving.register_keras_serializable()
class WorstClass(keras.metrics.Metric):
    """The lowest recall of the three classes."""

    def __init__(self, name="worst_class", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_variable((3,), "zeros", name="hits")
        self.all = self.add_variable((3,), "zeros", name="all")

    def update_state(self, y_true, y_pred, sample_weight=None):
        truth = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), 3)
        guess = ops.one_hot(ops.argmax(y_pred, -1), 3)
        self.hits.assign_add(ops.sum(truth * guess, 0))
        self.all.assign_add(ops.sum(truth, 0))

    def result(self):
        return ops.min(self.hits / ops.maximum(self.all, 1))


x, y = load_wine(return_X_y=True)
x = scale(x).astype("float32")
order = keras.random.shuffle(list(range(len(x))), seed=0)
order = ops.convert_to_numpy(order)
x, y = x[order], y[order]
model = keras.Sequential(
    [
        keras.Input((13,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 24}, activation="tanh"),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.001, "max": 0.05}
model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=[WorstClass()])
model.fit(x[:120], y[:120], epochs=5, batch_size=16, validation_data=(x[120:], y[120:]))
