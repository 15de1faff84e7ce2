"""A run as one HTML page that needs no network: plots, filters, a table of all jobs.

Python makes the numbers and the texts (`document`, `models`, `captions`), the files in `assets`
show them. Plotly draws; `assets/README.md` says which file of it this is and what it costs.
"""

from __future__ import annotations
