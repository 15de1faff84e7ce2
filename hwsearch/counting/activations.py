"""Memory of a model's tensors in one inference.

A call allocates the memory of its outputs, views share it, and it is released after its last use.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwsearch.counting.call import size


@dataclass(frozen=True, slots=True)
class _Step:
    """One call in the order of execution.

    Attributes:
        reads: Ids of the memory blocks that the call reads.
        writes: Ids of the memory blocks that the call fills.
        in_place: Whether it may write where it has read.
    """

    reads: tuple[int, ...]
    writes: tuple[int, ...]
    in_place: bool


class Activations:
    """Records which tensors are alive at each call.

    A tensor's memory is a block with the id of the tensor that it was allocated for; views share
    the block of the tensor that they show.
    """

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._block: dict[int, int] = {}  # id of a tensor -> id of its memory block
        self._bytes: dict[int, int] = {}  # id of a memory block -> its size
        self._tensors: list[Any] = []  # kept, because an id is unique only while its object lives

    def allocate(self, tensor: Any, view_of: Any = None) -> None:
        """Gives a new tensor its memory block: one of its own, or that of the tensor it shows."""
        if id(tensor) in self._block:
            return
        self._tensors.append(tensor)
        if view_of is not None:
            self._block[id(tensor)] = self._block[id(view_of)]
            return
        self._block[id(tensor)] = id(tensor)
        known = (length for length in tensor.shape if length is not None)
        self._bytes[id(tensor)] = size(known) * item_bytes(tensor.dtype)

    def record(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        *,
        views: bool,
        in_place: bool = False,
    ) -> None:
        """Adds a call.

        Args:
            inputs: Symbolic tensors that the call reads.
            outputs: Symbolic tensors that it returns.
            views: Whether each output is a view of the input in the same place.
            in_place: Whether a library may write the output over an input that nobody needs any
                more, as it does for normalisations and activations.
        """
        for tensor in inputs:
            self.allocate(tensor)
        for number, tensor in enumerate(outputs):
            self.allocate(tensor, view_of=inputs[number] if views else None)
        reads, writes = (tuple(self._block[id(t)] for t in side) for side in (inputs, outputs))
        self._steps.append(_Step(reads, writes, in_place))

    def peak_and_total(self, outputs: Sequence[Any]) -> tuple[int, int]:
        """Memory of the calls recorded so far.

        Args:
            outputs: The model's symbolic outputs, which stay alive to the end.

        Returns:
            The largest number of bytes alive at once, and the bytes of all tensors together.
        """
        return self._peak(outputs, in_place=False), sum(self._bytes.values())

    def peak_in_place(self, outputs: Sequence[Any]) -> int:
        """The largest number of bytes alive at once, if calls that may do so work in place."""
        return self._peak(outputs, in_place=True)

    def _peak(self, outputs: Sequence[Any], *, in_place: bool) -> int:
        last_use = {
            block: step
            for step, call in enumerate(self._steps)
            for block in (*call.reads, *call.writes)
        }
        last_use.update({self._block[id(tensor)]: len(self._steps) for tensor in outputs})
        written = {block for call in self._steps for block in call.writes}
        alive = {block for block in self._bytes if block not in written}  # the model's inputs
        peak = sum(self._bytes[block] for block in alive)
        for step, call in enumerate(self._steps):
            if in_place and call.in_place:
                alive -= self._replaced(call, step, last_use)
            alive |= set(call.writes)
            peak = max(peak, sum(self._bytes[block] for block in alive))
            alive = {block for block in alive if last_use.get(block, -1) > step}
        return peak

    def _replaced(self, call: _Step, step: int, last_use: Mapping[int, int]) -> set[int]:
        """The block that a call writes over: one that it reads last, and that is large enough."""
        needed = sum(self._bytes[block] for block in call.writes)
        usable = (
            block
            for block in call.reads
            if last_use[block] <= step and needed <= self._bytes[block]
        )
        return set(itertools.islice(usable, 1))


def item_bytes(dtype: str) -> int:
    """Bytes of one number: "bfloat16" -> 2; types below one byte count as one."""
    bits = "".join(filter(str.isdigit, dtype.partition("_")[0]))
    return max(int(bits or 8) // 8, 1)
