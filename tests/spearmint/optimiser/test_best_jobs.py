from __future__ import annotations

from math import inf, nan

from spearmint.optimiser.best_jobs import best_observed, front_observed
from tests.spearmint.optimiser.stored_jobs import SPACE, TASKS, TWO, job


def test_best_observed_is_feasible_finite_and_first():
    jobs = [
        job(1, error=9.0, power=1.0, ok=1.0),
        job(2, error=1.0, power=-1e-12, ok=1.0),
        job(3, error=-inf, power=1.0, ok=1.0),
        job(5, error=2.0, power=0.0, ok=1.0),
        job(4, error=2.0, power=0.0, ok=1.0),
        job(6, "pending", error=0.0, power=1.0, ok=1.0),
        job(7, error=0.0, power=1.0, ok=0.0),
        job(8, error=nan, power=1.0, ok=1.0),
    ]
    assert best_observed(TASKS, jobs)["id"] == 4
    assert best_observed(TASKS, jobs[1:3]) is None
    assert best_observed(TASKS, []) is None


def test_of_equal_objectives_the_job_that_meets_its_constraints_by_most_is_the_best():
    values = [(1, 3.0, 2.0), (2, 4.0, 1.0), (3, 2.5, 2.5), (4, 2.5, 9.0)]
    jobs = [job(number, error=2.0, power=power, ok=ok) for number, power, ok in values]
    assert best_observed(TASKS, jobs)["id"] == 3
    assert best_observed(TASKS, [*jobs, job(5, error=1.9, power=0.1, ok=1.0)])["id"] == 5


def test_the_front_is_feasible_finite_and_in_the_order_of_the_first_objective():
    jobs = [
        job(1, error=3.0, cost=1.0, power=0.0),
        job(2, error=1.0, cost=4.0, power=0.0),
        job(3, error=2.0, cost=4.0, power=0.0),  # dominated by 2
        job(4, error=0.0, cost=0.0, power=-1.0),
        job(5, error=0.0, cost=nan, power=1.0),
        job(6, error=0.0, cost=-inf, power=1.0),
        job(7, "pending", error=0.0, cost=0.0, power=1.0),
        job(8, x=2.0, error=0.0, cost=0.0, power=1.0),
        job(9, error=2.0, cost=2.0, power=1.0),
        job(10, error=1.0, cost=4.0, power=0.0),
    ]
    assert [one["id"] for one in front_observed(TWO, jobs, SPACE)] == [2, 10, 9, 1]
    assert [one["id"] for one in front_observed(TWO, jobs)] == [8]
    assert front_observed(TWO, jobs[3:7], SPACE) == []
    assert front_observed(TWO, [], SPACE) == []


def test_jobs_outside_the_space_are_not_the_best():
    jobs = [job(1, x=2.0, error=0.0, power=1.0, ok=1.0), job(2, error=3.0, power=1.0, ok=1.0)]
    assert best_observed(TASKS, jobs, SPACE)["id"] == 2
    assert best_observed(TASKS, jobs)["id"] == 1
