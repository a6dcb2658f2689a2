"""Works as a table that can be tendered: what, where, how long, how large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Floats, Ints
from drainage.hydraulics.manning import circular_section
from drainage.network import DrainageNetwork
from drainage.plans.relief.links import LINK_ROUGHNESS
from drainage.plans.relief.remedies import Remedies, Works
from drainage.words import in_both

#: Kinds of work, each of which is told by the sentence ``work_…``.
KINDS: Final = ("clean", "relay", "enlarge", "parallel", "link", "free_outfall", "storage")
_NUMBERS: Final = (
    "length_m", "new_pipe_m", "diameter_mm", "new_diameter_mm", "new_barrels", "new_invert_from_m", "new_invert_to_m",
    "volume_m3", "pump_m3s", "new_water_level_m",
)  # fmt: skip
_COLUMNS: Final = [
    "point",
    "order",
    "kind",
    "pipe_id",
    "node_id",
    "to_node",
    "held_at",
    "held_at_m3",
    "road",
    *_NUMBERS,
    "geometry",
]
#: Between the nodes at which a point holds water back, in the column ``held_at``, and their shares in ``held_at_m3``.
BETWEEN: Final = ", "


class Decided(NamedTuple):
    """What is decided in one connected part of the network.

    ``first_for`` and ``freed_for`` give the point for which each pipe, (n_edges,), and outfall, (n_nodes,), is worked
    at; ``volume_m3``, (n_nodes,), what overflows then; the rest is by number of point: how it is solved, whether
    nothing can be left out, and what is to be held back at which rows of the network's nodes, the most first.
    """

    remedies: Remedies
    works: Works
    first_for: Ints
    freed_for: Ints
    solved: dict[int, str]
    smallest: dict[int, bool]
    held: dict[int, tuple[Ints, Floats]]
    volume_m3: Floats


def works_table(
    net: DrainageNetwork,
    road: NDArray[np.object_],
    decided: Sequence[Decided],
    points: gpd.GeoDataFrame,
    links: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """List the works of all parts by the rank of their point; pipes first, then outfalls, then storage."""
    parts = [table for one in decided for table in (_at_pipes(net, one), _at_outfalls(net, road, one))]
    parts += [_new_links(links), _storage(net, road, decided)]
    rows = pd.concat([table for table in parts if len(table)] or parts[-1:], ignore_index=True)
    rows = rows.reindex(columns=_COLUMNS).astype(dict.fromkeys(_NUMBERS, np.float64))
    rows = rows.sort_values(["point", "order"], kind="stable").reset_index(drop=True)
    number = rows.pop("point").to_numpy(dtype=np.intp)
    rows.insert(0, "point_id", points.index.to_numpy(dtype=object)[number])
    for name in ("rank", "doubt"):
        rows[name] = points[name].to_numpy(dtype=object)[number] if name in points else None
    rows["rank"] = rows["rank"].astype(np.int64)
    rows = rows.drop(columns="order")
    rows.index = pd.Index([f"W{k + 1}" for k in range(len(rows))], name="work_id", dtype="str")
    add_texts(rows)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=net.crs)


def add_texts(works: pd.DataFrame) -> None:
    """Say in words what is done, by the numbers of the table (in place)."""
    rows = cast("list[dict[str, object]]", works.to_dict("records"))
    ends = ["_anew" if anew else "" for anew in _anew(works)]
    said = [in_both(f"work_{row['kind']}{end}", **row) for row, end in zip(rows, ends, strict=True)]
    works["text"], works["text_zh"] = list(map(str, said)), [text.chinese for text in said]


def _anew(works: pd.DataFrame) -> pd.Series:
    """Return where the old pipe makes way for several that are of another size or lie at another level."""
    resized = works["new_diameter_mm"].notna() & (works["new_diameter_mm"] != works["diameter_mm"])
    return (works["kind"] == "parallel") & (resized | works["new_invert_from_m"].notna())


def _at_pipes(net: DrainageNetwork, one: Decided) -> pd.DataFrame:
    remedies, works = one.remedies, one.works
    edge = np.flatnonzero(works.clean | works.relay | (works.steps > 0))
    laid, old = remedies.laid(works), remedies.model.pipes
    grown, wider = works.steps[edge] > 0, laid.barrels[edge] > remedies.barrels[edge]
    kind = np.select([wider, grown, works.relay[edge]], ["parallel", "enlarge", "relay"], "clean").astype(object)
    row = remedies.model.pipe_row[edge]
    pipes = net.pipes.iloc[row]
    area = remedies.apply(works).pipes.area_m2[edge]
    length = old.length_m[edge]
    again = works.relay[edge] | (laid.diameter_mm[edge] > remedies.diameter_mm[edge])
    new = np.where(again, laid.barrels[edge], laid.barrels[edge] - remedies.barrels[edge])
    silt = (remedies.clean_area_m2 - old.area_m2)[edge] * length
    return pd.DataFrame(
        {
            "point": one.first_for[edge],
            "order": 0,
            "kind": kind,
            "pipe_id": pipes.index.to_numpy(dtype=object),
            "node_id": None,
            "road": pipes["road"].to_numpy(dtype=object) if "road" in pipes else None,
            "length_m": length.round(1),
            "new_pipe_m": np.where(kind == "clean", np.nan, new * length).round(2),
            "diameter_mm": remedies.diameter_mm[edge],
            "new_diameter_mm": np.where(grown, laid.diameter_mm[edge], np.nan),
            "new_barrels": np.where(grown, laid.barrels[edge], np.nan),
            "new_invert_from_m": np.where(works.relay[edge], laid.z_up_m[edge], np.nan).round(3),
            "new_invert_to_m": np.where(works.relay[edge], laid.z_down_m[edge], np.nan).round(3),
            "volume_m3": np.where(kind == "clean", silt, area * length).round(2),
            "geometry": pipes.geometry.to_numpy(),
        }
    )


def _new_links(links: pd.DataFrame) -> pd.DataFrame:
    if not len(links):
        return links
    return pd.DataFrame(
        {
            "point": links["point"],
            "order": 0,
            "kind": "link",
            "pipe_id": links.index.to_numpy(dtype=object),
            "node_id": links["from_node"],
            "to_node": links["to_node"],
            "length_m": links["length_m"].round(1),
            "new_pipe_m": links["length_m"].round(2),
            "new_diameter_mm": links["diameter_mm"],
            "new_barrels": 1.0,
            "new_invert_from_m": links["invert_from_m"],
            "new_invert_to_m": links["invert_to_m"],
            "volume_m3": (circular_section(links["diameter_mm"]).area_m2 * links["length_m"]).round(2),
            "geometry": links["geometry"],
        }
    )


def _at_outfalls(net: DrainageNetwork, road: NDArray[np.object_], one: Decided) -> pd.DataFrame:
    model = one.remedies.apply(one.works)
    node = np.flatnonzero(one.works.free)
    lowest, flow = np.full(len(model.node_row), np.inf), np.zeros(len(model.node_row))
    np.fmin.at(lowest, model.head, model.pipes.z_down_m)
    np.add.at(flow, model.head, np.nan_to_num(model.pipes.capacity_m3s))
    row = model.node_row[node]
    return pd.DataFrame(
        {
            "point": one.freed_for[node],
            "order": 1,
            "kind": "free_outfall",
            "pipe_id": None,
            "node_id": net.nodes.index.to_numpy(dtype=object)[row],
            "road": road[row],
            "pump_m3s": flow[node].round(3),
            "new_water_level_m": lowest[node],
            "geometry": net.nodes.geometry.to_numpy()[row],
        }
    )


def _storage(net: DrainageNetwork, road: NDArray[np.object_], decided: Sequence[Decided]) -> pd.DataFrame:
    held = [(k, *one.held[k]) for one in decided for k, how in one.solved.items() if how == "storage"]
    row = np.array([at[0] for _, at, _ in held], dtype=np.intp)
    names = net.nodes.index.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "point": np.array([k for k, *_ in held], dtype=np.intp),
            "order": 2,
            "kind": "storage",
            "pipe_id": None,
            "node_id": names[row],
            "held_at": [BETWEEN.join(names[at]) for _, at, _ in held],
            "held_at_m3": [BETWEEN.join(f"{volume:.1f}" for volume in volumes) for *_, volumes in held],
            "road": road[row],
            "volume_m3": np.round([volumes.sum() for *_, volumes in held], 1),
            "geometry": net.nodes.geometry.to_numpy()[row],
        }
    )


def as_pipes(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows of kind ``link`` as pipes, index ``pipe_id``."""
    return gpd.GeoDataFrame(
        {
            "from_node": links["node_id"].to_numpy(dtype=object),
            "to_node": links["to_node"].to_numpy(dtype=object),
            "system": "storm",
            "shape": "circular",
            "diameter_mm": links["new_diameter_mm"].to_numpy(),
            "invert_from_m": links["new_invert_from_m"].to_numpy(),
            "invert_to_m": links["new_invert_to_m"].to_numpy(),
            "length_m": links["length_m"].to_numpy(),
            "manning_n": LINK_ROUGHNESS,
            "barrels": 1.0,
            "silt_share": 0.0,
        },
        index=pd.Index(links["pipe_id"].to_numpy(dtype=object), name="pipe_id"),
        geometry=links.geometry.to_numpy(),
        crs=links.crs,
    )
