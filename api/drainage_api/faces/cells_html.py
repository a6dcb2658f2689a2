"""Cells for people: words for codes, numbers with as many digits as matter, links where a node or pipe is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from fastapi import Request

from drainage import words
from drainage.report import Features
from drainage.said import Language
from drainage_api.asked.holding import Holding
from drainage_api.faces.pages_html import at, text
from drainage_api.served.answers import address_of, language_of

#: Columns that name nodes, and those that name pipes, whichever collection they stand in.
_NODES: Final = frozenset({
    "node_id", "from_node", "to_node", "nodes", "worst_node", "nearest_misconnection", "receiving_node", "outfalls",
    "freed_nodes", "carries_storm_from", "carries_sewage_from",
})  # fmt: skip
_PIPES: Final = frozenset({"pipe_id", "pipes", "pipes_in", "pipes_out", "dry_pipe", "wet_pipe"})
#: Columns that hold a code or the id of a node → the column whose words their codes have.
_CODED: Final = {"carries_storm_from": "invert_from_source", "carries_sewage_from": "invert_from_source"}
#: More ids in a cell than this are not linked one by one (own choice).
_MOST: Final = 50


@dataclass(frozen=True)
class Cells:
    """Makes the cells of a collection for a reader."""

    request: Request
    holding: Holding

    @property
    def lang(self) -> Language:
        """The language of the reader."""
        return language_of(self.request)

    def cell(self, column: str, value: object, kind: object = None) -> dict[str, Any]:
        """Return a cell: its parts, each with an address or none, and whether it is a number.

        Parameters
        ----------
        kind
            What a ``feature_id`` is the id of.
        """
        between = "、" if self.lang == "zh" else ", "
        if value is None:
            return {"parts": [], "between": between, "number": False}
        if isinstance(value, int | float) and not isinstance(value, bool):
            told = f"{value:,.7g}" if isinstance(value, float) else str(value)
            return {"parts": [{"text": told, "href": ""}], "between": between, "number": True}
        name = self._named(column, kind)
        parts: Sequence[object] = value if isinstance(value, list) else [value]
        if name and isinstance(value, str) and self._known[name].row_of(value) is None:
            parts = value.split(", ")
        return {
            "parts": [self._part(column, one, name, len(parts)) for one in parts],
            "between": between,
            "number": False,
        }

    def ways(self, properties: Mapping[str, object]) -> list[dict[str, str]]:
        """Return links along the pipes from the node that a feature is or names, or from the ends of a pipe."""
        if "nodes" not in self._known or "pipes" not in self._known:
            return []
        if properties.get("node_id"):
            ends = [("node_id", "upstream", "trace_up"), ("node_id", "downstream", "trace_down")]
        else:
            ends = [("from_node", "upstream", "trace_up_from"), ("to_node", "downstream", "trace_down_from")]
        version = self.holding.version or None
        return [
            {
                "text": text(key, self.lang),
                "href": address_of(self.request, "trace", str(node), direction=direction, version=version),
            }
            for column, direction, key in ends
            if (node := properties.get(column)) and self._known["nodes"].row_of(str(node)) is not None
        ]

    def _part(self, column: str, value: object, name: str, count: int) -> dict[str, str]:
        told = str(words.shown(_CODED.get(column, column), value, self.lang))
        linked = name and count <= _MOST and self._known[name].row_of(str(value)) is not None
        href = ""
        if linked and (name, column) != (self.holding.name, self.holding.features.id_name):
            of = self.holding.version or None
            href = at(self.request, "collections", name, "items", str(value), version=of)
        return {"text": told, "href": href}

    def _named(self, column: str, kind: object) -> str:
        """Return the collection whose features a column names, where the reader may see it."""
        if column == "feature_id":
            name = f"{kind}s"
        else:
            name = "nodes" if column in _NODES else "pipes" if column in _PIPES else ""
        return name if name in self._known else ""

    @cached_property
    def _known(self) -> dict[str, Features]:
        here, who, version = self.holding.here, self.holding.who, self.holding.version
        names = here.names(who, version)
        return {name: here.features(name, who, version) for name in ("nodes", "pipes") if name in names}
