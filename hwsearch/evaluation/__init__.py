"""One evaluation: a job's hyper-parameters become a network, its costs and its error."""

from __future__ import annotations

from hwsearch.evaluation.errors import EvaluationError, MachineError, TemplateFaultError
from hwsearch.evaluation.evaluate import evaluate
from hwsearch.evaluation.job import Evaluation, job_seed

__all__ = [
    "Evaluation",
    "EvaluationError",
    "MachineError",
    "TemplateFaultError",
    "evaluate",
    "job_seed",
]
