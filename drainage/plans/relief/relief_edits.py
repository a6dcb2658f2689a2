"""Relief works as a change set, so that they can be applied, compared and handed to who builds them."""

from __future__ import annotations

from dataclasses import replace

from drainage.change_sets import ChangeSet, changes_between
from drainage.network import DrainageNetwork
from drainage.plans.relief.built import with_works
from drainage.result import Result
from drainage.wants import wants
from drainage.words import in_both


@wants
def changes_of_relief(net: DrainageNetwork, relief: Result) -> ChangeSet:
    """Return the works of a plan as edits: what `with_works` makes of the network, feature by feature.

    Parameters
    ----------
    net
        The network that was planned for, or the one of all days of which it is a part.
    relief
        Answer of `plan_relief`, or one with some of its rows in ``works``.

    Examples
    --------
    >>> import drainage as dr
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> state = dr.screen(net, dr.DesignStorm(dr.read_storm_formula("demo"), return_period_a=3, duration_min=60))
    >>> plan = dr.plan_relief(state, dr.find_waterlogging(state))
    >>> edits = dr.plans.changes_of_relief(net, plan)
    >>> edits.counts()
    {'add': 0, 'change': 7, 'abandon': 0, 'remove': 0}
    """
    found = changes_between(net, with_works(net, relief.tables["works"]), name="relief")
    works = relief.tables["works"]
    unsized = [
        in_both("storage_as_volume", node=row.node_id, volume_m3=row.volume_m3)
        for row in works[works["kind"] == "storage"].itertuples()
    ]
    return replace(found, changes=[replace(one, row=None) for one in found.changes], not_expressed=unsized)
