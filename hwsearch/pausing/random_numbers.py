"""Random numbers of one epoch, which do not depend on those of the epochs before it."""

from __future__ import annotations

import numpy as np

from hwsearch.keras_runtime import keras


def begin_epoch(seed: int, epoch: int) -> None:
    """Seeds the generators of Python, NumPy, Keras and the backend for an epoch.

    Those of layers, such as dropout's, are variables of the model and continue.

    Args:
        seed: The job's.
        epoch: Counted from 0.
    """
    from keras.src.backend.common import global_state  # noqa: PLC0415 - no public name
    from keras.src.random import seed_generator  # noqa: PLC0415 - no public name

    own = int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0] >> 1)  # fits an int32
    # Keras drops its global generator with a new seed, but compiled steps continue to use it.
    generator = seed_generator.global_seed_generator()
    keras.utils.set_random_seed(own)
    generator.state.assign(np.array([own, 0], dtype=generator.state.dtype))
    global_state.set_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR, generator)
