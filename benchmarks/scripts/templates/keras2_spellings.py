"""Spellings of Keras 2: lr, decay, nb_epoch and the like."""

import keras
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import to_categorical
from sklearn.datasets import load_digits

digits = load_digits()
X = digits.images.reshape(-1, 8, 8, 1).astype("float32") / 16
Y = to_categorical(digits.target, 10)
model = Sequential()
model.add(Convolution2D(HYPERPARAM{"type": "INT", "token": "filters", "min": 4, "max": 12}, (3, 3), input_shape=(8, 8, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(10))
model.add(Activation("softmax"))
sgd = SGD(lr=HYPERPARAM{"type": "FLOAT", "token": "lr", "transform": "NEGEXP10", "min": 1, "max": 2.5}, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
model.fit(X[:1400], Y[:1400], batch_size=32, nb_epoch=2, validation_data=(X[1400:], Y[1400:]))
