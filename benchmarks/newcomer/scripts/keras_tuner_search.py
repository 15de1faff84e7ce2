# The same search by hand with KerasTuner.
import time

import keras
import keras_tuner
import numpy as np
import plotly.graph_objects as go
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BUDGET = 14e-6  # seconds per image
BATCH = 64
TRIALS = 10

digits = load_digits()
images = digits.images[..., None].astype("float32") / 16
x_train, x_rest, y_train, y_rest = train_test_split(
    images, digits.target, train_size=997, stratify=digits.target, random_state=0
)
x_val, x_test, y_val, y_test = train_test_split(
    x_rest, y_rest, train_size=400, stratify=y_rest, random_state=0
)


def build(hp):
    activation = hp.Choice("activation", ["relu", "elu", "tanh"])
    model = keras.Sequential([keras.Input((8, 8, 1))])
    model.add(
        layers.Conv2D(
            hp.Int("features", 4, 48, step=4),
            hp.Int("kernel", 2, 5),
            padding="same",
            activation=activation,
        )
    )
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(hp.Int("units", 16, 512, step=2, sampling="log"), activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(
        keras.optimizers.SGD(
            learning_rate=hp.Float("rate", 10**-3.5, 10**-0.5, sampling="log"),
            momentum=hp.Float("momentum", 0.5, 0.95),
        ),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def seconds_per_image(model):
    run = tf.function(lambda x: model(x, training=False))
    batch = tf.constant(x_val[:BATCH])
    for _ in range(20):  # traces and warms up
        run(batch)
    times = []
    for _ in range(200):
        start = time.perf_counter()
        run(batch).numpy()
        times.append(time.perf_counter() - start)
    return float(np.median(times)) / BATCH


class MeasuringTuner(keras_tuner.BayesianOptimization):
    def run_trial(self, trial, *args, **kwargs):
        model = self.hypermodel.build(trial.hyperparameters)
        runtime = seconds_per_image(model)
        if runtime >= BUDGET:
            # The tuner learns nothing from such a trial, neither its time nor that it failed.
            print(f"trial {trial.trial_id}: {1e6 * runtime:.2f} us/image: over the budget, not trained")
            raise keras_tuner.errors.FailedTrialError("over the budget")
        path = f"trial_{trial.trial_id}.keras"
        keep = keras.callbacks.ModelCheckpoint(
            path, monitor="val_accuracy", mode="max", save_best_only=True
        )
        history = model.fit(*args, callbacks=[keep], verbose=0, **kwargs)
        error = 100 * (1 - max(history.history["val_accuracy"]))
        print(f"trial {trial.trial_id}: error {error:.2f} %, {1e6 * runtime:.2f} us/image")
        return {"error": error, "runtime": runtime}


tuner = MeasuringTuner(
    build,
    objective=keras_tuner.Objective("error", "min"),
    max_trials=TRIALS,
    max_consecutive_failed_trials=TRIALS,  # otherwise the third network over the budget ends it
    seed=0,
    directory="tuner",
    project_name="digits",
)
tuner.search(x_train, y_train, batch_size=BATCH, epochs=10, validation_data=(x_val, y_val))

trained = [t for t in tuner.oracle.trials.values() if t.status == "COMPLETED"]
best = min(trained, key=lambda trial: trial.score)
model = keras.models.load_model(f"trial_{best.trial_id}.keras")
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
runtimes = [trial.metrics.get_best_value("runtime") for trial in trained]
print(f"best: trial {best.trial_id}: error {best.score:.2f} %, test error {100 * (1 - accuracy):.2f} %")
print(f"  {1e6 * best.metrics.get_best_value('runtime'):.2f} us/image, {best.hyperparameters.values}")

figure = go.Figure(
    go.Scatter(
        x=[1e6 * runtime for runtime in runtimes],
        y=[trial.score for trial in trained],
        text=[f"trial {trial.trial_id}" for trial in trained],
        mode="markers",
    )
)
figure.update_layout(xaxis_title="inference time (us/image)", yaxis_title="validation error (%)")
figure.add_vline(1e6 * BUDGET, line_color="red")
figure.write_html("error_against_time.html")
