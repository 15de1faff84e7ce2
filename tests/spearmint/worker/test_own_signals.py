from __future__ import annotations

import os
import signal

from spearmint.worker import own_signals
from tests.forking import fork


def test_children_have_default_handlers_but_keep_those_of_the_objective() -> None:
    former = [signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)]
    try:
        own_signals.handle(signal.SIGUSR1, lambda *_: None)
        own_signals.handle(signal.SIGUSR2, lambda *_: None)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        pid = fork()
        if pid == 0:
            ours = signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL
            theirs = signal.getsignal(signal.SIGUSR2) is signal.SIG_IGN
            os._exit(int(not (ours and theirs)))
        assert os.waitpid(pid, 0)[1] == 0
        assert signal.getsignal(signal.SIGUSR1) is not signal.SIG_DFL, "in this process"
    finally:
        own_signals._handlers.clear()
        for number, handler in zip((signal.SIGUSR1, signal.SIGUSR2), former, strict=True):
            signal.signal(number, handler)
