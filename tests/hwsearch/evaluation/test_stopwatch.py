"""Durations of the parts of a job."""

from __future__ import annotations

import time

from hwsearch.evaluation.stopwatch import Stopwatch


def test_laps_and_marks():
    began = time.time()
    watch = Stopwatch()
    watch.lap("build")
    watch.lap("train")
    watch.mark("first_step", began + 1000)
    watch.mark("nothing", None)
    assert list(watch.seconds) == ["build", "train", "first_step"]
    assert watch.seconds["build"] >= 0
    assert 900 < watch.seconds["first_step"] <= 1000
