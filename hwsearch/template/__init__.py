"""Templates: Python scripts with HYPERPARAM in place of values."""

from __future__ import annotations

from hwsearch.template.template import FORMAT, WORD, Slot, Template, TemplateError

__all__ = ["FORMAT", "WORD", "Slot", "Template", "TemplateError"]
