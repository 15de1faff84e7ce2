from __future__ import annotations

from hwsearch.experiment import Experiment, Settings
from hwsearch.measurements import Latency, Measurements, ProfileRecord
from hwsearch.report.effort import effort
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


def test_paused_trainings_alone_have_taken_time(tmp_path):
    paused = {"id": 1, "status": "paused", "progress": 0.5, "start time": 90.0}
    result = Result.of(paused | {"earlier seconds": 30.0}, Settings("run", "error"))
    assert effort([result], Experiment(tmp_path)) == ["time: 30.0 s"]
    assert effort([], Experiment(tmp_path)) == ["time: unknown"]


def test_the_calibration_is_counted(tmp_path):
    experiment = Experiment(tmp_path)
    experiment.save_calibration({"power": {"seconds": 8.0}, "runtime": {"seconds": 8.0}})
    assert effort([job(1, 0.0, 4.0)], experiment)[0].startswith("time: 12.0 s (calibration 8.0 s, ")


def test_the_batches_are_named(tmp_path):
    results = [job(1, 0, 1, 32), job(2, 1, 2, 32)]
    assert effort(results, Experiment(tmp_path))[1:] == ["measured in batches of 32 images"]
    results.append(job(3, 2, 3, 8))
    assert effort(results, Experiment(tmp_path))[1:] == ["measured in batches of 8, 32 images"]
