"""Templates: Keras scripts in which HYPERPARAM{...} marks the place of a value.

`Template.from_file` reads one, checks all of it, and reports every fault with its line
(`TemplateError`). `Template.variables` gives the search space for config.json, and
`Template.render` writes the script for one set of values. Inside the package, `slots` finds the
places, `json_object`, `python_literal` and `declaration` read and check the object of each,
`conditions` checks all of them together, `hyperparameter`, `options` and `transforms` turn the
optimiser's value into the script's, and `syntax` checks that the result is Python.
"""

from __future__ import annotations

from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.template import Template, TemplateError

__all__ = ["Hyperparameter", "Template", "TemplateError"]
