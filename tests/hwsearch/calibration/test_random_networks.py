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


def test_steps_logarithms_and_other_options():
    template = Template.parse(
        'a = HYPERPARAM{"type": "INT", "token": "a", "min": 1, "max": 1000, "log": true}\n'
        'b = HYPERPARAM{"type": "FLOAT", "token": "b", "min": 1e-4, "max": 0.1, "log": true}\n'
        'c = HYPERPARAM{"type": "FLOAT", "token": "c", "min": 0.1, "max": 0.55, "step": 0.1}\n'
        'd = HYPERPARAM{"type": "INT", "token": "d", "min": 8, "max": 64, "step": 8}\n'
        'e = HYPERPARAM{"type": "ENUM", "token": "e", "options": [[1], 1, null, [[1]]]}\n'
    )
    points = random_params(template, 40, seed=0)
    assert sorted(point["c"] for point in points) == sorted([0.1, 0.2, 0.3, 0.4, 0.5] * 8)
    assert sorted(point["d"] for point in points) == sorted([*range(8, 65, 8)] * 5)
    assert 18 <= sum(point["a"] <= 32 for point in points) <= 22
    assert sum(point["b"] < 10**-2.5 for point in points) == 20
    values = [template.values(point)["e"] for point in points]
    assert [values.count(option) for option in ([1], 1, None, [[1]])] == [10] * 4
    template.render(points[0])
