"""Edits of a network as a value: what is added, changed, abandoned or taken back, feature by feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import pyproj
from shapely.geometry.base import BaseGeometry

from drainage.said import Said, joined
from drainage.schema.layers import LAYERS
from drainage.words import coded, in_both

Action = Literal["add", "change", "abandon", "remove"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
#: What a feature is called in a log → the layer of those that it stands for; layers without ids cannot be edited.
LAYER_OF: Final[dict[str, str]] = {
    model.feature: name
    for name, model in reversed(list(LAYERS.items()))
    if model.id and not name.startswith("inactive")
}
#: Layer that can be edited → what its features are called in a log.
FEATURE_OF: Final[dict[str, str]] = {name: feature for feature, name in LAYER_OF.items()}
#: Column that names the change set by which a row came; absent where none did.
ADDED_BY: Final = "added_by"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Change:
    """What is to become of one feature.

    Parameters
    ----------
    action
        ``add``, ``change``, ``abandon`` (a day is set, the record stays) or ``remove``, which takes an ``add`` back.
    layer
        Name of the layer: ``pipes``, ``nodes``, ``catchments``, ``blocks``, ``reports``.
    id
        Of the feature.
    columns
        New values by column; a column that is not in it stays as it is, None makes a value unknown.
    geometry
        New place, in the CRS of the change set; None: as it is. ``columns["geometry"] = None`` makes it unknown.
    row
        Row that an added feature takes in its table; None: the end.
    number
        Of the feature in its file, from 1; 0 where it comes from none.
    stands
        What its place in a file is called where that is no number of a feature: a row of a sheet; None: the number.

    Examples
    --------
    >>> import drainage as dr
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> print(wider.place("wider.geojson"))
    wider.geojson, pipe YSL2986
    """

    action: Action
    layer: str
    id: str
    columns: Mapping[str, object] = field(default_factory=dict)
    geometry: BaseGeometry | None = None
    row: int | None = None
    number: int = 0
    stands: Said | None = None

    def place(self, name: str) -> Said:
        """Return where it stands, for messages."""
        if self.stands is not None:
            return in_both("change_of", set=name, feature=self.stands)
        feature = joined([coded("feature_kind", FEATURE_OF.get(self.layer, self.layer)), self.id], " ")
        if not self.number:
            return in_both("change_of", set=name, feature=feature)
        return in_both("change_at", file=name, number=self.number, feature=feature)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NewColumn:
    """A column that a table may lack: ``fill`` is its value where no feature says another, None: unknown.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> lined = net.replace(pipes=net.pipes.assign(lining="cement"))
    >>> dr.change_sets.changes_between(net, lined, name="lined").new_columns["pipes"]
    {'lining': NewColumn(fill='cement', type='str')}
    """

    fill: object = None
    type: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ChangeSet:
    """Edits of a network that belong together: all are made or none.

    Parameters
    ----------
    name
        By which messages and the column ``added_by`` name it: that of the file.
    changes
        One for each feature.
    crs
        CRS of the geometry; None: that of a schematic plan.
    new_columns, gone_columns
        By layer: columns to add where the table lacks them, and columns to take out again, as an inverse does.
    types
        By layer and column: the type to which a column goes back, as an inverse says.
    not_expressed
        What is to be done and cannot be said as an edit, in words.

    Examples
    --------
    >>> import drainage as dr
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> dr.change_sets.ChangeSet(name="wider", changes=[wider]).counts()
    {'add': 0, 'change': 1, 'abandon': 0, 'remove': 0}
    """

    name: str
    changes: Sequence[Change] = ()
    crs: pyproj.CRS | None = None
    new_columns: Mapping[str, Mapping[str, NewColumn]] = field(default_factory=dict)
    gone_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    not_expressed: Sequence[Said | str] = ()

    def counts(self) -> dict[str, int]:
        """Return the number of features by action."""
        return {action: sum(one.action == action for one in self.changes) for action in ACTIONS}

    def __repr__(self) -> str:
        """Return one line with counts."""
        counted = ", ".join(f"{n:,} {action}" for action, n in self.counts().items() if n)
        return f"<ChangeSet {self.name}: {counted or 'nothing'}>"
