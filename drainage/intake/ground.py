"""Ground levels of nodes from a raster, where the survey has none; where it has, the two are compared."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from drainage.formats.raster import Dem, check_crs
from drainage.network import DrainageNetwork
from drainage.schema import Issues
from drainage.wants import wants
from drainage.words import in_both


@wants
def ground_from_dem(net: DrainageNetwork, dem: Dem, *, differs_m: float = 0.5) -> DrainageNetwork:
    """Fill missing ground levels of nodes from the cell in which they stand; ``ground_source`` is ``dem`` there.

    Recorded levels are kept; where the raster differs from one by more than ``differs_m``, an issue says so. Inverts
    that the source gives as depths below the ground are computed (``invert_*_source`` is ``depth``).

    Parameters
    ----------
    net
        The network.
    dem
        In the CRS of the network.
    differs_m
        Allowed difference between recorded and raster levels, m: our choice, several times the error of a
        photogrammetric raster.

    Returns
    -------
    A new network; ``inputs["filled"]["ground"]`` is the number of nodes with a level from the raster.

    Raises
    ------
    CrsError
        The raster is in another CRS.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> west, south, east, north = net.nodes.total_bounds
    >>> dem = dr.formats.Dem(np.full((40, 40), 20.5), west - 100, north + 100, 10.0, 10.0, net.crs)
    >>> bare = net.replace(nodes=net.nodes.assign(ground_m=np.nan))
    >>> dr.intake.ground_from_dem(bare, dem).nodes["ground_m"].tolist()
    [20.5, 20.5, 20.5, 20.5, 20.5]
    """
    check_crs(net, dem)
    nodes, pipes, issues = net.nodes, net.pipes, Issues()
    issues.extend(net.issues)
    seen = dem.ground_at(np.asarray(nodes.geometry.array))
    recorded = nodes["ground_m"].to_numpy(dtype=np.float64)
    filled = np.isnan(recorded) & np.isfinite(seen)
    nodes["ground_m"] = np.where(filled, seen, recorded)
    source = nodes["ground_source"] if "ground_source" in nodes else pd.Series(None, nodes.index, dtype=object)
    source = source.astype(object).where(source.notna() | np.isnan(recorded), "recorded")
    nodes["ground_source"] = source.mask(filled, "dem")
    differs = np.abs(recorded - seen) > differs_m
    pairs = zip(recorded[differs], seen[differs], strict=True)
    reasons = [in_both("ground_on_raster", recorded=ours, seen=theirs) for ours, theirs in pairs]
    issues.add("ground_differs", "warning", "node", nodes.index[differs], reasons, in_both("recorded_level_kept"))
    rasters = [dem.source or "raster"] if filled.any() else []
    given = in_both("ground_given", count=int(filled.sum()))
    issues.add("ground_from_dem", "info", "file", rasters, given, in_both("ground_source_dem"))
    counts = {**(net.origin.filled or {}), "ground": int((nodes["ground_source"] == "dem").sum())}
    pipes = _inverts_by_depth(pipes, nodes)
    return net.replace(nodes=nodes, pipes=pipes, issues=issues.frame(), origin=replace(net.origin, filled=counts))


def _inverts_by_depth(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    for end in ("from", "to"):
        if f"depth_{end}_m" not in pipes:
            continue
        ground = nodes["ground_m"].reindex(pipes[f"{end}_node"]).to_numpy(dtype=np.float64)
        by_depth = ground - pipes[f"depth_{end}_m"].to_numpy(dtype=np.float64)
        invert = pipes[f"invert_{end}_m"].to_numpy(dtype=np.float64)
        new = np.isnan(invert) & np.isfinite(by_depth)
        pipes[f"invert_{end}_m"] = np.where(new, by_depth, invert)
        if f"invert_{end}_source" in pipes:
            pipes[f"invert_{end}_source"] = pipes[f"invert_{end}_source"].astype(object).mask(new, "depth")
    return pipes
