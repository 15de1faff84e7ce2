"""What checks have answered, and for which candidates that holds."""

from __future__ import annotations

from typing import Any

from spearmint.checking.answers import ENOUGH, Answers
from spearmint.checking.checker import Verdict


def point(n: int, rate: float) -> dict[str, Any]:
    return {"n": {"type": "int", "values": [n]}, "rate": {"type": "float", "values": [rate]}}


def verdict(n: int) -> Verdict:
    return Verdict({}, predictions={"c": [float(n), 0.5]})


def compared(pairs: int) -> Answers:
    """Answers about pairs of candidates that differ in a FLOAT variable, which does not matter."""
    answers = Answers()
    answers.begin("one job")
    for n in range(pairs):
        answers.add(point(n, 0.1), verdict(n))
        answers.add(point(n, 0.2), verdict(n))
    return answers


def test_the_same_point_has_the_same_answer() -> None:
    answers = compared(1)
    assert answers.of(point(0, 0.2)) == verdict(0)
    assert answers.of(point(0, 0.3)) is None
    assert answers.of(point(1, 0.1)) is None
    assert answers.knows_kind(point(0, 0.3))
    assert not answers.knows_kind(point(1, 0.1))


def test_one_answer_serves_for_all_after_some_comparisons() -> None:
    assert compared(ENOUGH - 1).of(point(0, 0.3)) is None
    answers = compared(ENOUGH)
    assert answers.of(point(0, 0.3)) == verdict(0)
    assert answers.of(point(9, 0.3)) is None
    answers.add(point(0, 0.4), verdict(1))
    assert answers.of(point(0, 0.3)) is None, "this FLOAT variable matters"
    assert answers.of(point(0, 0.4)) == verdict(1)


def test_the_same_candidate_is_compared_with_nothing() -> None:
    answers = Answers()
    for _ in range(2 * ENOUGH):
        answers.add(point(1, 0.1), verdict(1))
    assert not answers.compared


def test_a_check_that_failed_answers_nothing() -> None:
    answers = Answers()
    answers.add(point(1, 0.1), Verdict({}, "it failed"))
    assert answers.of(point(1, 0.1)) is None


def test_answers_of_another_basis_are_forgotten_but_not_what_they_have_shown() -> None:
    answers = compared(ENOUGH)
    answers.begin("one job")
    assert answers.of(point(0, 0.1)) == verdict(0)
    answers.begin("two jobs")
    assert answers.of(point(0, 0.1)) is None
    answers.add(point(5, 0.1), verdict(5))
    assert answers.of(point(5, 0.7)) == verdict(5)
