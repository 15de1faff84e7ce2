"""Notes about a template that a search prints before it begins."""

from __future__ import annotations

from hwsearch import keras2
from hwsearch.template import Template


def notes(template: Template) -> list[str]:
    """One line for each, in the order of the template's lines."""
    found = sorted([*template.notes(), *_old_spellings(template)])
    return [f"note: {template.place}:{line}: {text}" for line, text in found]


def _old_spellings(template: Template) -> list[tuple[int, str]]:
    """Keras 2 spellings in the script and in the options of its hyper-parameters, by line."""
    found = [
        (template.template_line(line), text)
        for line, text in keras2.old_spellings(template.python())
    ]
    if not keras2.has_rates_of_keras_3(template.text):
        for entry, line in zip(template.hyperparameters, template.lines, strict=True):
            found += [(line, text) for text in keras2.old_options(entry.options)]
    return found
