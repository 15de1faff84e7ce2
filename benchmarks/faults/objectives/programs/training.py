"""Computes for 50 to 200 ms, then prints a value of its two arguments."""

from __future__ import annotations

import sys
import time

x, y = map(float, sys.argv[1:])
for _ in range(5):
    time.sleep(0.01 + 0.03 * x)
print(repr(x**2 + y))
