"""Old names and what they are called in Keras 3."""

from __future__ import annotations

#: Arguments of Keras 2's optimisers that Keras 3's do not accept.
OLD_ARGUMENTS = ("lr", "decay", "schedule_decay")

#: The optimisers of Keras 2.
OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")

#: The optimisers of `keras.optimizers.legacy`.
LEGACY_OPTIMIZERS = (*OPTIMIZERS, "Ftrl", "Optimizer")

#: Default learning rates that have changed (Keras 2.2 `keras/optimizers.py`). Those of TensorFlow
#: 2's `tf.keras`, and of `keras.optimizers.legacy`, are Keras 3's.
OLD_RATES = {"Adagrad": 0.01, "Adadelta": 1.0, "Adamax": 0.002, "Nadam": 0.002}
NEW_RATE = 0.001

#: Modules of Keras 2 -> where their names are now.
MOVED_MODULES = {
    "keras.engine": "keras",
    "keras.engine.base_layer": "keras",
    "keras.engine.input_layer": "keras",
    "keras.engine.topology": "keras",
    "keras.engine.training": "keras",
    "keras.layers.advanced_activations": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.convolutional_recurrent": "keras.layers",
    "keras.layers.core": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.experimental": "keras.layers",
    "keras.layers.experimental.preprocessing": "keras.layers",
    "keras.layers.merge": "keras.layers",
    "keras.layers.noise": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.layers.wrappers": "keras.layers",
    "keras.optimizers.experimental": "keras.optimizers",
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.utils.data_utils": "keras.utils",
    "keras.utils.generic_utils": "keras.utils",
    "keras.utils.np_utils": "keras.utils",
    "keras.utils.vis_utils": "keras.utils",
}

#: Methods of Keras 2's models that took generators -> the methods that do now.
GENERATOR_METHODS = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
}

#: Short names of losses and metrics, in small or capital letters -> those of their functions.
SHORT_LOSSES = {
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}

#: Names of Keras 1 and 2 -> what to write instead.
RENAMED = {
    "AtrousConvolution2D": "keras.layers.Conv2D(..., dilation_rate=...)",
    "CuDNNGRU": "keras.layers.GRU, which uses cuDNN by itself",
    "CuDNNLSTM": "keras.layers.LSTM, which uses cuDNN by itself",
    "ImageDataGenerator": "augment with layers such as keras.layers.RandomFlip in the model",
    "Merge": "keras.layers.Concatenate, Add, Multiply, Average, Maximum or Dot",
    "ThresholdedReLU": "keras.layers.ReLU(threshold=...)",
    "TimeDistributedDense": "keras.layers.TimeDistributed(keras.layers.Dense(...))",
    "WeightRegularizer": "keras.regularizers.L1L2",
    "Session": "leave it out (there are no sessions)",
    "W_constraint": "kernel_constraint=",
    "W_regularizer": "kernel_regularizer=",
    "b_regularizer": "bias_regularizer=",
    "bias": "use_bias=",
    "border_mode": "padding=",
    "dim_ordering": 'data_format="channels_last"',
    "evaluate_generator": "model.evaluate",
    "fit_generator": "model.fit",
    "get_session": "leave it out (there are no sessions)",
    "image_dim_ordering": "keras.config.image_data_format()",
    "init": "kernel_initializer=",
    "keras.engine": "from keras import Layer, Input, Model",
    "keras.wrappers": "from keras.wrappers import SKLearnClassifier, SKLearnRegressor",
    "keras.wrappers.scikit_learn": "from keras.wrappers import SKLearnClassifier",
    "keras.layers.normalization.batch_normalization": "from keras.layers import BatchNormalization",
    "l1l2": "keras.regularizers.L1L2",
    "max_queue_size": "leave it out, or give it to the keras.utils.PyDataset",
    "merge": "keras.layers.Concatenate, Add, Multiply, Average, Maximum or Dot",
    "multi_gpu_model": "keras.distribution.DataParallel",
    "nb_col": "kernel_size=",
    "nb_epoch": "epochs=",
    "nb_filter": "filters=",
    "nb_row": "kernel_size=",
    "nb_val_samples": "validation_steps= (batches, not images)",
    "output_dim": "units=",
    "p": "rate=",
    "predict_classes": "model.predict(x).argmax(axis=-1)",
    "predict_generator": "model.predict",
    "predict_proba": "model.predict",
    "samples_per_epoch": "steps_per_epoch= (batches, not images)",
    "set_image_dim_ordering": "keras.config.set_image_data_format",
    "set_session": "leave it out (there are no sessions)",
    "subsample": "strides=",
    "val_acc": 'val_accuracy, as metrics=["accuracy"] is called in logs and in the history',
    "tensorflow.contrib": "the same in keras, if it is still there",
    "tensorflow_backend": "keras.backend",
    "use_multiprocessing": "leave it out, or give it to the keras.utils.PyDataset",
    "workers": "leave it out, or give it to the keras.utils.PyDataset",
}
