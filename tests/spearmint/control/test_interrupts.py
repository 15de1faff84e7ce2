from __future__ import annotations

import select
import signal
from collections.abc import Iterator

import pytest

from spearmint.control.interrupts import SIGNALS, Interrupted, Interrupts


@pytest.fixture
def interrupts() -> Iterator[Interrupts]:
    with Interrupts() as found:
        yield found


@pytest.mark.parametrize("number", SIGNALS)
def test_first_signal_is_recorded_and_wakes_a_select(interrupts: Interrupts, number: int) -> None:
    (source,) = interrupts.sources()
    before = interrupts.received
    assert select.select([source], [], [], 0)[0] == []
    signal.raise_signal(number)
    assert (before, interrupts.received) == (None, number)
    assert select.select([source], [], [], 60)[0] == [source]
    assert interrupts.sources() == [source]
    assert select.select([source], [], [], 0)[0] == [], "it wakes once"


def test_first_signal_and_no_other_calls_what_is_to_be_done_at_once(interrupts: Interrupts) -> None:
    calls: list[int | None] = []
    interrupts.at_first = lambda: calls.append(interrupts.received)
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)
    assert calls == [signal.SIGINT]


def test_second_signal_raises(interrupts: Interrupts) -> None:
    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGINT)
    assert interrupts.received == signal.SIGTERM


def test_signal_raises_while_nothing_is_changed(interrupts: Interrupts) -> None:
    with pytest.raises(Interrupted), interrupts.raising():
        signal.raise_signal(signal.SIGINT)
    assert interrupts.received == signal.SIGINT
    with pytest.raises(Interrupted), interrupts.raising():
        pytest.fail("a signal has been received already")


def test_after_raising_a_first_signal_is_recorded_again(interrupts: Interrupts) -> None:
    with interrupts.raising():
        pass
    signal.raise_signal(signal.SIGINT)
    assert interrupts.received == signal.SIGINT


def test_handlers_are_restored_and_ignored_signals_stay_ignored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGHUP)
            assert interrupts.received is None
        assert interrupts.sources() == []
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)
    assert [signal.getsignal(number) for number in SIGNALS] == before
