"""Runs scripts written for Keras 2 on Keras 3: `lr=`, `decay=`, names and modules that have moved.

`SGD(lr=0.01, decay=0.001, momentum=0.9)` gets the learning rate lr / (1 + decay * iterations), as
Keras 2 computed it (`keras.optimizers.SGD`, Keras 2.2). Every use of an old name is reported on
standard error, with the new name. For old names that cannot work, `remedy` states the new one.

Rendered scripts on users' disks contain `from hwsearch import keras2`: this package keeps its place
and its public functions. It imports Keras only inside functions, because `old_spellings` is called
in a process that does not load Keras.
"""

from __future__ import annotations

from hwsearch.keras2 import backend, callbacks, h5_files, layers, models, modules, optimizers
from hwsearch.keras2.callbacks import checkpoint_path
from hwsearch.keras2.models import fit_arguments
from hwsearch.keras2.names import MOVED_MODULES, OPTIMIZERS
from hwsearch.keras2.remedies import remedy
from hwsearch.keras2.removed import removed_spellings
from hwsearch.keras2.spellings import has_rates_of_keras_3, may_need, old_options, old_spellings

__all__ = [
    "MOVED_MODULES",
    "OPTIMIZERS",
    "checkpoint_path",
    "fit_arguments",
    "has_rates_of_keras_3",
    "install",
    "may_need",
    "old_options",
    "old_spellings",
    "remedy",
    "removed_spellings",
]


def install() -> None:
    """Makes the old spellings work in this process; a second call does nothing."""
    optimizers.install()
    modules.install()
    models.install()
    backend.install()
    callbacks.install()
    h5_files.install()
    layers.install()
