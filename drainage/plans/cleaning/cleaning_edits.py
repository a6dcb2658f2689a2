"""A cleaning list as a change set: the silt of each pipe in a run is gone."""

from __future__ import annotations

from drainage.change_sets import Change, ChangeSet
from drainage.network import DrainageNetwork
from drainage.result import Result
from drainage.wants import wants


@wants
def changes_of_cleaning(net: DrainageNetwork, cleaning: Result) -> ChangeSet:
    """Return a cleaning list as edits: ``silt_share`` of the pipes in its runs becomes 0.

    Parameters
    ----------
    net
        The network that was planned for, or the one of all days of which it is a part.
    cleaning
        Answer of `plan_cleaning`, or one with some of its rows in ``runs``.
    """
    pipes, runs = cleaning.tables["pipes"], cleaning.tables["runs"]
    cleaned = pipes.index[pipes["run_id"].isin(runs.index)]
    changes = [Change(action="change", layer="pipes", id=str(name), columns={"silt_share": 0.0}) for name in cleaned]
    return ChangeSet(name="cleaning", changes=changes, crs=net.crs)
