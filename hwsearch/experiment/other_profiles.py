"""Profiles of another experiment's networks, as a prior for the hardware models of this one."""

from __future__ import annotations

from hwsearch.errors import UserError
from hwsearch.experiment.folder import Experiment
from hwsearch.predicting.records import NetworkRecord, Platform
from hwsearch.predicting.store import Store
from hwsearch.printing import one_line

FLAG = "--learn_costs_from"


def other_profiles(
    source: str, experiment: Experiment, here: Platform | None
) -> list[NetworkRecord]:
    """The profiles in another experiment.

    Args:
        source: Its folder.
        experiment: The one whose models are to use them.
        here: Where the networks of this one run; None = unknown: all profiles.

    Raises:
        UserError: There are none, none of this platform (costs elsewhere say nothing about it), or
            it is the same experiment.
    """
    other = Experiment(source)
    if other.folder.resolve() == experiment.folder.resolve():
        raise UserError(
            f"{FLAG}: got {one_line(source)}, whose own profiles are used in any case; expected "
            "another experiment"
        )
    records = Store(other.hardware).records()
    if not records:
        raise UserError(
            f"{FLAG}: got {one_line(source)}, in which no network was measured; expected the "
            "folder of an experiment in which --profile N, or a search, has measured networks"
        )
    found = [one for one in records if here is None or one.platform.is_like(here)]
    if not found:
        elsewhere = ", ".join(sorted({one_line(str(one.platform)) for one in records}))
        raise UserError(
            f"{FLAG}: got {one_line(source)}, whose networks were measured on {elsewhere}; "
            f"expected networks measured on {one_line(str(here))}: costs differ between devices"
        )
    return found
