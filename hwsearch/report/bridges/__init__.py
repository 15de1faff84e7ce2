"""A run in the forms of other tools: Optuna, TensorBoard, MLflow, and lines of JSON.

Each writer takes the run's table (`hwsearch.report.run_table`) and its template, and needs no
database of ours. The libraries of the other tools are optional: they are imported when a writer is
called.
"""

from __future__ import annotations
