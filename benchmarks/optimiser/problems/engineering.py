"""Engineering design: integers, catalogues of sizes and materials, up to 11 constraints."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi, sqrt
from typing import Any

from benchmarks.optimiser.problems.problem import Answer, Definition

#: Wire diameters (inch) one can buy, as in Sandgren (1990).
WIRES = (
    0.0090, 0.0095, 0.0104, 0.0118, 0.0128, 0.0132, 0.0140, 0.0150, 0.0162, 0.0173, 0.0180,
    0.0200, 0.0230, 0.0250, 0.0280, 0.0320, 0.0350, 0.0410, 0.0470, 0.0540, 0.0630, 0.0720,
    0.0800, 0.0920, 0.1050, 0.1200, 0.1350, 0.1480, 0.1620, 0.1770, 0.1920, 0.2070, 0.2250,
    0.2440, 0.2630, 0.2830, 0.3070, 0.3310, 0.3620, 0.3940, 0.4375, 0.5000,
)  # fmt: skip

#: Strength S, Young's modulus E, shear modulus G (psi), cost of weld and of bar (a cubic inch).
MATERIALS = {
    "steel": (30e3, 30e6, 12e6, 0.1047, 0.0481),
    "cast iron": (8e3, 14e6, 6e6, 0.0489, 0.0224),
    "aluminium": (5e3, 10e6, 4e6, 0.5235, 0.2405),
    "brass": (8e3, 16e6, 6e6, 0.5584, 0.2566),
}


def _pressure_vessel(x: Sequence[Any]) -> Answer:
    shell, head, radius, length = 0.0625 * x[0], 0.0625 * x[1], x[2], x[3]
    cost = (
        0.6224 * shell * radius * length
        + 1.7781 * head * radius**2
        + 3.1661 * shell**2 * length
        + 19.84 * shell**2 * radius
    )
    volume = pi * radius**2 * length + 4 / 3 * pi * radius**3
    return cost, [shell - 0.0193 * radius, head - 0.00954 * radius, volume - 1296000]


def _welded_beam(x: Sequence[float]) -> Answer:
    h, length, t, b = x
    direct = 6000 / (sqrt(2) * h * length)
    arm = sqrt(0.25 * (length**2 + (h + t) ** 2))
    bending = (
        6000 * (14 + 0.5 * length) * arm
        / (2 * (0.707 * h * length * (length**2 / 12 + 0.25 * (h + t) ** 2)))
    )  # fmt: skip
    shear = sqrt(direct**2 + bending**2 + length * direct * bending / arm)
    cost = 1.10471 * h**2 * length + 0.04811 * t * b * (14 + length)
    return cost, [
        13600 - shear,
        30000 - 504000 / (t**2 * b),
        b - h,
        64746.022 * (1 - 0.0282346 * t) * t * b**3 - 6000,
        0.25 - 2.1952 / (t**3 * b),
    ]


def _welded_beam_mixed(x: Sequence[Any]) -> Answer:
    weld, material, h16, length, t2, b16 = x
    strength, young, shear_modulus, weld_cost, bar_cost = MATERIALS[material]
    h, t, b = h16 / 16, t2 / 2, b16 / 16
    if weld == "two sides":
        welded, inertia = length, length * (3 * t**2 + length**2) / 6
    else:
        welded, inertia = length + t, (length + t) ** 3 / 6
    direct = 6000 / (sqrt(2) * h * welded)
    arm = sqrt(0.25 * (length**2 + (h + t) ** 2))
    torsion = 6000 * (14 + 0.5 * length) * arm / (0.707 * h * inertia)
    shear = sqrt(direct**2 + torsion**2 + length * direct * torsion / arm)
    buckling = (
        4.013 * t * b**3 * sqrt(young * shear_modulus) / (6 * 14**2)
        * (1 - t / (4 * 14) * sqrt(young / shear_modulus))
    )  # fmt: skip
    cost = (1 + weld_cost) * h**2 * welded + bar_cost * t * b * (14 + length)
    return cost, [
        0.577 * strength - shear,
        strength - 6 * 6000 * 14 / (t**2 * b),
        b - h,
        buckling - 6000,
        0.25 - 4 * 6000 * 14**3 / (young * t**3 * b),
    ]


def _spring(x: Sequence[float]) -> Answer:
    d, coil, turns = x
    # The formula has a pole at coil = d, where no wire can be wound.
    gap = coil * d**3 - d**4
    gap = gap if abs(gap) > 1e-12 else 1e-12
    return (turns + 2) * coil * d**2, [
        coil**3 * turns / (71785 * d**4) - 1,
        1 - (4 * coil**2 - d * coil) / (12566 * gap) - 1 / (5108 * d**2),
        140.45 * d / (coil**2 * turns) - 1,
        1 - (coil + d) / 1.5,
    ]


def _spring_mixed(x: Sequence[Any]) -> Answer:
    turns, coil, d = x[0], x[1], WIRES[x[2]]
    ratio = coil / d
    # The stress factor has a pole at C = 1, far outside the constraint C >= 3.
    factor = (4 * ratio - 1) / max(4 * ratio - 4, 1e-3) + 0.615 / ratio
    stiffness = 11.5e6 * d**4 / (8 * turns * coil**3)
    free_length = 1000 / stiffness + 1.05 * (turns + 2) * d
    return pi**2 * coil * d**2 * (turns + 2) / 4, [
        189000 - 8 * factor * 1000 * coil / (pi * d**3),
        14 - free_length,
        d - 0.2,
        3 - coil - d,
        ratio - 3,
        6 - 300 / stiffness,
        (1000 - 300) / stiffness - 1.25,
    ]


def _speed_reducer(x: Sequence[Any]) -> Answer:
    b, m, z, l1, l2, d1, d2 = x
    weight = (
        0.7854 * b * m**2 * (3.3333 * z**2 + 14.9334 * z - 43.0934)
        - 1.508 * b * (d1**2 + d2**2)
        + 7.4777 * (d1**3 + d2**3)
        + 0.7854 * (l1 * d1**2 + l2 * d2**2)
    )
    return weight, [
        1 - 27 / (b * m**2 * z),
        1 - 397.5 / (b * m**2 * z**2),
        1 - 1.93 * l1**3 / (m * z * d1**4),
        1 - 1.93 * l2**3 / (m * z * d2**4),
        1 - sqrt((745 * l1 / (m * z)) ** 2 + 16.9e6) / (110 * d1**3),
        1 - sqrt((745 * l2 / (m * z)) ** 2 + 157.5e6) / (85 * d2**3),
        1 - m * z / 40,
        1 - 5 * m / b,
        1 - b / (12 * m),
        1 - (1.5 * d1 + 1.9) / l1,
        1 - (1.1 * d2 + 1.9) / l2,
    ]


def _float(low: float, high: float) -> dict[str, Any]:
    return {"type": "FLOAT", "min": low, "max": high}


def _int(low: int, high: int) -> dict[str, Any]:
    return {"type": "INT", "min": low, "max": high}


_COELLO = "Coello (2002), Computer Methods in Applied Mechanics and Engineering 191"

DEFINITIONS = [
    Definition(
        "pressure_vessel",
        {
            "shell": _int(1, 99),
            "head": _int(1, 99),
            "radius": _float(10, 200),
            "length": _float(10, 200),
        },
        _pressure_vessel,
        ("shell_stress", "head_stress", "volume"),
        f"Kannan & Kramer (1994), bounds as in {_COELLO}: thicknesses are multiples of 1/16 inch",
    ),
    Definition(
        "welded_beam",
        {"h": _float(0.125, 10), "l": _float(0.1, 10), "t": _float(0.1, 10), "b": _float(0.1, 10)},
        _welded_beam,
        ("shear", "bending", "weld_side", "buckling", "deflection"),
        "Deb (2000), An efficient constraint handling method for genetic algorithms",
    ),
    Definition(
        "welded_beam_mixed",
        {
            "weld": {"type": "ENUM", "options": ["two sides", "four sides"]},
            "material": {"type": "ENUM", "options": list(MATERIALS)},
            "h16": _int(1, 32),
            "l": _float(0.1, 20),
            "t2": _int(4, 40),
            "b16": _int(1, 32),
        },
        _welded_beam_mixed,
        ("shear", "bending", "weld_side", "buckling", "deflection"),
        "After Deb & Goyal (1996), A combined genetic adaptive search for engineering design; the"
        " weld groups' moments of inertia are the textbook's (Shigley): the optimum is our own",
    ),
    Definition(
        "spring",
        {"d": _float(0.05, 2), "coil": _float(0.25, 1.3), "turns": _float(2, 15)},
        _spring,
        ("deflection", "shear", "surge", "outer_diameter"),
        f"Tension/compression spring of Arora (1989), as in {_COELLO}",
    ),
    Definition(
        "spring_mixed",
        {"turns": _int(1, 70), "coil": _float(0.6, 3), "wire": _int(0, len(WIRES) - 1)},
        _spring_mixed,
        ("shear", "length", "wire", "outer_diameter", "ratio", "preload", "travel"),
        "Compression spring of Sandgren (1990) without its g7, which is 0 everywhere",
    ),
    Definition(
        "speed_reducer",
        {
            "face": _float(2.6, 3.6),
            "module": _float(0.7, 0.8),
            "teeth": _int(17, 28),
            "l1": _float(7.3, 8.3),
            "l2": _float(7.3, 8.3),
            "d1": _float(2.9, 3.9),
            "d2": _float(5.0, 5.5),
        },
        _speed_reducer,
        tuple(f"c{i}" for i in range(1, 12)),
        "Golinski (1973), as in Mezura-Montes & Coello (2005)",
    ),
]
