"""Along the pipes of what is served, for who asks: the walk to or from a node, and the section between two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import drainage as dr
from drainage import words
from drainage_api.served.served import Served, Who

Direction = Literal["upstream", "downstream"]
Language = Literal["zh", "en"]
#: Columns that a section shows; who may not see one of them gets none.
_OF_PIPES = ("invert_from_m", "invert_to_m", "diameter_mm", "system", "length_m")
_OF_NODES = ("ground_m",)


class NotTheirs(Exception):  # noqa: N818 - an answer, not a fault
    """Levels are not for who asks."""


class UnknownNode(Exception):  # noqa: N818 - likewise
    """A node that is not there, or is none of theirs; by its name."""


def walk(here: Served, who: Who, node_id: str, direction: Direction, version: str) -> NDArray[np.integer[Any]] | None:
    """Return the rows, in the pipes that are theirs, of those that drain to a node, or through which it drains.

    None: there is no such node, or it lies on none of their roads.
    """
    net, features = here.report(version).network, here.features("pipes", who, version)
    nodes = net.nodes.index
    if node_id not in nodes or not (who.whole or _ends_there(features, node_id)):
        return None
    start = np.array([nodes.get_loc(node_id)], dtype=np.int32)
    reached = (net.graph.upstream if direction == "upstream" else net.graph.downstream)(start).edges
    rows = features.frame.index.get_indexer(net.pipes.index[reached])
    return np.sort(rows[rows >= 0])


def known_nodes(here: Served, who: Who, version: str) -> list[str]:
    """Return a few ids of nodes, to show what they look like."""
    if who.whole:
        return [str(name) for name in here.report(version).network.nodes.index[:5]]
    return [str(name) for name in here.features("pipes", who, version).frame["from_node"].head(5)]


def section(here: Served, who: Who, stops: Sequence[str], version: str) -> dr.papers.LongSection:
    """Return the long section along the shortest way through nodes, with the levels of the storm of the report.

    Raises
    ------
    NotTheirs
        They may not see levels.
    UnknownNode
        A node is not there, or lies on none of their roads.
    TopologyError
        No way leads from one to the next, or none within their roads.
    """
    for name, columns in (("pipes", _OF_PIPES), ("nodes", _OF_NODES)):
        if len(who.columns(name, columns)) < len(columns):
            raise NotTheirs
    net, answers = _network(here, who, version), _answers(here, version)
    nodes = net.nodes.index
    if unknown := [stop for stop in stops if stop not in nodes]:
        raise UnknownNode(unknown[0])
    state = None if answers is None else answers.state
    points = None if answers is None or not who.sees("waterlogging") else answers.results.get("waterlogging")
    return dr.papers.trace_section(
        net, stops[0], stops[-1], via=stops[1:-1], state=() if state is None else state,
        waterlogging=None if state is None else points,
    )  # fmt: skip


def section_document(found: dr.papers.LongSection, lang: Language) -> dict[str, Any]:
    """Return a section as JSON tells it."""
    return dr.papers.section_facts(found, lang=lang)


def drawn(found: dr.papers.LongSection, lang: Language) -> list[str]:
    """Draw a section as sheets of SVG.

    Raises
    ------
    NotKnownError
        No level is known along the way.
    FormatError
        The extra ``papers`` is not installed.
    """
    return dr.papers.draw_section(found, lang=lang).svgs()


def storm_document(here: Served, version: str, step_min: float, lang: Language) -> dict[str, Any]:
    """Return the rain in which the answers hold; where nothing was simulated, why."""
    answers = _answers(here, version) or here.report(version)
    state, engine = answers.state, answers.provenance.engine
    if state is not None:
        told = dr.analyses.storm_facts(state.storm, step_min=step_min, lang=lang)
        return {"answered": True, "engine": engine, **told, "not_answered": None}
    facts = answers.provenance.storm
    why = answers.why_not("waterlogging")
    nothing = dict.fromkeys(("remarks", "formula", "hyetograph", "intensities"))
    if facts is not None:
        kept = words.in_both("storm_without_answers").both
        return {"answered": True, "engine": engine, "storm": dict(facts), **nothing, "not_answered": kept}
    unasked = words.in_both("storm_not_simulated").both
    return {"answered": False, "engine": None, "storm": None, **nothing, "not_answered": why or unasked}


def _ends_there(features: dr.report.Features, node_id: str) -> bool:
    frame = features.frame
    return bool(((frame["from_node"] == node_id) | (frame["to_node"] == node_id)).any())


def _network(here: Served, who: Who, version: str) -> dr.DrainageNetwork:
    """Return the network, of a contractor that of the pipes of his roads."""
    net = here.report(version).network
    if who.whole:
        return net
    pipes = net.pipes.loc[here.features("pipes", who, version).frame.index]
    nodes = net.nodes
    return net.replace(pipes=pipes, nodes=nodes[nodes.index.isin([*pipes["from_node"], *pipes["to_node"]])])


def _answers(here: Served, version: str) -> dr.report.Report | None:
    """Return the report with its state; None where no rain was simulated, or it was written without."""
    report = here.report(version)
    if report.state is None and report.provenance.storm is None:
        return None
    try:
        return here.whole(version)
    except dr.errors.FormatError:
        return None
