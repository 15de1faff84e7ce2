"""What a Keras model needs, computed from its layers: no run, no training, no device.

`count(model)` walks through the model with symbolic tensors and returns `Counts`: parameters,
multiply-accumulates (MACs) and bytes of weights and activations. The module `counts` adds up,
`walk` follows the calls of the layers, `activations` keeps account of the memory of tensors,
`mac_rules` holds the rule for each kind of layer, and `mac_free` lists the layers that need no
MACs. The code of a layer without a rule is traced (`own_code`, `tracing`). A layer with an
operation that cannot be counted is listed in `Counts.uncounted`; it can state its MACs by an
attribute `macs`.
"""

from __future__ import annotations

from hwsearch.counting.counts import Counts, count
from hwsearch.counting.walk import CountError, LayerCount

__all__ = ["CountError", "Counts", "LayerCount", "count"]
