"""Structures of the networks of NAS-Bench-101, from the graphs of their cells.

C. Ying and others: NAS-Bench-101: Towards Reproducible Neural Architecture Search, ICML 2019,
section 2 and appendix. A network is a stem (3 x 3 convolution with 128 channels on 32 x 32 images),
three stacks of three equal cells with 2 x 2 pooling and twice the channels from stack to stack,
global pooling and a dense layer. Each convolution is followed by batch normalisation and ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwsearch.counting.convolutions import blocks, filled, filled_inputs, share_inside
from hwsearch.predicting.features import Structure

CONV1, CONV3, POOL = 2, 3, 4  # codes of the table; 0: none, 1: input, 5: output
BATCH = 256
BYTES = 4


def table(path: Path) -> tuple[list[Structure], NDArray[np.float64]]:
    """The structures and energies (J) of the networks of a table.

    Raises:
        ValueError: The number of parameters of a network is not what the table says.
    """
    data = np.load(path)
    structures = []
    for matrix, operations, params in zip(
        data["adjacency"], data["operations"], data["params"], strict=True
    ):
        made = network(matrix, operations)
        if made.params != params:
            raise ValueError(f"{path}: {made.params} parameters; expected {params}")
        structures.append(made)
    return structures, 3.6e6 * data["energy_kwh"].astype(float)


@dataclass
class Sum:
    """Work of one image, added up."""

    params: int = 0
    macs: int = 0
    dense: int = 0
    unfolded: int = 0
    pooled: int = 0
    elements: int = 0
    calls: int = 0
    filled_macs: float = 0
    convolved: int = 0
    blocks: int = 0
    kernels: int = 0
    sizes: list[int] = field(default_factory=list)

    def convolution(self, side: int, kernel: int, inputs: int, outputs: int) -> None:
        taps = kernel * kernel * inputs
        self.params += taps * outputs + 2 * outputs  # scale and shift of the normalisation
        computed = side * side * kernel**2 * share_inside(side, side, kernel) ** 2
        self.macs += side * side * taps * outputs
        self.filled_macs += computed * filled_inputs(inputs) * filled(outputs)
        self.convolved += side * side * filled(outputs)
        self.blocks += blocks(outputs)
        self.kernels += taps * outputs
        self.unfolded += side * side * taps
        self.elements += 3 * side * side * outputs
        self.calls += 3
        self.sizes.append(side * side * (inputs + outputs))

    def pooling(self, side: int, channels: int, window: int) -> None:
        self.pooled += side * side * channels * window * window
        self.elements += side * side * channels
        self.calls += 1


def network(matrix: NDArray[np.uint8], operations: NDArray[np.uint8]) -> Structure:
    """The structure of the network of a cell."""
    work = Sum()
    side, channels = 32, 128
    work.convolution(side, 3, 3, channels)
    inputs = channels
    for stack in range(3):
        if stack:
            side, channels = side // 2, 2 * channels
            work.pooling(side, inputs, 2)
        for _ in range(3):
            _cell(work, matrix, operations, side, inputs, channels)
            inputs = channels
    work.dense = 10 * channels
    work.params += 10 * channels + 10
    return Structure(
        batch=BATCH,
        params=work.params,
        weight_bytes=BYTES * work.params,
        activation_bytes=BYTES * max(work.sizes),
        activation_bytes_in_place=BYTES * max(work.sizes),
        activation_bytes_total=BYTES * work.elements,
        convolution_macs=work.macs,
        other_macs=work.dense,
        unfolded=work.unfolded,
        pooled=work.pooled,
        curved=0,
        calls=work.calls + 2,
        filled_macs=work.filled_macs,
        convolved=work.convolved,
        blocks=work.blocks,
        kernels=work.kernels,
    )


def _cell(
    work: Sum,
    matrix: NDArray[np.uint8],
    operations: NDArray[np.uint8],
    side: int,
    inputs: int,
    outputs: int,
) -> None:
    last = int(np.flatnonzero(operations == 5)[0])
    widths = _widths(matrix, last, inputs, outputs)
    for vertex in range(1, last):
        width = widths[vertex]
        if matrix[0, vertex]:
            work.convolution(side, 1, inputs, width)  # projection
        if operations[vertex] == POOL:
            work.pooling(side, width, 3)
        else:
            work.convolution(side, 1 if operations[vertex] == CONV1 else 3, width, width)
        merged = int(matrix[:vertex, vertex].sum()) - 1
        work.elements += merged * side * side * width
        work.calls += merged
    if matrix[0, last]:
        work.convolution(side, 1, inputs, outputs)


def _widths(matrix: NDArray[np.uint8], last: int, inputs: int, outputs: int) -> list[int]:
    """Channels of each vertex: the output's are shared among those that lead to it."""
    widths = [0] * (last + 1)
    widths[0], widths[last] = inputs, outputs
    if last == 1:
        return widths
    ends = [vertex for vertex in range(1, last) if matrix[vertex, last]]
    share, rest = divmod(outputs, max(len(ends), 1))
    for number, vertex in enumerate(ends):
        widths[vertex] = share + (number < rest)
    for vertex in range(last - 1, 0, -1):
        if not matrix[vertex, last]:
            widths[vertex] = max(
                widths[other] for other in range(vertex + 1, last) if matrix[vertex, other]
            )
    return widths
