"""The command line of `python -m hwsearch.report`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch.command_line import kinds
from hwsearch.command_line.parser import OneLineParser
from hwsearch.errors import UserError, did_you_mean
from hwsearch.report.bridges.writing import TOOLS
from hwsearch.report.exports import FORMATS

PROG = "report.sh"
DESCRIPTION = """\
Reports a run: its best networks, their trade-offs, what was rejected or broke, and where the time
went. Only --delete changes the run; a run in progress is not disturbed."""
EPILOG = """\
DIR is the folder of an experiment, or a folder with a config.json in Spearmint's format. ADDRESS is
the address of a database: sqlite:PATH, HOST:PORT or mongodb://...; env:NAME takes the address from
an environment variable, which keeps a password out of the list of processes.
exit status: 0 done, 2 the request is not valid, 130 Ctrl-C"""
#: The tool that is a format of `--export`.
OPTUNA = "optuna"
#: Seconds between two looks at a run, for --watch.
PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        place: A folder or the address of a database.
        name: The run; None for the latest one.
        action: `report`, `list`, `status`, `watch`, `export`, `html`, `figures`, `bridge` or
            `delete`.
        pause_s: Between two looks of `watch`.
        form: The format of `export`, or the tool of `bridge`.
        target: Where `bridge` writes.
        file: Its file; None for standard output. Of `html`, None for the run's own page; of
            `figures`, the folder.
        yes: Whether `delete` does not ask.
        most: How many of the best networks are shown.
        database: Name of the database on a MongoDB server.
        config: Name of the config.json in a folder of Spearmint's own form.
    """

    place: str
    name: str | None = None
    action: str = "report"
    pause_s: float = PAUSE_S
    form: str = ""
    target: str = ""
    file: Path | None = None
    yes: bool = False
    most: int = 10
    database: str = "spearmint"
    config: str = "config.json"


