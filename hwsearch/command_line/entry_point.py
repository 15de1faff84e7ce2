"""How a command ends: its exit status, and one line per fault instead of a traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.printing import lines, one_line


def exit_status(command: Callable[[], int]) -> int:
    """Runs a command.

    Args:
        command: Returns its own exit status.

    Returns:
        The command's status; 2 after an error that a user can correct, 130 after Ctrl-C, 141 if
        nobody reads the output any more.
    """
    # While modules were imported, Ctrl-C may have been set to end the process at once.
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return command()
    except UserError as error:
        print(lines(error), file=sys.stderr)
    except BrokenPipeError:
        # What is left in the buffer would raise the error again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except OSError as error:
        place = one_line(error.filename or Path(sys.argv[0]).name)
        reason = error.strerror or one_line(error)  # a library may give none
        print(f"{place}: {reason}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 2
