"""MACs of an einsum, from its equation and the shapes of its operands."""

from __future__ import annotations

from collections.abc import Iterable

from hwsearch.counting.call import Shape, UncountableError, size


def _add_sizes(term: str, shape: Shape, known: dict[str, int]) -> None:
    """Adds the size of each label of one einsum term; `...` stands for the remaining axes."""
    before, dots, after = term.partition("...")
    names = list(before)
    if dots:
        rest = len(shape) - len(before) - len(after)
        # Ellipses broadcast from the right, so their labels are numbered from the right.
        names += [f"...{i}" for i in range(rest, 0, -1)]
    names += list(after)
    for name, length in zip(names, shape, strict=True):
        known[name] = max(known.get(name, 1), length)


def einsum(equation: str, shapes: Iterable[Shape]) -> int:
    """MACs of a sum of products of two operands: the product of all labels' sizes.

    Raises:
        UncountableError: There are not exactly two operands. With more, the cost depends on the
            order, which the library chooses.
    """
    terms = equation.replace(" ", "").partition("->")[0].split(",")
    shapes = list(shapes)
    if len(terms) != 2 or len(shapes) != 2:
        raise UncountableError("an einsum without exactly two operands")
    known: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        _add_sizes(term, shape, known)
    return size(known.values())
