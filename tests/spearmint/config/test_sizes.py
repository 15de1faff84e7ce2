from __future__ import annotations

import pytest

from spearmint.config.sizes import shown_size, size_in_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GiB", 8 * 2**30),
        ("8 gib", 8 * 2**30),
        ("8G", 8 * 2**30),
        ("1.5MiB", 3 * 2**19),
        ("500MB", 500_000_000),
        ("10kB", 10_000),
        ("2T", 2**41),
        ("4096", 4096),
        ("4096B", 4096),
        (" 1KiB ", 1024),
        ("", None),
        ("GiB", None),
        ("-1GiB", None),
        ("8Gi", None),
        ("8iB", None),
        ("8 apples", None),
        ("1e9", None),
        ("9" * 400, None),
        ("١GiB", None),
        ("nan", None),
    ],
)
def test_size_in_bytes(text: str, size: int | None) -> None:
    assert size_in_bytes(text) == size


def test_sizes_for_people() -> None:
    sizes = (8 * 2**30, 3 * 2**19, 1023, 2**41)
    assert [shown_size(size) for size in sizes] == ["8 GiB", "1.5 MiB", "1023 bytes", "2 TiB"]
