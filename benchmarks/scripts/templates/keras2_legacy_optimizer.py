"""An optimiser of tensorflow.keras.optimizers.legacy."""

from sklearn.datasets import load_digits
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense
from tensorflow.keras.optimizers.legacy import Adam

x, y = load_digits(return_X_y=True)
x = x / 16.0
model = Sequential()
model.add(Dense(HYPERPARAM{"type": "INT", "token": "units", "min": 8, "max": 64}, input_dim=64, activation="relu"))
model.add(Dense(10, activation="softmax"))
optimizer = Adam(lr=HYPERPARAM{"type": "FLOAT", "token": "lr", "transform": "NEGEXP10", "min": 1.5, "max": 3.5}, decay=1e-6)
model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["acc"])
model.fit(x, y, epochs=3, verbose=1, validation_split=0.2)
