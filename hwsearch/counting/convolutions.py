"""How much work libraries do for a convolution, where that differs from its plain arithmetic.

Processors and libraries compute channels in groups: a convolution with 17 output channels takes
about as long as one with 32, and from 16 on the same holds for input channels. Each block of 64
output channels (four vector registers of 16 numbers; the usual tile of a GPU) is a pass of its own
over the input, with a cost of its own: the runtime of a convolution rises in steps between 64 and
65, 128 and 129 channels. And taps of the kernel that fall on padding are not computed: with a
kernel of 5 x 5 on an image of 2 x 2 pixels, 4 of 25 are left. (oneDNN, the library of TensorFlow
and PyTorch on CPUs, describes its blocked layouts in its developer guide.)
"""

from __future__ import annotations

from typing import Any

from hwsearch.counting.call import Call, Shape

#: Channels that are computed together: 32-bit numbers in a vector of 512 bits, and about the unit
#: of blocked layouts and of the tiles of GPUs.
LANES = 16
#: Output channels that one pass over the input computes.
BLOCK = 64


def filled(channels: int) -> int:
    """Output channels, filled up to a multiple of `LANES`."""
    return -(-channels // LANES) * LANES


def filled_inputs(channels: int) -> int:
    """The same of input channels; fewer than `LANES`, as an image has, are computed as they are."""
    return filled(channels) if channels >= LANES else channels


def blocks(channels: int) -> int:
    """Passes over the input for so many output channels."""
    return -(-channels // BLOCK)


def share_inside(
    length: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1
) -> float:
    """Share of a kernel's taps that fall on the image and not on its padding, along one axis.

    Args:
        length: Of the input.
        outputs: Positions of the output.
        kernel: Taps.
        stride: Of the convolution.
        dilation: Of the convolution. Padding is what these need, half of it on each side, as
            `padding="same"` has it.
    """
    before = max((outputs - 1) * stride + (kernel - 1) * dilation + 1 - length, 0) // 2
    inside = 0
    for tap in range(kernel):
        offset = tap * dilation - before  # of the tap in the input, at the first position
        first = max(-(offset // stride), 0)
        last = min((length - 1 - offset) // stride, outputs - 1)
        inside += max(last - first + 1, 0)
    return inside / (outputs * kernel)


def filled_macs(call: Call, layer: Any, kind: str, macs: int) -> float:
    """MACs that are computed: without taps on padding, with channels filled up.

    Args:
        call: Of the layer, or of a wrapper around it.
        layer: The convolution.
        kind: The Keras class whose arithmetic it has.
        macs: Its multiply-accumulates.
    """
    channels = filters(call, layer)
    computed = macs * filled(channels) / channels
    if kind not in {"Conv1D", "Conv2D", "Conv3D"}:
        return float(computed)
    images, inputs = axes(layer, call.input)
    inputs //= layer.groups
    computed *= filled_inputs(inputs) / inputs
    if layer.padding == "same":
        positions, _ = axes(layer, call.output)
        steps = zip(layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
        for length, outputs, step in zip(images, positions, steps, strict=True):
            computed *= share_inside(length, outputs, *step)
    return float(computed)


def filters(call: Call, layer: Any) -> int:
    """Output channels of a convolution."""
    return int(getattr(layer, "filters", None) or axes(layer, call.output)[1])


def axes(layer: Any, shape: Shape) -> tuple[Shape, int]:
    """The spatial part and the channels of a shape, which may have axes of wrappers before them."""
    rank = len(layer.kernel_size)
    if layer.data_format == "channels_first":
        return shape[-rank:], shape[-rank - 1]
    return shape[-rank - 1 : -1], shape[-1]
