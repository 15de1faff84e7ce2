"""The modules beside a template that it imports: they are part of the run, as the template is."""

from __future__ import annotations

from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.network.program import imports
from hwsearch.printing import one_line
from hwsearch.template import Template
from hwsearch.template.python_source import Source
from hwsearch.template.slots import WORD


def check(template: Template) -> None:
    """Checks that all modules which the template imports are there, and have no hyper-parameters.

    Raises:
        UserError: Some are missing, or have a HYPERPARAM; all are named.
    """
    folder = Path(template.path).parent
    script = template.python()
    faults = [
        f"{one_line(folder / file) if file else template.place}:"
        f"{line if file else template.template_line(line)}: {text}"
        for file, line, text in imports.missing(script, folder)
    ]
    for path in imports.own_modules(script, folder):
        source = Source(imports.read(path))
        found = source.find(WORD)
        if found >= 0:
            faults.append(
                f"{one_line(path)}:{source.line(found)}: got {WORD} in a module; expected it only "
                f"in {Path(template.path).name}: give the value to the module as an argument"
            )
    if faults:
        raise UserError("\n".join(faults))


def texts(template: Template) -> dict[str, str]:
    """The texts of the modules, by their paths below the template's folder."""
    return imports.own_texts(template.python(), Path(template.path).parent)


def forkable(template: Template) -> list[str]:
    """The modules that a process may import before it is forked for scripts of the template."""
    return imports.forkable(template.python(), Path(template.path).parent)


def changes(files: Experiment, template: Template) -> list[str]:
    """A note for each module that has changed since a run began.

    Args:
        files: The folder with the files of the run.
        template: As it is now.
    """
    before = files.load_modules()
    if before is None:  # a run of an older version
        return []
    folder = Path(template.path).parent
    return [
        f"note: {one_line(folder / name)} {what} since the run began; earlier results are kept"
        for name, what in imports.differences(before, texts(template))
    ]
