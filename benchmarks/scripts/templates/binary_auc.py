"""Two classes, judged by the area under the ROC curve."""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale

x, y = load_breast_cancer(return_X_y=True)
x = scale(x)
model = keras.Sequential(
    [
        keras.Input((30,)),
        keras.layers.Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 2, "max": 32}, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    keras.optimizers.SGD(HYPERPARAM{"type": "FLOAT", "token": "rate", "transform": "NEGEXP10", "min": 0.5, "max": 3}),
    loss="binary_crossentropy",
    metrics=[keras.metrics.AUC(name="auc"), keras.metrics.Recall(name="recall")],
)
model.fit(x, y, epochs=3, validation_split=0.3, batch_size=16)
