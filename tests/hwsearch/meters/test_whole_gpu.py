"""Which device a meter of GPUs may read, and what its plain power field means."""

from __future__ import annotations

import os

import pytest

from hwsearch.meters.device import Device
from hwsearch.meters.protocol import MeterUnavailableError
from hwsearch.meters.whole_gpu import foreign, plain_power_averaging, refuse_mig_mode, whole_gpu

A = Device("gpu", "NVIDIA A100", "GPU-a", 0)
B = Device("gpu", "NVIDIA A100", "GPU-b", 1)


def test_a_device_is_found_by_its_uuid_and_no_device_is_the_jobs(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert whole_gpu("m", Device("gpu", "as a framework names it", "GPU-a"), [A, B]) == A
    assert whole_gpu("m", None, [A, B]) == B
    assert whole_gpu("m", Device("gpu", "without a UUID"), [A, B]) == B


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (Device("cpu", "EPYC"), "meter m: the job runs on the CPU (EPYC), and this meter reads"),
        (Device("gpu", "slice", "MIG-1"), "meter m: slice (MIG-1) is a MIG slice, which has no"),
        (Device("gpu", "x", "GPU-x"), "meter m: the driver lists no GPU GPU-x"),
    ],
)
def test_other_devices_are_refused(device, message):
    with pytest.raises(MeterUnavailableError) as caught:
        whole_gpu("m", device, [A, B])
    assert str(caught.value).startswith(message)


def test_an_ambiguous_gpu_is_refused(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU")
    with pytest.raises(MeterUnavailableError, match=r"^meter m: no GPU is visible to this job"):
        whole_gpu("m", None, [A, B])
    with pytest.raises(MeterUnavailableError, match="MIG mode"):
        refuse_mig_mode("m", A)


@pytest.mark.parametrize(
    ("ids", "others"),
    [
        ((), None),
        ((1,), None),  # perhaps this process, under the id that the host gives it
        ((os.getpid(),), ()),
        ((os.getpid(), 1), (1,)),
        ((2, 1), (1, 2)),
    ],
)
def test_processes_other_than_this_one(ids, others):
    assert foreign(ids) == others


@pytest.mark.parametrize(
    ("name", "averaging", "settle"),
    [
        ("NVIDIA A100-SXM4-40GB", 0.1, 0),
        ("NVIDIA A30", 0.1, 0),
        ("NVIDIA A10", 1.0, 0),
        ("NVIDIA A6000", 1.0, 0),
        ("NVIDIA H100 80GB HBM3", 1.0, 0),
        ("NVIDIA GeForce RTX 3090", 1.0, 0),
        ("NVIDIA GeForce RTX 4090", 1.0, 0),
        ("NVIDIA GeForce RTX 2080 Ti", 0.1, 0),
        ("Tesla V100-SXM2-16GB", 0.1, 0),
        ("Tesla T4", 0.1, 0),
        ("NVIDIA T400", 1.0, 0),
        ("NVIDIA TITAN V", 0.1, 0),
        ("GeForce GTX 1080", 0.1, 0),
        ("Tesla P40", 0.1, 0),
        ("Quadro P4000", 0.1, 0),
        ("GeForce GTX 980", 0.1, 1.0),
        ("Tesla K80", 0.1, 1.0),
        ("Quadro K2200", 0.1, 1.0),
        ("a GPU of the year 2030", 1.0, 0),
    ],
)
def test_averaging_and_settling_time_of_the_plain_field(name, averaging, settle):
    assert plain_power_averaging(name) == (averaging, settle)
