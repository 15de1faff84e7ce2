"""New Python processes of this package: they share no descriptor and no state with this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from spearmint import database
from spearmint.console.printing import one_line
from spearmint.database import DatabaseError, DatabaseUnavailableError

ROOT = Path(__file__).resolve().parents[2]


def command(module: str) -> list[str]:
    """The command line of a new process that runs the function `main` of a module."""
    return [sys.executable, "-P", "-c", f"from {module} import main; main()"]


def variables() -> dict[str, str]:
    """Its environment: that of this process, in which this package can be imported."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def call(address: str, name: str, method: str, *arguments: Any, **named: Any) -> Any:
    """Calls a method of a database in a new process.

    Args:
        address: The address of the database.
        name: Its name on it.
        method: The method; what it takes and returns must be JSON values.
        *arguments: Its arguments.
        **named: Its named arguments.

    Raises:
        DatabaseError: The database refuses the call.
        DatabaseUnavailableError: The database cannot be reached, or no process can be started.
    """
    order = {
        "address": address,
        "name": name,
        "method": method,
        "arguments": arguments,
        "named": named,
    }
    try:
        # Not in its arguments: the address may have a password.
        done = subprocess.run(
            command(__name__),
            input=json.dumps(order),
            capture_output=True,
            text=True,
            env=variables(),
            check=False,
        )
        answer = json.loads(done.stdout)
    except OSError as error:
        raise DatabaseUnavailableError(f"cannot start a process: {error.strerror}") from None
    except ValueError:  # it was killed, or had no memory
        last = one_line(done.stderr.strip().rpartition("\n")[2], 300)
        raise DatabaseUnavailableError(f"a process for the database ended: {last}") from None
    if "error" in answer:
        kind = DatabaseUnavailableError if answer["unavailable"] else DatabaseError
        raise kind(answer["error"])
    return answer["result"]


def main() -> None:
    """Reads on standard input what is to be called, and prints the result."""
    order = json.load(sys.stdin)
    answer: dict[str, Any]
    try:
        with database.connect(order["address"], order["name"], create=False) as store:
            result = getattr(store, order["method"])(*order["arguments"], **order["named"])
        answer = {"result": result}
    except DatabaseError as error:
        unavailable = isinstance(error, DatabaseUnavailableError)
        answer = {"error": str(error), "unavailable": unavailable}
    print(json.dumps(answer))
