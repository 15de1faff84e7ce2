from __future__ import annotations

import pytest

from hwsearch.atomic_files import write_json
from hwsearch.experiment import Experiment, Settings
from hwsearch.measurements import Latency, Measurements, ProfileRecord
from hwsearch.report.effort import effort, seconds
from hwsearch.report.result import Result


def job(number, start, end, batch=None):
    latency = Latency(batch, 3, 1, 1, 1, 1) if batch else None
    measurements = Measurements(
        seconds={"train": 2.0, "measure": 1.0}, profile=ProfileRecord(latency=latency)
    )
    document = {"id": number, "status": "complete", "values": {"error": 1.0}}
    times = {"start time": start, "end time": end, "measurements": measurements.to_json()}
    return Result.of(document | times, Settings("run", "error"))


def test_a_pause_between_two_starts_is_not_counted(tmp_path):
    results = [job(1, 100.0, 104.0), job(2, 1000.0, 1005.0), job(3, 1003.0, 1008.0)]
    assert effort(results, Experiment(tmp_path)) == [
        "time: 12.0 s (training 6.0 s, measuring 3.0 s)"
    ]


def test_the_segments_of_a_paused_training_are_counted(tmp_path):
    job_of = {"id": 1, "status": "complete", "values": {"error": 1.0}, "earlier seconds": 30.0}
    result = Result.of(job_of | {"start time": 90.0, "end time": 95.0}, Settings("run", "error"))
    assert effort([result], Experiment(tmp_path)) == ["time: 35.0 s"]


def test_an_evaluation_that_rejected_a_network_under_former_bounds_counts(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    times = [{"began": 99.0, "seconds": None}, {"began": 199.0, "seconds": 6.0}]
    write_json(experiment.searches_file, {"searches": times})
    rejected = {"outcome": "rejected", "seconds": {"measure": 2.0}}
    earlier = {"start time": 100.0, "end time": 103.0, "measurements": rejected}
    measured = {"seconds": {"train": 3.0, "measure": 1.0}}
    again = {"id": 1, "status": "complete", "values": {"error": 1.0}, "earlier": [earlier]}
    again |= {"start time": 200.0, "end time": 204.0, "measurements": measured}
    assert effort([Result.of(again, Settings("run", "error"))], experiment) == [
        "time: 10.0 s: networks 7.0 s (training 3.0 s, measuring 3.0 s), starting and choosing "
        "3.0 s"
    ]


@pytest.mark.parametrize(
    ("more", "rest"),
    [
        ({"status": "complete", "attempt": 1, "values": {"error": 1.0}}, "starting and choosing"),
        ({"status": "new", "attempt": 0}, "starting and choosing"),
        ({"status": "new", "attempt": 1}, "starting, choosing and unfinished networks"),
        ({"status": "pending", "attempt": 1}, "starting, choosing and unfinished networks"),
        (
            {"status": "complete", "attempt": 2, "values": {"error": 1.0}},
            "starting, choosing and unfinished networks",
        ),
        ({"status": "new", "attempt": 1, "earlier": [{}]}, "starting and choosing"),
        ({"status": "paused", "attempt": 2, "earlier seconds": 1e-9}, "starting and choosing"),
    ],
)
def test_the_time_of_interrupted_networks_is_named(more, rest, tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    write_json(experiment.searches_file, {"searches": [{"began": 0.0, "seconds": 20.0}]})
    results = [job(1, 0.0, 4.0), Result.of({"id": 2, **more}, Settings("run", "error"))]
    line = f"time: 20.0 s: networks 4.0 s (training 2.0 s, measuring 1.0 s), {rest} 16.0 s"
    assert effort(results, experiment) == [line]


def test_paused_trainings_alone_have_taken_time(tmp_path):
    paused = {"id": 1, "status": "paused", "progress": 0.5, "start time": 90.0}
    result = Result.of(paused | {"earlier seconds": 30.0}, Settings("run", "error"))
    assert effort([result], Experiment(tmp_path)) == ["time: 30.0 s"]
    assert effort([], Experiment(tmp_path)) == ["time: unknown"]


def test_the_calibration_is_counted(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.save_calibration({"power": {"seconds": 8.0}, "runtime": {"seconds": 8.0}})
    line = "time: 12.0 s: calibration 8.0 s, networks 4.0 s (training 2.0 s, measuring 1.0 s)"
    assert effort([job(1, 0.0, 4.0)], experiment) == [line]


def test_the_time_is_that_of_all_searches(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    # The second one was killed; the third one was stopped when it had evaluated nothing.
    entries = [(90.0, 20.0), (990.0, None), (5000.0, 3.0)]
    found = [{"began": began, "seconds": seconds} for began, seconds in entries]
    write_json(experiment.searches_file, {"searches": found})
    results = [job(1, 100.0, 104.0), job(2, 1000.0, 1005.0), job(3, 1003.0, 1008.0)]
    assert effort(results, experiment) == [
        "time: 41.0 s: networks 12.0 s (training 6.0 s, measuring 3.0 s), starting and choosing "
        "29.0 s"
    ]
    assert seconds(results, experiment) == {
        "total": 41.0,
        "networks": 12.0,
        "training": 6.0,
        "measuring": 3.0,
    }


def test_networks_at_the_same_time(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.tmp.mkdir()
    write_json(experiment.searches_file, {"searches": [{"began": 0.0, "seconds": 5.0}]})
    results = [job(1, 1.0, 4.0), job(2, 1.0, 4.5), job(3, 1.0, 4.0)]
    assert effort(results, experiment) == [
        "time: 5.0 s: networks 3.5 s (several at a time: training 6.0 s, measuring 3.0 s), "
        "starting and choosing 1.5 s"
    ]


def test_the_batches_are_named(tmp_path):
    results = [job(1, 0, 1, 32), job(2, 1, 2, 32)]
    assert effort(results, Experiment(tmp_path))[1:] == ["measured in batches of 32 images"]
    results.append(job(3, 2, 3, 8))
    assert effort(results, Experiment(tmp_path))[1:] == ["measured in batches of 8, 32 images"]
