from __future__ import annotations

from hwsearch.calibration import random_params
from hwsearch.template import Template

TEMPLATE = """
units = HYPERPARAM{"type": "INT", "token": "units", "min": 1, "max": 100}
kind = HYPERPARAM{"type": "ENUM", "token": "kind", "options": ["plain", "fails"]}
rate = HYPERPARAM{"type": "FLOAT", "token": "rate", "min": -1.0, "max": 3.0}
"""


def test_random_values_cover_each_range_evenly():
    template = Template.parse(TEMPLATE.replace('"max": 100', '"max": 10'))
    points = random_params(template, 20, seed=0)
    assert sorted(point["units"] for point in points) == sorted(list(range(1, 11)) * 2)
    assert sum(point["kind"] == "fails" for point in points) == 10
    rates = sorted(point["rate"] for point in points)
    assert all(-1 + k / 5 <= rate <= -1 + (k + 1) / 5 for k, rate in enumerate(rates))
    template.render(points[0])


def test_the_same_seed_gives_the_same_values():
    template = Template.parse(TEMPLATE)
    first, again, other = (random_params(template, 5, seed) for seed in (1, 1, 2))
    assert first == again != other
