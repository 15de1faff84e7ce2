"""Templates: Python scripts with HYPERPARAM in place of values."""

from hwsearch.template.template import FORMAT, WORD, Slot, Template, TemplateError

__all__ = ["FORMAT", "WORD", "Slot", "Template", "TemplateError"]
