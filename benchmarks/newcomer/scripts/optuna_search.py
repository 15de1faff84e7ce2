# The same search by hand with Optuna.
import time

import keras
import numpy as np
import optuna
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


def build(trial):
    activation = trial.suggest_categorical("activation", ["relu", "elu", "tanh"])
    model = keras.Sequential([keras.Input((8, 8, 1))])
    model.add(
        layers.Conv2D(
            trial.suggest_int("features", 4, 48, step=4),
            trial.suggest_int("kernel", 2, 5),
            padding="same",
            activation=activation,
        )
    )
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(2 ** trial.suggest_int("units", 4, 9), activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(
        keras.optimizers.SGD(
            learning_rate=trial.suggest_float("rate", 10**-3.5, 10**-0.5, log=True),
            momentum=trial.suggest_float("momentum", 0.5, 0.95),
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


def objective(trial):
    keras.backend.clear_session()
    keras.utils.set_random_seed(trial.number)
    model = build(trial)
    runtime = seconds_per_image(model)
    trial.set_user_attr("runtime", runtime)
    if runtime >= BUDGET:
        print(f"trial {trial.number}: {1e6 * runtime:.2f} us/image: over the budget, not trained")
        raise optuna.TrialPruned
    best = 100.0

    class KeepBest(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            nonlocal best
            if 100 * (1 - logs["val_accuracy"]) < best:
                best = 100 * (1 - logs["val_accuracy"])
                model.save(f"trial_{trial.number}.keras")

    model.fit(
        x_train,
        y_train,
        batch_size=BATCH,
        epochs=10,
        validation_data=(x_val, y_val),
        verbose=0,
        callbacks=[KeepBest()],
    )
    print(f"trial {trial.number}: error {best:.2f} %, {1e6 * runtime:.2f} us/image")
    return best


def excess(trial):
    return (trial.user_attrs["runtime"] - BUDGET,)


study = optuna.create_study(
    study_name="digits",
    storage="sqlite:///study.db",
    load_if_exists=True,
    sampler=optuna.samplers.TPESampler(seed=0, constraints_func=excess),
)
study.optimize(objective, n_trials=TRIALS - len(study.trials))

best = study.best_trial
model = keras.models.load_model(f"trial_{best.number}.keras")
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"best: trial {best.number}: error {best.value:.2f} %, test error {100 * (1 - accuracy):.2f} %")
print(f"  {1e6 * best.user_attrs['runtime']:.2f} us/image, {best.params}")

trained = [trial for trial in study.trials if trial.value is not None]
figure = go.Figure(
    go.Scatter(
        x=[1e6 * trial.user_attrs["runtime"] for trial in trained],
        y=[trial.value for trial in trained],
        text=[f"trial {trial.number}" for trial in trained],
        mode="markers",
    )
)
figure.update_layout(xaxis_title="inference time (us/image)", yaxis_title="validation error (%)")
figure.add_vline(1e6 * BUDGET, line_color="red")
figure.write_html("error_against_time.html")
optuna.visualization.plot_optimization_history(study).write_html("history.html")
optuna.visualization.plot_param_importances(study).write_html("importances.html")
