"""The town written to files: GeoJSON (RFC 7946, WGS 84) that says in every place that it is synthetic."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from city.areas import BUILT, BUILT_LATER, WATER_USE_M3, neighbourhoods, people_of, town_of, towns
from city.catchments import Catchment
from city.ground import FLOOD_BELOW_BANK_M, RIVER_NAME, district_of, flood_level, river_line, to_lonlat
from city.plan import Pipe, Plan
from city.streets import Streets

NOTICE = (
    "SYNTHETIC demonstration data, no real drain lies here. "
    "合成演示数据：管网、道路与积水点均为程序生成，不代表真实位置，严禁用于工程。"
)
Feature = dict[str, Any]  # JSON
BARE_ROADS = (
    ("规划一路", ((700.0, 5750.0), (700.0, 4650.0)), 24.0),
    ("规划二路", ((980.0, -330.0), (2350.0, -300.0)), 24.0),
)


def write_town(folder: Path, plan: Plan, streets: Streets, catchments: list[Catchment], reports: list[Feature]) -> None:
    """Write every layer."""
    write_layer(folder / "pipes.geojson", _pipes(plan))
    write_layer(folder / "nodes.geojson", _nodes(plan))
    write_layer(folder / "roads.geojson", _roads(streets))
    parts = neighbourhoods(streets)
    people = people_of(catchments)
    write_layer(folder / "catchments.geojson", _catchments(catchments, people))
    write_layer(folder / "neighbourhoods.geojson", _neighbourhoods(parts, catchments, people))
    write_layer(folder / "towns.geojson", _towns(parts))
    write_layer(folder / "waterways.geojson", _waterways())
    write_layer(folder / "reports.geojson", reports)


def write_layer(path: Path, features: Iterable[Feature]) -> None:
    """Write a feature collection, one feature a line, with the notice as foreign members."""
    head = {"type": "FeatureCollection", "name": path.stem, "synthetic": True, "notice": NOTICE}
    lines = [json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features]
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    path.write_text(opening + ', "features": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def feature(kind: str, coordinates: NDArray[np.float64], properties: dict[str, object]) -> Feature:
    """Make one feature from local coordinates."""
    lonlat = to_lonlat(coordinates).tolist()
    shape = lonlat[0] if kind == "Point" else lonlat
    return {
        "type": "Feature",
        "properties": {**properties, "synthetic": True},
        "geometry": {"type": kind, "coordinates": shape},
    }


def pipe_order(plan: Plan) -> list[Pipe]:
    """Pipes in the order of the file: by id."""
    return sorted(plan.pipes.values(), key=lambda pipe: pipe.pipe_id)


def _pipes(plan: Plan) -> Iterable[Feature]:
    names = sorted(plan.nodes)
    place = {name: k for k, name in enumerate(names)}
    lonlat = to_lonlat(np.array([(plan.nodes[name].x, plan.nodes[name].y) for name in names])).tolist()
    for pipe in pipe_order(plan):
        line = [lonlat[place[pipe.tail]], lonlat[place[pipe.head]]]
        yield {
            "type": "Feature",
            "properties": _pipe_row(plan, pipe),
            "geometry": {"type": "LineString", "coordinates": line},
        }


def _pipe_row(plan: Plan, pipe: Pipe) -> dict[str, object]:
    tail, head, section = plan.nodes[pipe.tail], plan.nodes[pipe.head], pipe.section
    box = section.shape == "rectangular"
    return {
        "pipe_id": pipe.pipe_id,
        "system": pipe.system,
        "from_node": pipe.tail,
        "to_node": pipe.head,
        "shape": section.shape,
        "diameter_mm": None if box else section.height_mm,
        "width_mm": section.width_mm if box else None,
        "height_mm": section.height_mm if box else None,
        "invert_from_m": round(pipe.invert_from_m, 3),
        "invert_to_m": round(pipe.invert_to_m, 3),
        "depth_from_m": round(tail.ground_m - pipe.invert_from_m, 3),
        "depth_to_m": round(head.ground_m - pipe.invert_to_m, 3),
        "length_m": pipe.length_m,
        "material": pipe.material,
        "manning_n": pipe.manning_n,
        "road": pipe.road,
        "area": district_of((tail.x + head.x) / 2.0, (tail.y + head.y) / 2.0),
        "commissioned": pipe.commissioned.isoformat(),
        "abandoned": pipe.abandoned.isoformat() if pipe.abandoned else None,
        "silt_share": pipe.silt_share,
        "condition_grade": pipe.condition_grade,
        "synthetic": True,
    }


def _nodes(plan: Plan) -> Iterable[Feature]:
    lowest: dict[str, float] = {}
    for pipe in plan.pipes.values():
        for name, invert_m in ((pipe.tail, pipe.invert_from_m), (pipe.head, pipe.invert_to_m)):
            lowest[name] = min(lowest.get(name, 1e9), invert_m)
    for name in sorted(lowest):
        node = plan.nodes[name]
        row: dict[str, object] = {
            "node_id": name,
            "kind": node.kind,
            "system": node.system,
            "ground_m": node.ground_m,
            "invert_m": round(lowest[name], 3),
            "water_level_m": node.water_level_m,
            "road": node.road,
            "area": district_of(node.x, node.y),
        }
        own = {"capacity_m3_per_day": node.capacity_m3_per_day, "water_use_m3_per_day": node.water_use_m3_per_day}
        row |= {key: value for key, value in own.items() if value is not None}
        row |= {"note": node.note} if node.note else {}
        yield feature("Point", np.array([[node.x, node.y]]), row)


def _roads(streets: Streets) -> Iterable[Feature]:
    by_name: dict[str, list[shapely.LineString]] = {}
    width = {edge.road: edge.width_m for edge in streets.edges}
    for edge in streets.edges:
        by_name.setdefault(edge.road, []).append(edge.line)
    number = 0
    for name, lines in sorted(by_name.items()):
        for line in shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines))):
            number += 1
            yield _road(number, name, line, width[name])
    for name, ends, width_m in BARE_ROADS:
        number += 1
        yield _road(number, name, shapely.LineString(ends), width_m)


def _road(number: int, name: str, line: shapely.LineString, width_m: float) -> Feature:
    grade = "主干路" if width_m > 40.0 else "次干路" if width_m >= 30.0 else "支路"
    row: dict[str, object] = {
        "road_id": f"DL{number:03d}",
        "road": name,
        "width_m": width_m,
        "road_class": grade,
        "length_m": round(float(line.length), 1),
    }
    return feature("LineString", shapely.get_coordinates(line), row)


def _catchments(catchments: list[Catchment], people: list[int]) -> Iterable[Feature]:
    pairs = sorted(zip(catchments, people, strict=True), key=lambda pair: pair[0].node_id)
    for k, (piece, number) in enumerate(pairs, 1):
        row: dict[str, object] = {
            "catchment_id": f"F{k:04d}",
            "node_id": piece.node_id,
            "runoff_coefficient": piece.runoff_coefficient,
            "area_ha": round(piece.area_ha, 4),
            "people": number,
            "water_use_m3_per_day": round(number * WATER_USE_M3, 1),
        }
        yield _area(piece.polygon, row)


def _neighbourhoods(
    parts: dict[str, shapely.Polygon], catchments: list[Catchment], people: list[int]
) -> Iterable[Feature]:
    middles = shapely.centroid([piece.polygon for piece in catchments])
    for k, (name, outline) in enumerate(parts.items(), 1):
        living = int(np.array(people)[shapely.contains(outline, middles)].sum())
        built = BUILT.get(name, BUILT_LATER)
        row: dict[str, object] = {"neighbourhood_id": f"XQ{k:02d}", "name": name, "town": town_of(name)}
        yield _area(outline, {**row, "built": built, "people": living})


def _towns(parts: dict[str, shapely.Polygon]) -> Iterable[Feature]:
    for k, (name, outline) in enumerate(towns(parts).items(), 1):
        yield _area(outline, {"town_id": f"ZJ{k}", "name": name})


def _area(outline: shapely.Geometry, row: dict[str, object]) -> Feature:
    """Make one feature of a polygon, or of several."""
    parts = []
    for part in shapely.get_parts(shapely.orient_polygons(outline)):
        rings = [to_lonlat(shapely.get_coordinates(ring)).tolist() for ring in (part.exterior, *part.interiors)]
        parts.append([[*ring[:-1], ring[0]] for ring in rings])
    many = len(parts) > 1
    shape = {"type": "MultiPolygon" if many else "Polygon", "coordinates": parts if many else parts[0]}
    return {"type": "Feature", "properties": {**row, "synthetic": True}, "geometry": shape}


def _waterways() -> Iterable[Feature]:
    coordinates = shapely.get_coordinates(river_line())
    for k in range(len(coordinates) - 1):
        middle = coordinates[k : k + 2].mean(axis=0)
        row: dict[str, object] = {
            "waterway_id": f"HD{k + 1:02d}",
            "name": RIVER_NAME,
            "flood_level_m": flood_level(*middle),
        }
        row["note"] = f"示意水位：两岸地面以下 {FLOOD_BELOW_BANK_M} m"
        yield feature("LineString", coordinates[k : k + 2], row)
