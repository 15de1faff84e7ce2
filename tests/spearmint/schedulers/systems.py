"""The batch systems that tests start."""

from __future__ import annotations

from spearmint.schedulers.batch import pbs, sge, slurm

#: Name of a batch system -> what makes its schedulers.
INITS = {"SLURM": slurm.init, "PBS": pbs.init, "SGE": sge.init}
