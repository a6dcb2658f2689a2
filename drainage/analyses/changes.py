"""What a new delivery of a network changed against the one before it: added, removed, moved, attribute by attribute."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.errors import CrsError
from drainage.maps.context import context_of
from drainage.maps.layer import Layer
from drainage.network import DrainageNetwork
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import joined
from drainage.wants import wants
from drainage.words import in_both

_COLUMNS = ("feature_kind", "feature_id", "change", "attribute", "before", "after", "distance_m")
_POPUP = ("feature_id", "change", "attribute", "before", "after", "distance_m")
_ROUNDING = 1e-6  # numbers closer than this are one number written twice


@wants
def compare_deliveries(before: DrainageNetwork, after: DrainageNetwork, *, moved_m: float = 0.05) -> Result:
    """Compare two deliveries of one network, feature by feature, by id.

    Parameters
    ----------
    before, after
        The two deliveries, in the same CRS and with ids that do not change from one to the other.
    moved_m
        A feature whose location or line differs by more than this has moved. 0.05 m is the accuracy of a survey point,
        our choice.

    Returns
    -------
    Result
        ``changes``: one row per change: ``feature_kind``, ``feature_id``, ``change`` (added | removed | moved |
        changed), ``attribute`` with its values ``before`` and ``after`` as text, ``distance_m`` (for nodes the
        distance, for pipes the Hausdorff distance of the lines), and the geometry after the change, for removed
        features the one before. ``attributes``: number of changed features by kind and attribute. The summary counts
        features by kind and change.

    Raises
    ------
    CrsError
        The deliveries have different CRSs.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.read_network("data/pipes.geojson")
    >>> log = dr.analyses.compare_deliveries(net.as_of("2018-12-31"), net.as_of("2021-05-07"))
    >>> int(log.summary["pipes_added"]), int(log.summary["pipes_removed"])
    (846, 578)
    """
    if before.crs != after.crs:
        found = [in_both("no_crs") if net.crs is None else net.crs.to_string() for net in (before, after)]
        raise CrsError(in_both("deliveries_in", found=joined(found, " and ")))
    parts = [
        *_of_kind("pipe", before.pipes, after.pipes, moved_m),
        *_of_kind("node", before.nodes, after.nodes, moved_m),
    ]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_COLUMNS, "geometry"])
    geometry = GeometryArray(table["geometry"].to_numpy(dtype=object), crs=after.crs)
    changes = gpd.GeoDataFrame(table[list(_COLUMNS)], geometry=geometry).rename_axis("row")
    kinds = changes["feature_kind"]
    changed = changes[changes["change"] == "changed"]
    attributes = changed.groupby(["feature_kind", "attribute"], sort=True).size().rename("features").reset_index()
    counts = {
        f"{kind}s_{change}": changes.loc[(kinds == kind) & (changes["change"] == change), "feature_id"].nunique()
        for kind in ("pipe", "node")
        for change in ("added", "removed", "moved", "changed")
    }
    length_km = {f"length_{when}_km": net.pipes["length_m"].sum() / 1000 for when, net in _named(before, after)}
    return Result(
        "changes",
        {"changes": changes, "attributes": attributes.set_index("attribute")},
        pd.Series(counts | {name: round(float(value), 3) for name, value in length_km.items()}, dtype=object),
        (
            *context_of(after),
            *(Layer("changes", changes[kinds == kind], "change", _POPUP) for kind in ("pipe", "node")),
        ),
        provenance=Provenance.joined(map(Provenance.of, (before, after))),
    )


def _named(before: DrainageNetwork, after: DrainageNetwork) -> tuple[tuple[str, DrainageNetwork], ...]:
    return (("before", before), ("after", after))


def _of_kind(kind: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, moved_m: float) -> list[pd.DataFrame]:
    """Return the changes of pipes or nodes, in the order of the later delivery."""
    added, removed = after[~after.index.isin(before.index)], before[~before.index.isin(after.index)]
    common = after.index[after.index.isin(before.index)]
    old, new = before.loc[common], after.loc[common]
    distance = _moved(old, new)
    moved = distance > moved_m
    parts = [
        _rows(kind, added, "added"),
        _rows(kind, removed, "removed"),
        _rows(kind, new[moved], "moved", distance_m=distance[moved]),
    ]
    for column in new.columns.intersection(old.columns).drop("geometry"):
        differs = ~_same(old[column], new[column])
        text = {when: _text(frame[column][differs]) for when, frame in (("before", old), ("after", new))}
        parts.append(_rows(kind, new[differs], "changed", attribute=str(column), **text))
    return [part for part in parts if len(part)]


def _rows(kind: str, frame: gpd.GeoDataFrame, change: str, **columns: object) -> pd.DataFrame:
    given = dict.fromkeys(_COLUMNS[3:6]) | {"distance_m": np.nan} | columns
    facts = {"feature_kind": kind, "feature_id": frame.index.to_numpy(), "change": change, **given}
    table = pd.DataFrame(facts | {"geometry": frame.geometry.to_numpy()}, index=range(len(frame)))
    return table.astype({"attribute": object, "before": object, "after": object})


def _moved(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return how far each place or line has moved, 0 where it is the same to a micrometre, NaN without geometry."""
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    distance = np.zeros(len(old))
    differs = ~shapely.equals_exact(before, after, tolerance=_ROUNDING)
    distance[differs] = shapely.hausdorff_distance(before[differs], after[differs])
    return distance


def _same(old: pd.Series, new: pd.Series) -> Bools:
    """Return which values are the same; missing is the same as missing, numbers are compared without rounding."""
    both_missing = (old.isna() & new.isna()).to_numpy()
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        one, two = (part.to_numpy(dtype=np.float64, na_value=np.nan) for part in (old, new))
        equal = np.isclose(one, two, rtol=1e-9, atol=_ROUNDING)
    else:
        equal = (_text(old) == _text(new)) & ~(old.isna() | new.isna()).to_numpy()
    return np.asarray(both_missing | equal, np.bool_)


def _text(values: pd.Series) -> NDArray[np.object_]:
    """Write values as text: days without hours, missing as None."""
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    text = values.astype("str").astype(object).to_numpy(copy=True)
    text[values.isna().to_numpy()] = None
    return np.asarray(text)