def parser() -> OneLineParser:
    """The parser of the command line."""
    found = OneLineParser(
        prog=PROG,
        usage=f"{PROG} DIR|ADDRESS [NAME] [...]",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    found.add_argument("place", metavar="DIR|ADDRESS", help="where the run is stored")
    found.add_argument("name", metavar="NAME", nargs="?", help="the run (default: the latest)")
    _add_actions(found.add_argument_group("instead of the report").add_mutually_exclusive_group())
    found.add_argument("--yes", action="store_true", help="with --delete: do not ask")
    found.add_argument("--top", metavar="N", help="show the N best networks (default: 10)")
    found.add_argument(
        "--database_name",
        metavar="NAME",
        help="name of the database on a MongoDB server (default: spearmint)",
    )
    found.add_argument(
        "--config", metavar="FILE", help="configuration file in DIR (default: config.json)"
    )
    return found


def _add_actions(what: argparse._ActionsContainer) -> None:
    """Adds the flags that ask for something else than the report."""
    what.add_argument("--list", action="store_true", help="list all runs")
    what.add_argument(
        "--status",
        action="store_true",
        help="show whether the run is active, its progress, and its best network",
    )
    what.add_argument(
        "--watch",
        metavar="T",
        nargs="?",
        const=str(PAUSE_S),
        help="show the same and the best networks every T seconds (default: 5) until the run ends",
    )
    what.add_argument(
        "--export",
        metavar=("FORMAT", "FILE"),
        nargs="+",
        help=f"write all jobs as {', '.join(FORMATS)} to FILE or standard output, or as an optuna "
        "study to FILE for optuna-dashboard",
    )
    for tool, (kind, text) in TOOLS.items():
        if tool != OPTUNA:
            what.add_argument(f"--{tool}", metavar=kind, help=f"write all jobs to {text}")
    what.add_argument(
        "--html",
        metavar="FILE",
        nargs="?",
        const="",
        help="write the page of the run (default: its tmp/report.html)",
    )
    what.add_argument(
        "--figures",
        metavar="FOLDER",
        help="write each plot of the page as SVG and PNG; needs Chromium or Chrome",
    )
    what.add_argument(
        "--delete",
        metavar="RUN",
        help="delete this run from the database, and its files from DIR, including the best "
        "network",
    )


def read(argv: Sequence[str]) -> Request:
    """The request of a command line.

    Raises:
        UserError: It is not valid; one line per fault.
        SystemExit: After `--help`.
    """
    flags, faults = parser().read(argv)
    options = _action(flags, faults)
    if flags.yes and flags.delete is None:
        faults.append("--yes: given without --delete; expected both or neither")
    if flags.top is not None:
        options["most"] = _value(flags, "top", kinds.COUNT, faults)
    for flag, option in (("database_name", "database"), ("config", "config")):
        if getattr(flags, flag) is not None:
            options[option] = getattr(flags, flag)
    if not flags.place.strip():
        faults.append(f"DIR: got {flags.place!r}; expected a folder, or the address of a database")
    if faults:
        raise UserError("\n".join(faults))
    return Request(**({"name": flags.name} | options), place=flags.place, yes=flags.yes)


def _action(flags: Any, faults: list[str]) -> dict[str, Any]:
    """The action and what belongs to it."""
    if flags.watch is not None:
        return {"action": "watch", "pause_s": _value(flags, "watch", kinds.SECONDS, faults)}
    if flags.export is not None:
        return {"action": "export"} | _export(flags.export, faults)
    if flags.tensorboard is not None or flags.mlflow is not None:
        return _bridge(flags, faults)
    if flags.html is not None or flags.figures is not None:
        return _pictures(flags, faults)
    if flags.delete is None:
        return {"action": "list" if flags.list else "status" if flags.status else "report"}
    if flags.name is not None and flags.name != flags.delete:
        faults.append(f"--delete: got {flags.delete!r} and the run {flags.name!r}; name one")
    return {"action": "delete", "name": flags.delete}


def _value(flags: Any, name: str, kind: kinds.Kind, faults: list[str]) -> Any:
    text = getattr(flags, name)
    try:
        return kind.from_text(text)
    except ValueError as error:
        faults.append(f"--{name}: got {text!r}; expected {error}")
        return None


def _bridge(flags: Any, faults: list[str]) -> dict[str, Any]:
    """The tool and its place."""
    tool = "mlflow" if flags.tensorboard is None else "tensorboard"
    target = getattr(flags, tool)
    if not target.strip():
        faults.append(f"--{tool}: got {target!r}; expected {TOOLS[tool][1]}")
    return {"action": "bridge", "form": tool, "target": target}


def _export(words: Sequence[str], faults: list[str]) -> dict[str, Any]:
    """The format and the file; an existing file must look like an earlier export."""
    form, *files = words
    forms = (*FORMATS, OPTUNA)
    if form not in forms:
        faults.append(
            f"--export: got {form!r}; expected one of {', '.join(forms)}{did_you_mean(form, forms)}"
        )
        return {}
    if len(files) > 1:
        faults.append(f"--export: got {len(files)} files; expected one, and DIR before --export")
        return {}
    if form == OPTUNA:
        if not files or not files[0]:
            faults.append("--export: got optuna without a file; expected --export optuna FILE")
            return {}
        return {"action": "bridge", "form": form, "target": files[0]}
    if not files:
        return {"form": form}
    file, endings = Path(files[0]), FORMATS[form][1]
    if file.exists() and not (file.is_file() and file.suffix.lower() in endings):
        faults.append(
            f"--export: got {files[0]!r}, which is there already; expected a new file, or one that "
            f"ends in {' or '.join(endings)}"
        )
    return {"form": form, "file": file}


def _pictures(flags: Any, faults: list[str]) -> dict[str, Any]:
    """The page or the folder of figures; an existing file must look like a page."""
    if flags.figures is not None:
        return {"action": "figures", "file": Path(flags.figures)}
    file = Path(flags.html) if flags.html else None
    if file is not None and file.exists() and not (file.is_file() and file.suffix == ".html"):
        faults.append(
            f"--html: got {flags.html!r}, which is there already; expected a new file, or one that "
            "ends in .html"
        )
    return {"action": "html", "file": file}
