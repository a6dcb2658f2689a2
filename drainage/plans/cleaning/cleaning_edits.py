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

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31")
    >>> storm = dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=120)
    >>> edits = dr.plans.changes_of_cleaning(net, dr.plan_cleaning(dr.screen(net, storm)))
    >>> edits.changes[0].id, dict(edits.changes[0].columns)
    ('YSL2921', {'silt_share': 0.0})
    """
    pipes, runs = cleaning.tables["pipes"], cleaning.tables["runs"]
    cleaned = pipes.index[pipes["run_id"].isin(runs.index)]
    changes = [Change(action="change", layer="pipes", id=str(name), columns={"silt_share": 0.0}) for name in cleaned]
    return ChangeSet(name="cleaning", changes=changes, crs=net.crs)
