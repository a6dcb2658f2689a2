"""The points of both sides in one table, what works settled, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from drainage.analyses.outcome.fates import FATES, Wet
from drainage.analyses.outcome.settled import BETTER
from drainage.analyses.outcome.side_by_side import Answers
from drainage.analyses.outcome.works_done import WorksDone
from drainage.arrays import Objects
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork

_SETTLED: Final = ("settled_by", "settled_how", "needed_works", "enough_works", "works_in_part", "works_tried")
_COLUMNS: Final = (
    "id_before", "id_after", "road", "fate", "volume_before_m3", "volume_after_m3", "depth_before_m", "depth_after_m",
    "duration_before_min", "duration_after_min", "standard_before", "standard_after", *_SETTLED, "judged_after_share",
    "doubt",
)  # fmt: skip
_TEXTS: Final = (
    "id_before", "id_after", "road", "fate", "standard_before", "standard_after", *_SETTLED[:4], "doubt",
)  # fmt: skip
_MARK: Final = ", "


class Found(NamedTuple):
    """Points of both sides, what has become of those before, which are new, and what settled them."""

    before: Wet
    after: Wet
    fates: pd.DataFrame
    new: pd.DataFrame
    settled: pd.DataFrame


def points_table(found: Found | None, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Return a row for each point before, and one for each point after that none of them has become, the best first."""
    if found is None:
        table = pd.DataFrame(columns=list(_COLUMNS), index=pd.Index([], name="point", dtype="str"), dtype=object)
        return gpd.GeoDataFrame(table, geometry=[], crs=crs)
    rows = pd.concat([_points_before(found), _points_new(found)], ignore_index=True)
    rank = pd.Index(FATES).get_indexer(pd.Index(rows["fate"]))
    rows = rows.iloc[np.argsort(rank, kind="stable")].reset_index(drop=True)
    rows.index = pd.Index([f"P{k + 1}" for k in range(len(rows))], name="point", dtype="str")
    rows = _texts(rows, _TEXTS)
    return gpd.GeoDataFrame(rows[[*_COLUMNS, "geometry"]], geometry="geometry", crs=crs)


def _points_before(found: Found) -> pd.DataFrame:
    old, fates = found.before.points, found.fates
    now = list(fates["now"])
    names = found.after.points.index.to_numpy(dtype=object)
    judged, volume = np.isfinite(fates["volume_m3"]), fates["volume_m3"].round(1)
    dry = judged.to_numpy() & (volume.to_numpy() <= 0.0)
    rows = pd.DataFrame(
        {
            "id_before": old.index.to_numpy(dtype=object),
            "id_after": [_MARK.join(names[one]) or None for one in now],
            "road": old["road"].to_numpy(dtype=object),
            "fate": fates["fate"].to_numpy(dtype=object),
            "volume_before_m3": old["volume_m3"].to_numpy(dtype=np.float64),
            "volume_after_m3": volume.to_numpy(),
            "depth_before_m": old["depth_m"].to_numpy(dtype=np.float64),
            "depth_after_m": _most(found.after, "depth_m", now, dry),
            "duration_before_min": old["duration_min"].to_numpy(dtype=np.float64),
            "duration_after_min": _most(found.after, "duration_min", now, dry),
            "standard_before": old["within_standard"].to_numpy(dtype=object),
            "standard_after": fates["verdict"].to_numpy(dtype=object),
            **{name: found.settled[name].to_numpy(dtype=object) for name in _SETTLED},
            "judged_after_share": fates["judged"].round(3).to_numpy(),
            "doubt": [_doubts(one) for one in _codes(found, now)],
            "geometry": old.geometry.to_numpy(),
        }
    )
    return rows.assign(**{name: rows[name].astype(np.float64) for name in ("works_in_part", "works_tried")})


def _points_new(found: Found) -> pd.DataFrame:
    new = found.after.points.iloc[found.new["now"].to_numpy(dtype=np.intp)]
    blank = dict.fromkeys(("id_before", "standard_before", *_SETTLED[:4]))
    unknown = dict.fromkeys(
        ("volume_before_m3", "depth_before_m", "duration_before_min", "judged_after_share", *_SETTLED[4:]), np.nan
    )
    rows = {
        **{name: np.full(len(new), None, dtype=object) for name in blank},
        **{name: np.full(len(new), value) for name, value in unknown.items()},
        "id_after": new.index.to_numpy(dtype=object),
        "road": new["road"].to_numpy(dtype=object),
        "fate": found.new["fate"].to_numpy(dtype=object),
        "volume_after_m3": new["volume_m3"].to_numpy(dtype=np.float64),
        "depth_after_m": new["depth_m"].to_numpy(dtype=np.float64),
        "duration_after_min": new["duration_min"].to_numpy(dtype=np.float64),
        "standard_after": new["within_standard"].to_numpy(dtype=object),
        "doubt": [_doubts([one]) for one in new["doubt"]] if "doubt" in new else None,
        "geometry": new.geometry.to_numpy(),
    }
    return pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"])


def _most(after: Wet, name: str, now: Sequence[Sequence[int]], dry: np.ndarray) -> np.ndarray:
    """(n_points,) the largest value of the points that each is now; 0 where nothing is left, NaN where not known."""
    values = after.points[name].to_numpy(dtype=np.float64)
    left = np.where(dry, 0.0, np.nan)
    return np.array([np.nanmax(values[rows], initial=-np.inf) if rows else left[k] for k, rows in enumerate(now)])


