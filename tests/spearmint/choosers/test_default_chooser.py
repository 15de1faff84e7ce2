"""The default chooser as its callers see it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from spearmint.choosers import create
from spearmint.choosers.default_chooser import DefaultChooser
from spearmint.errors import NoTimeError, SpaceExhaustedError, UserError
from spearmint.optimiser.candidates import design
from spearmint.optimiser.duration import Time
from tests.spearmint.optimiser.volumes import hypervolume

MIXED = {
    "variables": {
        "rate": {"type": "FLOAT", "min": -5.0, "max": -1.0},
        "units": {"type": "INT", "size": 2, "min": 4, "max": 64},
        "act": {"type": "ENUM", "options": ["relu", "elu", "tanh"]},
    },
    "tasks": {
        "error": {"type": "OBJECTIVE", "likelihood": "GAUSSIAN"},
        "power": {"type": "CONSTRAINT", "likelihood": "GAUSSIAN"},
    },
}
FLOATS = {
    "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 1}},
    "tasks": {
        "f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
        "c": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    },
}


def network(params):
    """A training that diverges at high rates, and its power."""
    rate, units = params["rate"]["values"][0], params["units"]["values"]
    error = 3.0 + (rate + 3.0) ** 2 + 20.0 / sum(units) + (params["act"]["values"] == ["tanh"])
    return {"error": 90.0 if rate > -2.0 else error, "power": 80.0 - sum(units)}


def gramacy(params):
    a, b = params["x"]["values"]
    wave = a + 2 * b + 0.5 * np.sin(2 * np.pi * (a**2 - 2 * b)) - 1.5
    return {"f": a + b, "c": min(wave, 1.5 - a**2 - b**2)}


def run(config, objective, count, seed=0, chooser=None):
    chooser = chooser or create(config, seed)
    jobs = []
    for number in range(1, count + 1):
        params = chooser.suggest(jobs)
        job = {"id": number, "status": "complete", "params": params, "values": objective(params)}
        jobs.append(job)
    return jobs


@pytest.fixture(scope="module")
def networks():
    return run(MIXED, network, 22)


TWO_OBJECTIVES = {
    "variables": {"x": {"type": "FLOAT", "size": 2, "min": 0, "max": 3}},
    "likelihood": "NOISELESS",
    "tasks": {
        "f": {"type": "OBJECTIVE"},
        "g": {"type": "OBJECTIVE"},
        "c": {"type": "CONSTRAINT"},
    },
}


def tanaka(params):
    """Problem TNK of Tanaka et al. 1995, whose front has three parts."""
    a, b = params["x"]["values"]
    wave = a**2 + b**2 - 1.0 - 0.1 * np.cos(16.0 * np.arctan2(a, b))
    return {"f": a, "g": b, "c": min(wave, 0.5 - (a - 0.5) ** 2 - (b - 0.5) ** 2)}


def test_it_finds_the_front_of_two_objectives():
    jobs = run(TWO_OBJECTIVES, tanaka, 30)
    assert len({tuple(job["params"]["x"]["values"]) for job in jobs}) == 30
    found = np.array([list(job["values"].values()) for job in jobs])
    feasible = found[found[:, 2] >= 0, :2]
    volume = hypervolume(feasible, np.array([1.14, 1.14]))
    # All of the front: 0.517. Of 30 uniformly random points, the best of 20 seeds reaches 0.32.
    assert volume > 0.35
    assert create(TWO_OBJECTIVES, 0).best(jobs) is None


@pytest.mark.parametrize("name", ["default_chooser", "hw_cwei", "hw_ieci"])
def test_an_objective_is_no_constraint_as_long_as_the_other_one_is_unknown(name):
    def stopped_early(params):
        a, b = params["x"]["values"]
        return {"f": nan, "g": a + b**2, "c": -1.0 - b}

    config = TWO_OBJECTIVES | {"chooser": name}
    jobs = run(config, stopped_early, 6)
    chooser = create(config, 0)
    assert isinstance(chooser, DefaultChooser)
    known = chooser.observe(jobs)
    objective, constraint = chooser.fits.models(chooser.features, known)
    assert (objective.task.name, constraint.task.name) == ("g", "c")
    points = chooser.features.of(design(chooser.space, 16, 1))
    found = []
    for sign in (1.0, -1.0):
        models = [replace(objective, z=sign * objective.z), constraint]
        acquisition = chooser._acquisition(known, models, np.random.default_rng(0))
        found.append(acquisition.with_gradient(points))
        assert np.allclose(acquisition(points), found[-1][0])
    for one, other in zip(*found, strict=True):
        assert np.allclose(one, other), "the other objective does not count"


def stopped_outside(params):
    """The objective falls up to the edge of the feasible region, and is not evaluated beyond."""
    a, b = params["x"]["values"]
    left = 0.5 - a - 0.1 * b
    return {"f": -a if left >= 0 else nan, "c": left, "g": (a - 1.0) ** 2 + b}


@pytest.mark.parametrize(
    ("chooser", "more", "running", "is_careful"),
    [
        ("default_chooser", [], 0, True),
        ("default_chooser", ["g"], 0, True),
        ("default_chooser", [], 4, False),
        ("hw_cwei", [], 0, False),
    ],
)
def test_the_search_gets_careful_when_infeasible_jobs_follow_each_other(
    chooser, more, running, is_careful
):
    rows = np.random.default_rng(0).random((60, 2)).tolist()
    points = [{"x": {"type": "float", "values": row}} for row in rows]
    inside = [point for point in points if stopped_outside(point)["c"] >= 0]
    outside = [point for point in points if stopped_outside(point)["c"] < 0][:6]
    pending = [
        {"id": 100 + n, "status": "pending", "params": point}
        for n, point in enumerate(inside[5 : 5 + running])
    ]
    risks = []
    for order in (inside[:5] + outside, outside + inside[:5]):
        jobs = [
            {"id": n, "status": "complete", "params": point, "values": stopped_outside(point)}
            for n, point in enumerate(order, 1)
        ]
        tasks = FLOATS["tasks"] | dict.fromkeys(more, FLOATS["tasks"]["f"])
        searching = create(FLOATS | {"chooser": chooser, "tasks": tasks}, 0)
        assert isinstance(searching, DefaultChooser)
        jobs += pending
        code = searching.space.encode_all([searching.suggest(jobs)], str)
        met = searching.log_probability_met(searching.observe(jobs), code, np.random.default_rng(0))
        assert met is not None
        risks.append(-np.expm1(met[0]))
    assert (risks[0] < 0.1 * risks[1]) == is_careful


def test_two_objectives_with_noise_failures_and_pending_jobs():
    noise = np.random.default_rng(0)

    def measured(params):
        values = {name: value + noise.normal(0, 0.02) for name, value in tanaka(params).items()}
        return values if params["x"]["values"][0] < 2 else dict.fromkeys(values, nan)

    config = TWO_OBJECTIVES | {"likelihood": "GAUSSIAN"}
    jobs = run(config, measured, 12)
    waiting = []
    for number in range(13, 16):
        params = create(config, 0).suggest([*jobs, *waiting])
        waiting.append({"id": number, "status": "pending", "params": params})
    points = {tuple(job["params"]["x"]["values"]) for job in [*jobs, *waiting]}
    assert len(points) == 15


def test_it_finds_the_constrained_optimum():
    jobs = run(FLOATS, gramacy, 25)
    best = min(job["values"]["f"] for job in jobs if job["values"]["c"] >= 0)
    assert best == pytest.approx(0.5998, abs=2e-3)


def test_it_finds_good_networks_in_spite_of_cliffs(networks):
    feasible = [job["values"]["error"] for job in networks if job["values"]["power"] >= 0]
    # The optimum is 3.25.
    assert min(feasible) < 3.6


def test_no_point_twice(networks):
    points = [json.dumps(job["params"]) for job in networks]
    assert len(set(points)) == len(points)


def test_points_are_in_the_form_of_the_database(networks):
    params = networks[-1]["params"]
    assert {name: entry["type"] for name, entry in params.items()} == {
        "rate": "float",
        "units": "int",
        "act": "enum",
    }
    assert [type(v) for v in params["units"]["values"]] == [int, int]
    assert json.loads(json.dumps(params)) == params


def test_suggestions_are_a_function_of_config_seed_and_jobs(networks):
    for count in (3, 15):
        fresh = create(MIXED, 0).suggest(networks[:count])
        assert fresh == networks[count]["params"]
    assert create(MIXED, 1).suggest(networks[:15]) != networks[15]["params"]


def test_order_of_jobs_and_of_keys_does_not_matter(networks):
    shuffled = [
        {
            key: dict(reversed(value.items())) if isinstance(value, dict) else value
            for key, value in reversed(job.items())
        }
        for job in reversed(networks[:15])
    ]
    assert create(MIXED, 0).suggest(shuffled) == networks[15]["params"]


def test_another_process_suggests_the_same(networks, tmp_path):
    file = tmp_path / "jobs.json"
    file.write_text(json.dumps([MIXED, networks[:15]]))
    script = (
        "import json, sys; from spearmint.choosers import create\n"
        "config, jobs = json.load(open(sys.argv[1]))\n"
        "print(json.dumps(create(config, 0).suggest(jobs)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == networks[15]["params"]


def test_hypers_go_through_json_and_change_nothing(networks):
    first = create(MIXED, 0)
    first.suggest(networks[:15])
    hypers = json.loads(json.dumps(first.hypers()))
    assert set(hypers) == {"error", "power"}
    second = create(MIXED, 0)
    second.load_hypers(hypers)
    assert second.hypers() == first.hypers()
    assert second.suggest(networks[:15]) == networks[15]["params"]
    assert second.suggest(networks[:16]) == networks[16]["params"]


@pytest.mark.parametrize("hypers", [{}, {"error": 3}, {"error": {"digest": 1}}, None])
def test_hypers_that_do_not_match_are_ignored(hypers, networks):
    chooser = create(MIXED, 0)
    chooser.load_hypers(hypers)
    assert chooser.suggest(networks[:15]) == networks[15]["params"]


def distance(a, b):
    return float(np.linalg.norm(np.subtract(a["x"]["values"], b["x"]["values"])))


def test_eight_workers_get_eight_different_points():
    spread = []
    for seed in range(3):
        jobs = run(FLOATS, gramacy, 9, seed=seed)
        chooser = create(FLOATS, seed)
        given = []
        for number in range(10, 18):
            params = chooser.suggest(jobs)
            assert all(distance(params, other["params"]) > 0 for other in jobs)
            given.append(params)
            jobs.append({"id": number, "status": "pending", "params": params})
        spread += [distance(a, b) for i, a in enumerate(given) for b in given[:i]]
    assert min(spread) > 1e-3
    assert np.median(spread) > 0.05


def test_first_pending_jobs_are_different_too():
    chooser, jobs = create(FLOATS, 0), []
    for number in range(1, 31):
        params = chooser.suggest(jobs)
        assert all(distance(params, other["params"]) > 1e-6 for other in jobs)
        jobs.append({"id": number, "status": "pending", "params": params})


def test_an_exhausted_space_ends_with_a_sentence():
    config = {
        "variables": {
            "n": {"type": "INT", "min": 1, "max": 4},
            "e": {"type": "ENUM", "options": ["a", "b", "c"]},
        }
    }
    chooser, jobs = create(config, 0), []
    for number in range(1, 13):
        params = chooser.suggest(jobs)
        assert params not in [job["params"] for job in jobs]
        value = {"main": params["n"]["values"][0] + 0.1 * number}
        status = "broken" if number == 5 else "pending" if number == 7 else "complete"
        jobs.append({"id": number, "status": status, "params": params, "values": value})
    with pytest.raises(SpaceExhaustedError, match="all 12 points"):
        chooser.suggest(jobs)


@pytest.mark.parametrize(
    "objective",
    [
        lambda a, b: {"f": 1.0, "c": 1.0},
        lambda a, b: {"f": nan, "c": nan},
        lambda a, b: {"f": a, "c": -1.0 - b},
        lambda a, b: {"f": nan, "c": -1.0 - b},
        lambda a, b: {"f": 1e-12 * a, "c": 1e12 * (b - 0.5)},
        lambda a, b: {"f": 1e12 * a, "c": 1e-12 * (b - 0.5)},
        lambda a, b: {"f": inf if a > 0.5 else a, "c": inf if b > 0.5 else -inf},
        lambda a, b: {"f": -inf, "c": 1.0},
        lambda a, b: {"f": a, "c": nan if a < 0.6 else b - 0.3},
        lambda a, b: {"f": a + 5, "c": 0.0},
        lambda a, b: nan,
    ],
)
def test_degenerate_results(objective):
    def values(params):
        return objective(*params["x"]["values"])

    jobs = run(FLOATS, values, 9)
    chooser = create(FLOATS, 0)
    params = chooser.suggest([*jobs, {"id": 10, "status": "pending", "params": jobs[0]["params"]}])
    assert all(0 <= value <= 1 for value in params["x"]["values"])
    chooser.best(jobs)


@pytest.mark.parametrize("status", ["complete", "broken", "pending"])
def test_one_job(status):
    job = {"id": 1, "status": status, "params": {"x": {"values": [0.5, 0.5]}}, "values": None}
    config = FLOATS | {"chooser-args": {"initial-points": 1}}
    params = create(config, 0).suggest([job])
    assert params["x"]["values"] != [0.5, 0.5]


def test_it_learns_where_jobs_fail():
    def values(params):
        a, b = params["x"]["values"]
        good = a < 0.5
        return {"f": -a - 0.1 * b if good else nan, "c": 1.0 if good else nan}

    jobs = run(FLOATS, values, 20)
    # The optimum, -0.6, is where failure begins.
    found = [job["values"]["f"] for job in jobs if np.isfinite(job["values"]["f"])]
    assert min(found) < -0.57


def test_jobs_stopped_by_a_constraint_teach_only_that_constraint():
    def values(params):
        a, b = params["x"]["values"]
        return {"f": a + b if a > 0.3 else nan, "c": a - 0.3}

    chooser = create(FLOATS, 0)
    jobs = run(FLOATS, values, 14, chooser=chooser)
    assert set(chooser.hypers()) == {"f", "c"}
    best = min(job["values"]["f"] for job in jobs if job["values"]["c"] >= 0)
    assert best < 0.4


@pytest.mark.parametrize("likelihood", ["STEP", "BINOMIAL"])
def test_constraints_that_are_outcomes(likelihood):
    config = FLOATS | {
        "tasks": {"f": {"type": "OBJECTIVE"}, "c": {"type": "CONSTRAINT", "likelihood": likelihood}}
    }

    def values(params):
        a, b = params["x"]["values"]
        return {"f": a + 0.2 * b, "c": float(a > 0.4)}

    jobs = run(config, values, 20)
    best = min(job["values"]["f"] for job in jobs if job["values"]["c"] == 1.0)
    assert best < 0.6


def test_a_single_task_without_constraints():
    config = {"variables": FLOATS["variables"], "likelihood": "NOISELESS"}

    def values(params):
        a, b = params["x"]["values"]
        return {"main": (a - 0.3) ** 2 + (b - 0.8) ** 2}

    jobs = run(config, values, 16)
    assert min(job["values"]["main"] for job in jobs) < 1e-3


def test_initial_points_are_a_sobol_sequence():
    config = FLOATS | {"chooser-args": {"initial-points": 8}}
    jobs = run(config, gramacy, 8)
    points = np.array([job["params"]["x"]["values"] for job in jobs])
    for axis in range(2):
        assert np.histogram(points[:, axis], 8, (0, 1))[0].tolist() == [1] * 8


def test_grid_seed_determines_the_initial_design():
    first = create(FLOATS | {"grid_seed": 3}, 1).suggest([])
    assert first == create(FLOATS | {"grid_seed": 3}, 2).suggest([])
    assert first != create(FLOATS | {"grid_seed": 4}, 1).suggest([])


def test_a_job_of_another_space_is_named():
    with pytest.raises(UserError, match="job 4: "):
        create(FLOATS, 0).suggest([{"id": 4, "status": "complete", "params": {"y": [1]}}])


@pytest.mark.parametrize("kind", ["NaN", "broken", "STEP", "BINOMIAL"])
@pytest.mark.parametrize("dimension", [2, 5])
def test_while_every_job_fails_the_sobol_sequence_goes_on(kind, dimension):
    variables = {"x": {"type": "FLOAT", "size": dimension, "min": 0, "max": 1}}
    tasks = {"f": {"type": "OBJECTIVE", "likelihood": "NOISELESS"}}
    if kind in {"STEP", "BINOMIAL"}:
        tasks["c"] = {"type": "CONSTRAINT", "likelihood": kind}
    config = {"variables": variables, "tasks": tasks}
    results = {"NaN": nan, "broken": None}
    jobs = run(
        config, lambda params: results.get(kind, {"f": params["x"]["values"][0], "c": 0}), 16
    )
    if kind == "broken":
        jobs = [job | {"status": "broken"} for job in jobs]
    chooser = create(config, 0)
    for count, point in enumerate(design(chooser.space, 16, 0)):
        assert chooser.suggest(jobs[:count]) == chooser.space.decode(point)
    # Running jobs do not change that.
    jobs[12:] = [job | {"status": "pending"} for job in jobs[12:]]
    assert chooser.suggest(jobs) == chooser.space.decode(design(chooser.space, 17, 0)[16])


def test_while_every_job_fails_measured_constraints_count():
    config = FLOATS | {
        "tasks": FLOATS["tasks"] | {"d": {"type": "CONSTRAINT", "likelihood": "STEP"}}
    }

    def values(params):
        a, b = params["x"]["values"]
        return {"f": a, "c": b - 0.6, "d": 0.0}

    jobs = run(config, values, 30)
    late = np.array([job["params"]["x"]["values"] for job in jobs[10:]])
    assert np.mean(late[:, 1] > 0.55) > 0.9
    assert np.histogram(late[:, 0], 4, (0, 1))[0].min() >= 2


def test_after_the_first_success_the_models_decide():
    def values(params):
        a, b = params["x"]["values"]
        good = a < 0.3 and b < 0.3
        return {"f": a + b if good else nan, "c": 1.0 if good else nan}

    jobs = run(FLOATS, values, 25)
    found = [job["values"]["f"] for job in jobs if np.isfinite(job["values"]["f"])]
    assert min(found) < 0.05


@pytest.mark.parametrize(
    ("low", "high", "kind", "least"), [(2, 5, "FLOAT", 2.0), (20, 50, "INT", 20), (-5, 5, "INT", 0)]
)
def test_a_space_that_was_changed_between_two_starts(low, high, kind, least):
    before = {"variables": {"x": {"type": "FLOAT", "min": -5, "max": 5}}, "likelihood": "NOISELESS"}
    if kind == "INT" and low > 0:
        before["variables"]["x"] = {"type": "INT", "min": -50, "max": 50}

    def square(params):
        return {"main": params["x"]["values"][0] ** 2}

    jobs = run(before, square, 7)
    x = jobs[4]["params"]["x"]
    x["values"] = [0.0008] if x["type"] == "float" else [0]
    jobs[4]["values"] = square({"x": x})
    after = before | {"variables": {"x": {"type": kind, "min": low, "max": high}}}
    chooser = create(after, 0)
    for number in range(8, 14):
        params = chooser.suggest(jobs)
        assert low <= params["x"]["values"][0] <= high
        jobs.append(
            {"id": number, "status": "complete", "params": params, "values": square(params)}
        )
    best = chooser.best(jobs)
    assert best.params["x"]["values"][0] == pytest.approx(least, abs=0.01)
    assert best.values["main"] == pytest.approx(least**2, abs=0.05)


def test_options_that_were_removed_still_inform_the_model():
    def config(*options):
        x = {"type": "FLOAT", "min": 0, "max": 1}
        return {"variables": {"x": x, "e": {"type": "ENUM", "options": list(options)}}}

    def values(params):
        return {
            "main": (params["x"]["values"][0] - 0.7) ** 2 + "cab".index(params["e"]["values"][0])
        }

    jobs = run(config("a", "b", "c"), values, 12)
    chooser = create(config("a", "b"), 0)
    found = chooser.suggest(jobs)
    assert found["e"]["values"][0] in {"a", "b"}
    assert chooser.best(jobs).params["e"]["values"] == ["a"]
    assert create(config("a", "b") | {"chooser": "random_search"}, 0).suggest(jobs)


@pytest.mark.slow
def test_three_thousand_observations():
    rng = np.random.default_rng(0)
    jobs = []
    for number in range(1, 3001):
        params = {"x": {"type": "float", "values": rng.random(2).tolist()}}
        jobs.append(
            {"id": number, "status": "complete", "params": params, "values": gramacy(params)}
        )
    chooser = create(FLOATS, 0)
    params = chooser.suggest(jobs)
    assert gramacy(params)["f"] == pytest.approx(0.6, abs=0.1)
    observed = min(job["values"]["f"] for job in jobs if job["values"]["c"] >= 0)
    assert chooser.best(jobs).values["f"] <= observed


@pytest.mark.slow
def test_five_hundred_observations():
    rng = np.random.default_rng(0)
    jobs = []
    for number in range(1, 501):
        params = {"x": {"type": "float", "values": rng.random(2).tolist()}}
        jobs.append(
            {"id": number, "status": "complete", "params": params, "values": gramacy(params)}
        )
    params = create(FLOATS, 0).suggest(jobs)
    assert gramacy(params)["f"] == pytest.approx(0.6, abs=0.1)


def paused_jobs(config):
    """Twelve complete jobs, and two paused ones: near the best point, and far from it."""
    jobs = run({**config, "stopping": None}, gramacy, 12)
    for job in jobs:
        f = job["values"]["f"]
        job["curve"] = [[0.25, 4 * f + 1], [0.5, 2 * f + 0.5]]
    best = min((j for j in jobs if j["values"]["c"] >= 0), key=lambda j: j["values"]["f"])
    for number, (shift, value) in enumerate([(0.01, 0.1), (0.3, 9.0)], start=13):
        x = [min(v + shift, 1.0) for v in best["params"]["x"]["values"]]
        params = {"x": {"type": "float", "values": x}}
        curve = [[0.25, 4 * value], [0.5, value]]
        more = {"progress": 0.5, "values": {"c": 1.0}, "curve": curve, "attempt": 2}
        jobs.append({"id": number, "status": "paused", "params": params, **more})
    return jobs


def test_forecasts_of_paused_jobs_enter_the_models():
    config = {**FLOATS, "stopping": {"rule": "freeze-thaw", "segments": 3}}
    chooser, jobs = create(config), paused_jobs(FLOATS)
    known = chooser.observe(jobs)
    assert known.foreseen.tolist() == [False] * 12 + [True] * 2
    low, high = known.interval[12:].T
    assert np.all((low < known.values[12:, 0]) & (known.values[12:, 0] < high))
    assert np.isnan(known.failed[12:]).all()
    assert known.met[12:].all(), "values of constraints are known"
    rng = np.random.default_rng(0)
    found = chooser.beliefs(jobs, jobs[12:], rng, new=True)
    done = [j["values"]["f"] for j in jobs[:12] if j["values"]["c"] >= 0]
    assert found.new is not None
    assert np.isfinite([*found.mean, *found.deviation, found.best, *found.new]).all()
    assert found.mean[0] < found.mean[1], "its curve and its point are better"
    assert np.all(found.deviation > 0)
    without = create(FLOATS).observe(jobs)
    assert (len(without.codes), without.interval) == (12, None)
    assert not chooser.space.same(chooser.space.encode(chooser.suggest(jobs))[None], known.tried)[0]
    expected = chooser.best(jobs)
    assert expected.values["f"] < min(done) + 0.5
    assert chooser.pausing(jobs, new=False).job in (13, 14), "the budget is used to its end"
    assert create(FLOATS).pausing(jobs).job is None, "no trainings are paused"


def test_initial_design_begins_before_paused_jobs_go_on():
    config = {**FLOATS, "stopping": {"segments": 3}}
    jobs = paused_jobs(FLOATS)[12:]
    assert create(config).pausing(jobs).job is None
    assert create({**config, "chooser": "random_search"}).pausing(jobs, new=False).job in (13, 14)


def timed(jobs, seconds):
    """The jobs with the times that they took, one after the other."""
    now, found = 1e9, []
    for job in jobs:
        now += seconds(job)
        found.append({**job, "start time": now - seconds(job), "end time": now})
    return found


PACED = {**FLOATS, "chooser-args": {"per-second": True}}


@pytest.fixture(scope="module")
def timed_jobs():
    """Jobs that take between 10 and 1000 s, the longer, the larger the second number is."""
    jobs = run(FLOATS, gramacy, 10)
    return timed(jobs, lambda job: 10.0 * 100.0 ** job["params"]["x"]["values"][1])


def test_seconds_count_only_if_that_is_asked_for(timed_jobs):
    plain = create(FLOATS)
    plain.time = Time(1e4, 1.0)
    suggested = plain.suggest(timed_jobs)
    assert suggested == create(FLOATS).suggest([without_times(job) for job in timed_jobs])
    paced = create(PACED)
    assert paced.suggest([without_times(job) for job in timed_jobs]) == suggested
    shorter = paced.suggest(timed_jobs)
    assert shorter["x"]["values"][1] < suggested["x"]["values"][1]
    assert create(PACED).suggest(timed_jobs) == shorter, "a function of the jobs"


def without_times(job):
    return {key: value for key, value in job.items() if not key.endswith("time")}


def test_no_job_is_suggested_that_would_not_end_in_time(timed_jobs):
    chooser = create(PACED)
    for jobs in (timed_jobs[:4], timed_jobs):  # while there are no models, the median counts
        chooser.time = Time(1e4, 5.0)
        with pytest.raises(NoTimeError, match="within the 5 s that are left"):
            chooser.suggest(jobs)
    chooser.time = Time(1e4, 20.0)
    assert chooser.suggest(timed_jobs)["x"]["values"][1] < np.log(2.0) / np.log(100.0) + 0.02
    points = chooser.candidates(timed_jobs, 3)
    assert all(point["x"]["values"][1] < 0.18 for point in points)


def test_candidates_are_rated_per_second(timed_jobs):
    points = [{"x": {"type": "float", "values": [0.3, y]}} for y in (0.2, 0.9)]
    nothing = [None, None]
    plain, paced = (
        np.array([one.value for one in create(config).rate(timed_jobs, points, nothing)])
        for config in (FLOATS, PACED)
    )
    lost = plain - paced
    assert lost == pytest.approx(np.log([10.0 * 100.0**0.2, 10.0 * 100.0**0.9]), abs=0.3)
