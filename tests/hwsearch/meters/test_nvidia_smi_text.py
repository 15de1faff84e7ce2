"""With transcripts in the form of real drivers: 390, 470, 535, 550, 570."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.meters.nvidia_smi_text import (
    CsvRows,
    NotANumberError,
    PowerText,
    Row,
    wall_seconds,
    watts,
)

TRANSCRIPTS = Path(__file__).parent / "fake_nvidia_smi" / "transcripts"


def rows_of(name):
    reader = PowerText()
    rows = map(reader.feed, (TRANSCRIPTS / name).read_text().splitlines())
    return [row.watts for row in rows if row]


@pytest.mark.parametrize(
    ("text", "value"),
    [("57.16 W", 57.16), (" 57.16", 57.16), ("57,16 W", 57.16), ("5 W", 5.0), ("57160 mW", 57.16)],
)
def test_power_in_watts(text, value):
    assert watts(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        *("[N/A]", "N/A", "[Not Supported]", "ERR!", "[Unknown Error]", "[GPU requires reset]"),
        *("", "0.00 W", "-5 W", "57.16 C", "57.16 W 3", "[Insufficient Permissions]", "nan", "inf"),
    ],
)
def test_other_texts_are_never_a_number(text):
    with pytest.raises(NotANumberError) as caught:
        watts(text)
    assert str(caught.value) == (text.strip() or "nothing")


@given(st.text(max_size=30))
def test_any_text_is_a_positive_number_or_refused(text):
    with contextlib.suppress(NotANumberError):
        assert watts(text) > 0


def test_columns_are_found_by_the_header_in_any_order():
    rows = CsvRows("power.draw")
    assert rows.feed("temperature.gpu, power.draw [W], timestamp") is None
    row = rows.feed("41, 57.16 W, 2018/06/05 11:22:33.123")
    assert row == Row(57.16, time.mktime((2018, 6, 5, 11, 22, 33, 0, 0, -1)) + 0.123)


def test_the_instantaneous_field_is_not_the_plain_one():
    rows = CsvRows("power.draw.instant")
    rows.feed("timestamp, power.draw [W], power.draw.instant [W]")
    assert rows.feed("2023/09/20 09:15:02.500, 80.00 W, 95.50 W").watts == 95.5


def test_rows_without_units_and_without_a_timestamp():
    rows = CsvRows("power.draw")
    rows.feed("power.draw")
    assert rows.feed("57.16") == Row(57.16, None)


@pytest.mark.parametrize(
    "line",
    [
        'Field "power.draw.instant" is not a valid field to query.',
        "Unable to determine the device handle for GPU 0000:03:00.0: GPU is lost.",
        "2018/06/05 11:22:33.123",
        "2018/06/05 11:22:33.123, 57.16 W, 4",
        "2018/06/05 11:22:33.123, [Not Supported]",
    ],
)
def test_a_line_that_is_not_a_row_is_refused(line):
    rows = CsvRows("power.draw")
    rows.feed("timestamp, power.draw [W]")
    with pytest.raises(NotANumberError):
        rows.feed(line)


def test_a_row_before_any_header_is_refused():
    with pytest.raises(NotANumberError):
        CsvRows("power.draw").feed("2018/06/05 11:22:33.123, 57.16 W")


def test_text_of_driver_390_gives_the_present_power_and_not_the_rolling_mean():
    assert rows_of("390_power.txt") == [57.16]


def test_text_of_driver_535_gives_the_power_of_the_gpu_and_not_of_the_module():
    assert rows_of("535_power.txt") == [81.34]


def test_text_of_driver_570_gives_the_instantaneous_power_of_the_gpu_alone():
    assert rows_of("570_power.txt") == [121.07]


def test_each_log_of_a_stream_gives_one_value():
    reader = PowerText()
    log = (TRANSCRIPTS / "570_power.txt").read_text().splitlines()
    values = [row.watts for row in map(reader.feed, log * 3) if row]
    assert values == [121.07] * 3


LOG = """\
==============NVSMI LOG==============
GPU 00000000:07:00.0
    GPU Power Readings
        Average Power Draw                : 118.00 W
{gpu}
    Module Power Readings
        Average Power Draw                : 640.00 W
        Instantaneous Power Draw          : 650.00 W
"""


@pytest.mark.parametrize(
    ("gpu", "values"),
    [
        ("        Current Power Limit : 700.00 W", []),  # no draw but the module's
        ("        Power Draw : 121.00 W\n        Instantaneous Power Draw : 122.00 W", [121]),
    ],
)
def test_the_power_of_the_module_is_never_that_of_the_gpu(gpu, values):
    reader = PowerText()
    rows = map(reader.feed, LOG.format(gpu=gpu).splitlines())
    assert [row.watts for row in rows if row] == values


def test_text_without_a_reading_is_refused_with_its_word():
    with pytest.raises(NotANumberError, match="N/A"):
        rows_of("390_not_supported.txt")


def test_a_text_that_is_not_a_timestamp():
    assert wall_seconds("yesterday") is None
    assert wall_seconds("2018/13/05 11:22:33.123") is None