def _codes(found: Found, now: Sequence[Sequence[int]]) -> list[list[object]]:
    """Return the doubts of each point before, of those that it is now, and of its nodes now."""
    before = _column(found.before.points, "doubt")
    after = _column(found.after.points, "doubt")
    inside = found.before.point_at >= 0
    at_nodes = pd.Series(found.after.doubt[inside]).groupby(found.before.point_at[inside]).agg(list)
    nodes = at_nodes.reindex(range(len(before)))
    return [[before[k], *after[rows], *(nodes[k] if isinstance(nodes[k], list) else [])] for k, rows in enumerate(now)]


def _column(table: pd.DataFrame, name: str) -> Objects:
    return table[name].to_numpy(dtype=object) if name in table else np.full(len(table), None, dtype=object)


def _doubts(codes: Sequence[object]) -> str | None:
    """Join codes, each once, None where there are none."""
    told = [part.strip() for one in codes if isinstance(one, str) for part in one.split(",")]
    return _MARK.join(dict.fromkeys(filter(None, told))) or None


def works_table(works: WorksDone, points: pd.DataFrame, misconnections: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the works, with the points that each settled, alone or with others, and the misconnections closed."""
    table = works.table.copy()
    better = points[points["fate"].isin(BETTER)]
    names = better["id_before"].to_numpy(dtype=object)
    told = pd.Series([str(one or "").split(_MARK) for one in better["settled_by"]], index=names, dtype=object)
    by_works = told.explode()
    by_works = by_works[by_works.astype(str) != ""]
    points_of = pd.Series(by_works.index, index=by_works.to_numpy(), dtype=object).groupby(level=0).agg(_MARK.join)
    closed = misconnections.loc[misconnections["fate"] == "closed", "touched_by"].astype(object)
    count = closed.str.split(_MARK).explode().value_counts()
    at = list(table.columns).index("length_m")
    table.insert(at + 1, "settled", points_of.reindex(table.index).fillna("").to_numpy(dtype=object))
    table.insert(at + 2, "misconnections_closed", count.reindex(table.index).fillna(0).astype(int).to_numpy())
    return table


def reports_table(answers: Answers, points: pd.DataFrame) -> pd.DataFrame:
    """Return the reported points, index ``report_id``: which point explains each before, and its fate."""
    found = answers["before"].get("waterlogging")
    reports = None if found is None else found.tables.get("reports")
    columns = ["date", "road", "match", "id_before", "fate", "settled_by", "settled_how"]
    if reports is None or not len(reports):
        return pd.DataFrame(columns=columns, index=pd.Index([], name="report_id", dtype="str"), dtype=object)
    own = points[points["id_before"].notna()].set_index("id_before")
    name = reports["point_id"].astype(object).where(reports["point_id"].notna(), None)
    table = reports.drop(columns=[each for each in columns if each not in ("date", "road", "match")], errors="ignore")
    told = {each: own[each].reindex(name).to_numpy(dtype=object) for each in columns[4:]}
    table = table.reindex(columns=["date", "road", "match", "geometry"]).assign(id_before=name.to_numpy(), **told)
    return gpd.GeoDataFrame(_texts(table, columns[3:]))[[*columns, "geometry"]]


def _texts(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return a table with texts as objects, None where there is none, whatever else a column holds."""
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), None) for name in names})


def outcome_layers(
    after: DrainageNetwork, tables: Mapping[str, pd.DataFrame], changes: Sequence[Layer], answers: Answers
) -> list[Layer]:
    """Return roads by what is separated since, changes, works, and points, misconnections, outfalls by their fate."""
    places = {name: one for name, one in tables.items() if isinstance(one, gpd.GeoDataFrame)}
    shown = {
        "works": (None, ("works_id", "road", "kinds", "length_m", "laid_from", "laid_to", "settled",
                            "misconnections_closed")),
        "outfalls": ("fate", ("node_before", "node_after", "fate", "misconnections_before", "misconnections_after")),
        "misconnections": ("fate", ("fate", "kind", "node_before", "node_after", "road", "fouled_before_m",
                                    "fouled_after_m", "touched_by")),
        "points": ("fate", ("point", "id_before", "id_after", "road", "fate", "volume_before_m3", "volume_after_m3",
                            "depth_before_m", "depth_after_m", "settled_by", "settled_how", "doubt")),
    }  # fmt: skip
    told = map(_of_their_own, (one for one in changes if one.theme == "changes"))
    layers = [*context_of(after), *_roads(answers, tables["roads"]), *(one for one in told if len(one.frame))]
    for name, (category, popup) in shown.items():
        if name in places and len(places[name]):
            layers.append(Layer(f"outcome_{name}", places[name], category, popup, shown=name != "works"))
    return layers


def _roads(answers: Answers, roads: pd.DataFrame) -> list[Layer]:
    """Return the roads by how much more of each is truly separated now; nothing where that was not measured."""
    found = answers["after"].get("separation")
    drawn = [] if found is None else [layer.frame for layer in found.layers if layer.theme == "roads"]
    if not drawn or not len(roads):
        return []
    frame = drawn[0][["geometry"]].join(roads, how="inner")
    shares = zip(frame["effective_before_pct"], frame["effective_after_pct"], strict=True)
    frame["effective_before_to_after"] = [f"{before:.0f} → {now:.0f} %" for before, now in shares]
    shown = ("road", "effective_before_to_after", "effective_before_pct", "effective_after_pct", "effective_change_pct",
             "coverage_before_pct", "coverage_after_pct", "length_m")  # fmt: skip
    return [Layer("outcome_roads", frame, "effective_change_pct", shown)]


def _of_their_own(changes: Layer) -> Layer:
    """Leave out the nodes that came and went with their pipes."""
    frame = changes.frame
    with_pipes = (frame["feature_kind"] == "node") & frame["change"].isin(["added", "removed", "abandoned"])
    return replace(changes, frame=frame[~with_pipes])
