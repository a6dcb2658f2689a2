"""One fault per case: how to build the file, and the error, or the issue, that names it with its remedy.

The good file around each fault is three storm pipes in a row, ``P1`` to ``P3``, in Lingbi.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drainage.errors import CrsError, DrainageError, FormatError, SchemaError

Feature = dict[str, Any]  # JSON
EAST, NORTH, STEP = 117.55, 33.54, 0.0005


@dataclass(frozen=True)
class Refused:
    """The file cannot be meant: an error of this type whose message holds these words."""

    error: type[DrainageError]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """One feature is at fault: an issue of this code about it, with these words; so many pipes are left."""

    code: str
    feature: str
    words: tuple[str, ...] = ()
    pipes: int = 3


@dataclass(frozen=True)
class Read:
    """Nothing is at fault: the second pipe has this value in this column, and so many pipes are left."""

    column: str
    value: object
    pipes: int = 3


@dataclass(frozen=True)
class Case:
    """A fault with its file and what must be said."""

    name: str
    content: bytes
    said: Refused | Told | Read
    file: str = "pipes.geojson"


def feature(number: int, coordinates: object = None, geometry: str = "LineString", **properties: Any) -> Feature:  # noqa: ANN401 - JSON
    """Make pipe number ``number`` of the row."""
    west, east = EAST + STEP * number, EAST + STEP * (number + 1)
    line = [[west, NORTH], [east, NORTH]] if coordinates is None else coordinates
    values: Feature = {"pipe_id": f"P{number}", "system": "storm", "diameter_mm": 600, "invert_from_m": 20.0 - number}
    values |= {"invert_to_m": 19.9 - number}
    return {
        "type": "Feature",
        "properties": {**values, **properties},
        "geometry": {"type": geometry, "coordinates": line},
    }


def collection(*features: Feature, **members: object) -> bytes:
    """Make a GeoJSON text."""
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)}).encode()


def row(change: Callable[[Feature], object] | None = None, **properties: Any) -> bytes:  # noqa: ANN401 - JSON
    """Make the good row, its second pipe changed."""
    changed = feature(2, **properties)
    if change is not None:
        change(changed)
    return collection(feature(1), changed, feature(3))


def line(*coordinates: object) -> bytes:
    """Make the good row with other coordinates for its second pipe."""
    return collection(feature(1), feature(2, list(coordinates)), feature(3))


def _bare(**properties: object) -> Feature:
    return {**feature(1), "properties": properties}


def _dn(*sizes: float) -> bytes:
    rows = [feature(i, 管径=size) for i, size in enumerate(sizes, start=1)]
    for one in rows:
        del one["properties"]["diameter_mm"]
    return collection(*rows)


def _named(crs: str) -> Feature:
    return {"type": "name", "properties": {"name": crs}}


GOOD = row()
_ROW2 = "pipes.geojson row 2"
_METRES = [[551000.0 + 50 * i, 3712700.0] for i in range(4)]
_AT = [[EAST + STEP * i, NORTH] for i in range(5)]

CASES = (
    # ---- what cannot be read
    Case("empty_file", b"", Refused(FormatError, ("pipes.geojson", "empty"))),
    Case("truncated_json", GOOD[:-40], Refused(FormatError, ("pipes.geojson", "complete"))),
    Case("trailing_garbage", GOOD + b"garbage", Refused(FormatError, ("pipes.geojson", "complete"))),
    Case("no_features", collection(), Refused(FormatError, ("pipes.geojson", "no features"))),
    Case("html_error_page", b"<!doctype html><p>404", Refused(FormatError, ("pipes.geojson", "HTML"))),
    Case("json_of_another_kind", b'{"status": "ok"}', Refused(FormatError, ("pipes.geojson",))),
    Case(
        "bare_geometry",
        b'{"type": "LineString", "coordinates": [[117.5, 33.5], [117.6, 33.5]]}',
        Refused(FormatError, ("pipes.geojson", "FeatureCollection")),
    ),
    Case("binary_bytes", b"{\x00\x01\x02", Refused(FormatError, ("pipes.geojson", "NUL"))),
    Case("utf_16", GOOD.decode().encode("utf-16"), Refused(FormatError, ("UTF-16", "UTF-8"))),
    Case(
        "gbk_text",
        json.dumps({"type": "FeatureCollection", "features": [feature(1, road="磬山路")]}, ensure_ascii=False).encode(
            "gbk"
        ),
        Refused(FormatError, ("UTF-8", "GBK")),
    ),
    Case(
        "deep_nesting",
        b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
        Refused(FormatError, ("pipes.geojson",)),
    ),
    Case(
        "vrt_named_geojson",
        b'<OGRVRTDataSource><OGRVRTLayer name="p"><SrcDataSource>/etc/x</SrcDataSource>'
        b"</OGRVRTLayer></OGRVRTDataSource>",
        Refused(FormatError, ("pipes.geojson", "HTML or XML")),
    ),
    Case("geojson_named_gpkg", GOOD, Refused(FormatError, ("pipes.gpkg", "correct its ending")), "pipes.gpkg"),
    Case("unknown_ending", GOOD, Refused(FormatError, (".xyz", ".geojson")), "pipes.xyz"),
    Case("nul_in_an_id", row(pipe_id="P\0X"), Refused(FormatError, ("NUL", "id"))),
    # ---- where it lies
    Case(
        "metres_without_crs",
        collection(feature(1, _METRES[:2]), feature(2, _METRES[1:3])),
        Refused(CrsError, ("not degrees", "crs=", "EPSG:4548")),
    ),
    Case(
        "metres_with_exchanged_axes",
        collection(feature(1, [[y, x] for x, y in _METRES[:2]])),
        Refused(CrsError, ("not degrees", "X = north")),
    ),
    Case(
        "latitude_before_longitude",
        collection(feature(1, [[y, x] for x, y in _AT[:2]])),
        Refused(CrsError, ("exchanged", "[longitude, latitude]")),
    ),
    Case("longitude_500", collection(feature(1, [[500.0, 95.0], [500.1, 95.0]])), Refused(CrsError, ("not degrees",))),
    Case(
        "bogus_crs_member",
        collection(feature(1), crs=_named("EPSG:99999999")),
        Refused(CrsError, ("EPSG:99999999", "remove it")),
    ),
    Case("crs_null", collection(feature(1), feature(2), crs=None), Told("crs_null", "pipes.geojson", ("WGS 84",), 2)),
    Case(
        "legacy_crs_member",
        collection(feature(1, _METRES[:2]), crs=_named("urn:ogc:def:crs:EPSG::4548")),
        Told("legacy_crs", "pipes.geojson", ("RFC 7946",), 1),
    ),
    # ---- geometry of one feature
    Case("null_geometry", row(lambda f: f.update(geometry=None)), Told("no_place", "P2", ("from_node",), 2)),
    Case("empty_coordinates", line(), Told("no_place", "P2", ("geometry",), 2)),
    Case("one_vertex", line(_AT[2]), Told("no_place", "P2", (), 2)),
    Case("coordinates_as_text", line(["117.5", "33.5"], ["117.6", "33.5"]), Told("no_place", "P2", (), 2)),
    Case("null_inside_coordinates", line([117.5, None], _AT[3]), Told("no_place", "P2", (), 2)),
    Case("zero_length", line(_AT[2], _AT[2]), Told("zero_length", "P2", ("no length",), 2)),
    Case("nan_coordinate", line([float("nan"), NORTH], _AT[3]), Told("absurd_coordinates", _ROW2, ("NaN",), 2)),
    Case(
        "number_beyond_all_numbers",
        line([987654321.0, NORTH], _AT[3]).replace(b"987654321.0", b"1e999"),
        Refused(FormatError, ("pipes.geojson", "1e999")),
    ),
    Case(
        "endless_text",
        b'{"type": "FeatureCollection", "name": "' + b"x" * 20_000_000,
        Refused(FormatError, ("pipes.geojson",)),
    ),
    Case("infinite_coordinate", line([float("inf"), NORTH], _AT[3]), Told("absurd_coordinates", _ROW2, (), 2)),
    Case("absurd_coordinate", line([1e308, NORTH], _AT[3]), Told("absurd_coordinates", _ROW2, (), 2)),
    Case(
        "multi_line_that_joins",
        row(lambda f: f.update(geometry={"type": "MultiLineString", "coordinates": [_AT[2:3] + _AT[3:4]]})),
        Told("multi_part", "P2", ("MultiLineString",)),
    ),
    Case(
        "multi_line_in_pieces",
        row(lambda f: f.update(geometry={"type": "MultiLineString", "coordinates": [_AT[0:2], _AT[3:5]]})),
        Told("multi_part", "P2", ("do not meet",), 2),
    ),
    Case(
        "polygon",
        collection(feature(1), feature(2, [[*_AT[1:3], [117.6, 33.6], _AT[1]]], "Polygon"), feature(3)),
        Told("not_a_line", "P2", ("Polygon",), 2),
    ),
    Case(
        "geometry_collection",
        row(lambda f: f.update(geometry={"type": "GeometryCollection", "geometries": []})),
        Told("no_place", "P2", (), 2),
    ),
    Case(
        "point_among_lines",
        collection(feature(1), feature(2, _AT[2], "Point"), feature(3)),
        Told("not_a_line", "P2", ("Point",), 2),
    ),
    Case(
        "a_million_vertices",
        line(*[[EAST + 1e-9 * i, NORTH] for i in range(12_000)]),
        Told("too_many_vertices", _ROW2, ("10000",), 2),
    ),
    Case("null_island", line([0.0, 0.0], [0.0005, 0.0]), Told("far_away", _ROW2, ("kilometres",), 2)),
    Case(
        "across_the_antimeridian",
        collection(*[feature(i, [[179.9995, 10.0], [-179.9995, 10.0]]) for i in (1, 2)]),
        Refused(CrsError, ("hundreds of kilometres",)),
    ),
    Case("heights_on_some_vertices", line([*_AT[2], 19.5], _AT[3]), Told("heights", "pipes.geojson", ("z_from_m",))),
    Case("four_numbers_a_vertex", line([*_AT[2], 19.5, 7.0], [*_AT[3], 19.4, 8.0]), Told("heights", "pipes.geojson")),
    # ---- attributes of one feature
    Case("negative_diameter", row(diameter_mm=-600), Told("value_out_of_range", "P2", ("diameter_mm = -600",))),
    Case("text_for_a_number", row(invert_to_m="deep"), Told("not_a_number", "P2", ("'deep'",))),
    Case("text_for_a_size", row(diameter_mm="big"), Told("not_a_size", "P2", ("'big'", "1000x800"))),
    Case("list_for_a_size", row(diameter_mm=[600]), Told("not_a_size", "P2", ())),
    Case(
        "metres_among_millimetres",
        row(diameter_mm=0.6),
        Told("value_out_of_range", "P2", ("diameter_mm = 0.6", "mm between")),
    ),
    Case(
        "mixed_units_in_a_column_that_names_none", _dn(600, 0.6, 800), Told("mixed_units", "diameter_mm", ("0.6", "mm"))
    ),
    Case("unknown_system", row(system="gas"), Told("unknown_system", "P2", ("'gas'", "storm"))),
    Case("no_system", row(system=None), Told("no_system", "P2", ("storm",))),
    Case(
        "no_system_column",
        collection(*[feature(i, system=None) for i in (1, 2)]),
        Told("no_system", "pipes.geojson", ("storm from sewage",), 2),
    ),
    Case("duplicate_id", row(pipe_id="P1"), Told("duplicate_id", "P1~2", ("more than once",))),
    Case(
        "near_duplicate_id",
        collection(feature(1, pipe_id="1"), feature(2, pipe_id="01")),
        Told("similar_id", "01", ("1",), 2),
    ),
    Case("impossible_date", row(commissioned="2020-13-45"), Told("unreadable_date", "P2", ("2020-13-45",))),
    Case("self_loop", row(from_node="A", to_node="A"), Told("self_loop", "P2", ("same node",), 2)),
    Case("manning_n_is_k_s", row(manning_n=1.5), Told("value_out_of_range", "P2", ("k_s",))),
    # ---- columns
    Case(
        "columns_that_differ_by_case",
        collection(_bare(Pipe_ID="x", PIPE_ID="y", system="storm")),
        Refused(SchemaError, ("Pipe_ID", "PIPE_ID", "columns=")),
    ),
    Case(
        "id_too_large_for_a_number",
        collection(*[feature(i, pipe_id=2**70 + i) for i in (1, 2)]),
        Told("duplicate_id", "1.1805916207174113e+21", (), 2),
    ),
    Case("boolean_for_a_size", row(diameter_mm=True), Told("value_out_of_range", "P2", ("mm between",))),
    Case(
        "properties_null",
        collection({**feature(1), "properties": None}, {**feature(2), "properties": None}),
        Told("no_system", "pipes.geojson", (), 2),
    ),
    Case("damaged_text_in_an_id", GOOD.replace(b'"P2"', b'"P2\\ud800"'), Told("damaged_id", "P2\ufffd", ("U+FFFD",))),
    Case(
        "duplicate_json_key",
        GOOD.replace(b'"P2", "system": "storm"', b'"P2", "system": "storm", "system": "sewage"'),
        Told("duplicate_key", "pipes.geojson", ("system",)),
    ),
    Case("zero_diameter", row(diameter_mm=0), Told("placeholder", "diameter_mm", ("placeholder",))),
    # ---- what looks odd and is meant
    Case("byte_order_mark", b"\xef\xbb\xbf" + GOOD, Read("system", "storm")),
    Case("one_feature_alone", json.dumps(feature(2)).encode(), Read("system", "storm", 1)),
    Case("a_feature_a_line", b"\n".join(json.dumps(feature(i)).encode() for i in (1, 2, 3)), Read("system", "storm")),
    Case("nan_for_a_number", row(invert_from_m=float("nan")), Read("invert_from_m", None)),
    Case("size_with_its_prefix", row(diameter_mm="DN300"), Read("diameter_mm", 300.0)),
    Case("full_width_digits", row(diameter_mm="３００"), Read("diameter_mm", 300.0)),
    Case("section_as_text", row(diameter_mm="1000×800"), Read("width_mm", 1000.0)),
)
