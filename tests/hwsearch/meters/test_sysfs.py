from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hwsearch.meters import sysfs
from hwsearch.meters.protocol import MeterReadError


@pytest.mark.parametrize(("content", "value"), [("42\n", 42), ("-3", -3), (" 7 ", 7)])
def test_whole_numbers(tmp_path, content, value):
    (tmp_path / "n").write_text(content)
    assert sysfs.number("m", tmp_path / "n") == value


@pytest.mark.parametrize("content", ["", "1.5", "N/A", "\xb2"])
def test_anything_else_is_an_error_that_names_the_file(tmp_path, content):
    (tmp_path / "n").write_text(content)
    with pytest.raises(MeterReadError) as caught:
        sysfs.number("m", tmp_path / "n")
    assert str(caught.value).startswith(f"meter m: {tmp_path / 'n'}: got ")


def test_an_error_of_the_sensor_is_an_error_but_a_missing_permission_is_left_to_the_meter(
    tmp_path, monkeypatch
):
    with pytest.raises(MeterReadError, match="No such file"):
        sysfs.number("m", tmp_path / "none")

    def refuse(path, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(PermissionError):
        sysfs.number("m", tmp_path / "n")


def test_texts_that_cannot_be_read_are_empty(tmp_path):
    (tmp_path / "t").write_text("coretemp\n")
    assert sysfs.text(tmp_path / "t") == "coretemp"
    assert sysfs.text(tmp_path / "none") == ""
