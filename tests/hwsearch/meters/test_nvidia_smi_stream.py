"""The stream over small programs; over nvidia-smi itself it is tested with the meter."""

from __future__ import annotations

import sys

import pytest

from hwsearch.meters.clock import REAL_CLOCK
from hwsearch.meters.nvidia_smi_stream import Stream, environment, moment
from hwsearch.meters.nvidia_smi_text import Row, watts
from hwsearch.meters.protocol import MeterReadError

WAIT_S = 60.0


def stream(program):
    return Stream([sys.executable, "-c", program], lambda line: Row(watts(line), None), REAL_CLOCK)


def read_all(rows):
    while True:
        rows.next(WAIT_S)


@pytest.mark.parametrize(
    ("lag", "time_s"),
    [(0.0, 50.0), (0.7, 49.3), (10.0, 40.0), (-0.1, 50.0), (11.0, 50.0), (3600.0, 50.0)],
)
def test_a_timestamp_counts_only_if_it_is_shortly_before_the_arrival(lag, time_s):
    """Otherwise the date was changed, or winter time began."""
    assert moment(Row(100.0, 1000.0 - lag), 50.0, 1000.0) == pytest.approx(time_s)
    assert moment(Row(100.0, None), 50.0, 1000.0) == 50.0


def test_rows_without_a_number_are_counted_and_three_in_succession_are_an_error():
    rows = stream(
        "print('ERR!', 60, 'ERR!', 'N/A', 'ERR!', sep='\\n', flush=True);"
        "import time; time.sleep(60)"
    )
    try:
        with pytest.raises(MeterReadError, match=r"nvidia-smi reports no power \('ERR!'\)"):
            read_all(rows)
        assert rows.skipped == 4
    finally:
        rows.close()


def test_a_program_that_ends_is_an_error_with_its_last_line():
    rows = stream("print('60 W'); print('GPU is lost'); raise SystemExit(15)")
    try:
        with pytest.raises(MeterReadError, match=r"status 15; last line: 'GPU is lost'"):
            read_all(rows)
    finally:
        rows.close()


def test_numbers_are_printed_with_a_decimal_point(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert environment()["LC_ALL"] == "C"
