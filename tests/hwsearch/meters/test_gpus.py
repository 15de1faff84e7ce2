"""Which of this machine's GPUs a load runs on."""

from __future__ import annotations

from hwsearch.meters.device import Device
from hwsearch.meters.gpus import device_of
from hwsearch.meters.processor import cpu

A = Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", 0)
B = Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-8932aaaa-0000-4106-c12f-20bd9faed9f6", 1)


class OnGpu:
    on_gpu = True


def test_a_gpu_that_no_nvidia_driver_lists_is_still_a_gpu(monkeypatch):
    """A Jetson's, or another maker's; time can be measured on it."""
    monkeypatch.setattr("hwsearch.meters.gpus.installed", list)
    assert device_of(OnGpu()) == Device("gpu", "GPU")
    monkeypatch.setattr("hwsearch.meters.gpus.installed", lambda: [A, B])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert device_of(OnGpu()) == B


def test_a_load_that_does_not_say_runs_on_the_cpu():
    device = device_of(object())
    assert device == cpu()
    assert (device.kind, device.uuid) == ("cpu", "")
    assert device.cpus >= 1
