"""Predicted costs of a network, for people."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from hwsearch.formatting import cost as shown_cost
from hwsearch.predicting.features import Structure
from hwsearch.predicting.hardware_model import HardwareModel, MetricModel, Prediction
from hwsearch.predicting.selection import OTHERS
from hwsearch.printing import one_line

#: One of what each feature counts; features without an entry have no price of their own.
_ONE = {
    "MACs of convolutions": "MAC",
    "MACs of other layers": "MAC",
    "bytes of activations": "byte",
    "outputs of convolutions": "element",
    "unfolded inputs of convolutions": "element",
    "elements in pooling windows": "element",
    "elements through tanh, elu and the like": "element",
    "parameters": "parameter",
    "calls of layers": "call",
    "blocks of output channels": "block",
    "batches": "batch",
    "bytes of weights": "byte",
    "peak bytes of activations": "byte",
    "peak bytes of activations in place": "byte",
    "bytes of all activations": "byte",
    "weights of convolutions": "weight",
}
#: Parts below this share of a cost are left out.
_LEAST_SHARE = 0.02


def statement(model: HardwareModel, structure: Structure, counted: Mapping[str, float]) -> str:
    """All costs that are counted or predicted, one line or two each.

    Args:
        model: Of this machine.
        structure: Of the network.
        counted: Exact costs by metric.
    """
    lines = [
        f"counted: {', '.join(shown_cost(name, value) for name, value in counted.items())}, "
        f"{structure.weight_bytes / 2**10:,.1f} KiB of weights",
        f"predicted for {model.platform}, in batches of {structure.batch:.0f} images:",
    ]
    for name, entry in model.metrics.items():
        lines += _metric(name, entry, model.predict(name, structure))
    lines += _other_batch(model, structure.batch)
    day = time.strftime("%Y-%m-%d", time.localtime(model.date))
    sources = [f"{model.profiles} profiles of this template"] if model.others else []
    sources += [f"{count} of {one_line(name)}" for name, count in model.others.items()]
    made_of = ", ".join(sources) or f"{model.profiles} profiles"
    lines.append(f"models made on {day} of {made_of}")
    return "\n".join(lines)


def _metric(name: str, entry: MetricModel, found: Prediction) -> list[str]:
    low, high = shown_cost(name, found.low), shown_cost(name, found.high)
    if low.rpartition(" ")[2] == high.rpartition(" ")[2]:
        low = low.rpartition(" ")[0]
    predictor = entry.predictor
    lines = [
        f"{name}: {shown_cost(name, found.value)}, with 90 % probability {low} to {high} "
        f"({predictor.name}, {_basis(entry)})"
    ]
    parts = [
        f"{100 * share:.0f} % {feature}{_price(name, feature, price)}"
        for feature, share, price in found.parts
        if share >= _LEAST_SHARE
    ]
    if parts:
        lines.append(f"  {'; '.join(parts)}")
    return lines


def _other_batch(model: HardwareModel, batch: float) -> list[str]:
    """Says so if no profile is of such large, or of such small batches."""
    entries = model.metrics.values()
    known = {
        int(one.batch)
        for entry in entries
        for one in (*entry.own.structures, *entry.others.structures)
    }
    least, most = min(known), max(known)
    if least <= batch <= most:
        return []
    sizes = f"{most}" if least == most else f"{least} to {most}"
    return [
        f"note: all profiles are of batches of {sizes} images; with {batch:.0f}, the costs may lie "
        "outside these intervals"
    ]


def _basis(entry: MetricModel) -> str:
    """How well the model is known to predict, and from what."""
    predictor, others = entry.predictor, len(entry.others.costs)
    if not math.isfinite(predictor.error):
        return f"from {others} networks of other templates, {predictor.profiles} of this one"
    if math.isfinite(entry.typical):
        basis = f"expected error {entry.typical:.1f} %, from {predictor.profiles} networks"
    else:
        basis = f"error {predictor.error:.1f} % in {predictor.profiles} networks"
    is_helped = predictor.name.startswith(OTHERS)
    return f"{basis}, and {others} of other templates" if is_helped else basis


def _price(name: str, feature: str, price: float) -> str:
    """What one unit of a feature costs, after a comma; "" if that has no meaning."""
    one = _ONE.get(feature)
    if one is None:
        return ""
    if name == "memory":
        amount = price * 2**30
        shown = f"{amount:,.0f}" if amount >= 1000 else f"{amount:.3g}"
        return f", {shown} bytes per {one}"
    return f", {shown_cost(name, price).removesuffix('/image')} per {one}"
