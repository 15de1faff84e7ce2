"""A series cut into windows by Keras, a learning rate of its own, and data sets for all three parts."""

import keras
import numpy as np
from keras import layers

time = np.arange(1500)
series = (np.sin(time / 20) + 0.1 * np.random.default_rng(0).normal(size=1500)).astype("float32")
series = (series - series[:1000].mean()) / series[:1000].std()
length = HYPERPARAM{"type": "INT", "token": "length", "min": 10, "max": 30}


def windows(first, last, shuffle=False):
    part = series[first:last]
    return keras.utils.timeseries_dataset_from_array(
        part[:-length][:, None], part[length:], sequence_length=length, batch_size=64, shuffle=shuffle
    )


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate * keras.ops.minimum(1.0, (keras.ops.cast(step, "float32") + 1) / 10)

    def get_config(self):
        return {"rate": self.rate}


train, validation, test = windows(0, 1000, shuffle=True), windows(1000, 1250), windows(1250, 1500)
model = keras.Sequential([keras.Input((length, 1)), layers.GRU(12), layers.Dense(1)])
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": 0.001, "max": 0.03, "log": true}
model.compile(keras.optimizers.Adam(WarmUp(rate)), "mse", metrics=["mae"])
model.fit(train, epochs=2, validation_data=validation)
print(model.evaluate(test))
