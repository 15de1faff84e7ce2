from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.meters.device import Device, DeviceError, job_gpu, visible_gpus

A = Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", 0)
B = Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-8932aaaa-0000-4106-c12f-20bd9faed9f6", 1)
SMALL = Device("gpu", "NVIDIA T400", "GPU-11111111-0000-4106-c12f-20bd9faed9f6", 0)
BIG = Device("gpu", "NVIDIA A100-SXM4-40GB", "GPU-22222222-0000-4106-c12f-20bd9faed9f6", 1)


def visible(setting, gpus=(A, B), **environ):
    setting = {} if setting is None else {"CUDA_VISIBLE_DEVICES": setting}
    return visible_gpus(environ | setting, gpus)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (None, [A, B]),
        ("0", [A]),
        ("1", [B]),
        ("1,0", [B, A]),
        (" 1 , 0 ", [B, A]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1,-1,0", [B]),  # CUDA ends the list at the first entry that is not a GPU
        ("7", []),
        ("0,7,1", [A]),
        (A.uuid, [A]),
        (f"{B.uuid},{A.uuid}", [B, A]),
        ("GPU-8932f", [A]),
        ("GPU-8932F937", [A]),
        ("GPU-dead", []),
        (f"1,{A.uuid}", [B, A]),
        ("²", []),
    ],
)
def test_the_visible_gpus_in_cudas_order(setting, expected):
    assert visible(setting) == expected


def test_the_beginning_of_two_uuids_names_neither():
    with pytest.raises(
        DeviceError, match=r"got GPU-8932, which begins 2 UUIDs.*8932f937.*8932aaaa"
    ):
        visible("GPU-8932")


def test_the_same_gpu_twice():
    with pytest.raises(DeviceError, match="twice; expected each GPU once"):
        visible(f"0,{A.uuid}")


def test_indices_of_different_gpus_need_the_same_order_in_cuda_and_the_driver():
    for setting in (None, "0"):
        with pytest.raises(DeviceError, match="CUDA_DEVICE_ORDER=PCI_BUS_ID"):
            visible(setting, (SMALL, BIG))
    with pytest.raises(DeviceError, match="PCI_BUS_ID"):
        visible("0", (SMALL, BIG), CUDA_DEVICE_ORDER="FASTEST_FIRST")
    assert visible("0", (SMALL, BIG), CUDA_DEVICE_ORDER="PCI_BUS_ID") == [SMALL]
    assert visible(BIG.uuid, (SMALL, BIG)) == [BIG]
    assert visible(None, (SMALL,)) == [SMALL]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("MIG-c7384736-a75d-5afc-978f-d2f1294409fd", "MIG slice"),
        (f"MIG-{B.uuid}/1/0", "MIG slice of NVIDIA A100-SXM4-40GB"),
    ],
)
def test_slices_are_known_as_such(entry, name):
    (device,) = visible(entry)
    assert device.is_mig
    assert device.name == name
    assert not A.is_mig


def test_devices_for_people():
    assert str(A) == f"{A.name} ({A.uuid})"
    assert str(Device("gpu", "GPU")) == "GPU"
    assert str(Device("cpu", "AMD EPYC", cpus=2)) == "AMD EPYC (2 logical CPUs)"
    assert str(Device("cpu", "AMD EPYC", cpus=1)) == "AMD EPYC (1 logical CPU)"


def test_the_jobs_gpu_is_the_first_visible_one():
    assert job_gpu([A, B], {"CUDA_VISIBLE_DEVICES": "1,0"}) == B
    assert job_gpu([A, B], {}) == A
    with pytest.raises(DeviceError, match=r"no GPU is visible.*CUDA_VISIBLE_DEVICES=-1"):
        job_gpu([A, B], {"CUDA_VISIBLE_DEVICES": "-1"})
    with pytest.raises(DeviceError, match=r"no GPU is visible to this job$"):
        job_gpu([], {})


@given(st.text(max_size=40))
def test_any_setting_is_accepted_or_refused(setting):
    try:
        found = visible(setting)
    except DeviceError:
        return
    assert len(found) == len(set(found))
