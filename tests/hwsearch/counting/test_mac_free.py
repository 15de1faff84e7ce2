"""Layers and operations that need no MACs."""

from __future__ import annotations

import pytest

from hwsearch.counting import count, mac_free, mac_rules
from hwsearch.counting.call import Call
from hwsearch.keras_runtime import keras
from tests.hwsearch.counting.models import chain

layers = keras.layers


ONE_FACTOR = ["Brightness", "Contrast", "Rotation", "Zoom"]
ONE_FACTOR += ["ColorDegeneration", "Hue", "Saturation", "Sharpness"]
AUGMENTATIONS: dict[str, tuple[float, ...]] = {
    name: () for name in dir(layers) if name.startswith("Random") and "Crop" not in name
}
AUGMENTATIONS |= {f"Random{name}": (0.2,) for name in ONE_FACTOR}
AUGMENTATIONS |= {"RandomTranslation": (0.2, 0.2), "RandomPosterization": (4,)}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentation_layers_do_nothing_in_inference(name):
    made = getattr(layers, name, None)
    if made is None:
        pytest.skip("not in this Keras")
    counts = count(chain((8, 8, 3), made(*AUGMENTATIONS[name]), layers.Conv2D(2, 3)))
    assert (counts.macs, counts.uncounted) == (36 * 27 * 2, ())


@pytest.mark.parametrize("name", sorted(mac_free.LAYERS))
def test_every_name_is_a_layer_of_keras_without_a_rule_of_its_own(name):
    if not hasattr(layers, name):
        pytest.skip("not in this Keras")
    assert mac_rules.LAYERS[name](Call(None, (), ())) == 0


def test_views_need_no_macs():
    assert mac_free.VIEWS <= mac_free.LAYERS | mac_free.OPERATIONS
