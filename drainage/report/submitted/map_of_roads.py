"""The map of a comparison for somebody who is shown some roads only: nothing else is in the page, not even by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from drainage.change_sets.where_roads_lie import pipes_and_ends
from drainage.maps.layer import Layer
from drainage.maps.page_of import Page, page_of
from drainage.network import DrainageNetwork
from drainage.report.comparison import Comparison
from drainage.report.on_roads import rows_on_roads
from drainage.report.page import report_layers
from drainage.said import Said
from drainage.schema.ids import fold_name
from drainage.words import in_both

_WORD: Final = re.compile(r"[\w.~-]+")


@dataclass(frozen=True)
class _Others:
    """What belongs to others: ids of pipes and nodes, and names of roads; and the names of one's own roads."""

    ids: frozenset[str]
    roads: tuple[str, ...]
    own: tuple[str, ...]

    def are_named_in(self, cell: object) -> bool:
        """Return whether a cell names anything of others."""
        if isinstance(cell, (list, tuple)):
            return any(map(self.are_named_in, cell))
        if not isinstance(cell, str):
            return False
        text = f"{cell} {cell.chinese}" if isinstance(cell, Said) else cell
        if any(word in self.ids for word in _WORD.findall(text)):
            return True
        for name in self.own:
            text = text.replace(name, "")
        return any(name in text for name in self.roads)


def draw_roads(comparison: Comparison, roads: Sequence[str]) -> Page:
    """Return the map of a comparison with what lies on some roads: before, after, and what changed.

    A cell that names a pipe, node or road of others is left blank; figures of the whole town are left out.
    """
    nets = [report.network for report in comparison.reports.values()]
    others = _others(nets, roads)
    periods = {
        label: _on_roads(report_layers(report.network, report.results), roads, report.network, others)
        for label, report in comparison.reports.items()
    }
    summaries: dict[str, dict[str, object]] = {label: {} for label in periods}
    if comparison.outcome is not None:
        changed = in_both("what_changed")
        periods[changed] = _on_roads(comparison.outcome.layers, roads, nets[-1], others)
        summaries[changed] = {"comparison": {}}
    return page_of((), title="compared", provenance=comparison.provenance, periods=periods, summaries=summaries)


def _others(nets: Sequence[DrainageNetwork], roads: Sequence[str]) -> _Others:
    wanted = {fold_name(one) for one in roads}
    own, ids, names = set[str](), set[str](), set[str]()
    for net in nets:
        pipes = net.pipes
        theirs, ends = pipes_and_ends(net, roads)
        own |= {*theirs.index, *ends}
        ids |= {*pipes.index, *net.nodes.index}
        told = [pipes["road"], net.nodes["road"], *(layer["road"] for layer in net.layers.values() if "road" in layer)]
        names |= {str(name) for column in told for name in column.dropna().unique()}
    mine = {name for name in names if fold_name(name) in wanted}
    return _Others(frozenset(ids - own), tuple(sorted(names - mine)), tuple(sorted(mine, key=len, reverse=True)))


def _on_roads(layers: Sequence[Layer], roads: Sequence[str], net: DrainageNetwork, others: _Others) -> list[Layer]:
    """Return the layers that have anything on some roads, with what their popups tell of it."""
    found = []
    for layer in layers:
        frame = layer.frame[rows_on_roads(layer.frame, roads, net)]
        if not len(frame):
            continue
        told = dict.fromkeys([*([layer.category] if layer.category else []), *layer.popup])
        kept = [name for name in frame.columns if name in told or name == frame.geometry.name]
        frame = frame[kept]
        texts = [name for name in kept if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name])]
        blank = {
            name: frame[name].astype(object).mask(frame[name].map(others.are_named_in).astype(bool), None)
            for name in texts
        }
        found.append(replace(layer, frame=frame.assign(**blank)))
    return found
