"""Change sets as GeoJSON, read and written with `json`: GDAL makes an absent key and null the same, here they differ.

Each feature has the properties ``action``, ``layer``, the id of that layer and the columns that are set. Beside the
features the collection may say ``crs`` (else WGS 84, as in RFC 7946; null: a schematic plan), ``new_columns``,
``gone_columns`` and ``types`` by layer (an inverse does), and ``not_expressed``, a list of sentences.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import pyproj
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from drainage.change_sets import ACTIONS, Change, ChangeSet, NewColumn
from drainage.change_sets.change_set import FEATURE_OF
from drainage.errors import FormatError, SchemaError
from drainage.formats.guard.before_opening import nearest_file
from drainage.formats.guard.geojson_features import read_collection
from drainage.said import Said, joined
from drainage.schema.issues import first_told
from drainage.schema.layers import LAYERS
from drainage.wants import wants
from drainage.words import in_both, nearest
from drainage.writing import replacing_file

_RESERVED: Final = ("action", "layer", "row")
_EXAMPLE: Final = '{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}'


@wants
def read_change_set(path: str | Path) -> ChangeSet:
    """Read a change set; what it says of a network is checked when it is applied.

    Raises
    ------
    FormatError
        The file is no GeoJSON FeatureCollection or holds no features.
    SchemaError
        Features without action, layer or id, with unknown ones, or with a broken geometry: all are named.

    Examples
    --------
    >>> import drainage as dr
    >>> from pathlib import Path
    >>> edits = dr.change_sets.ChangeSet(name="none.geojson", changes=[])
    >>> dr.formats.write_change_set(edits, Path(getfixture("tmp_path")) / "none.geojson").name
    'none.geojson'
    """
    file = Path(path)
    if not file.is_file():
        raise FormatError(in_both("set_no_file", file=file, near=nearest_file(file)))
    whole = read_collection(file)
    features: list[object] = whole["features"]
    says_columns = any(whole.get(name) for name in ("new_columns", "gone_columns", "types"))
    if not features and not says_columns and "crs" not in whole:
        raise FormatError(in_both("set_empty", file=file.name))
    problems: list[Said] = []
    changes = []
    for number, feature in enumerate(features, start=1):
        try:
            changes.append(_change(number, feature))
        except SchemaError as error:
            problems.append(in_both("set_feature", file=file.name, number=number, what=error.said))
    if problems:
        raise SchemaError(joined(first_told(problems), "\n"))
    return ChangeSet(
        name=file.name, changes=tuple(changes), crs=_crs(file, whole), new_columns=_new_columns(file, whole),
        gone_columns=_by_layer(file, whole, "gone_columns", list), types=_by_layer(file, whole, "types", dict),
        not_expressed=[_sentence(one) for one in whole.get("not_expressed") or ()],
    )  # fmt: skip


@wants
def write_change_set(changes: ChangeSet, path: str | Path, *, force: bool = False) -> Path:
    """Write a change set in its own CRS, every number to its last digit.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or its ending is not ``.geojson``.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> wider = dr.change_sets.Change(action="change", layer="pipes", id="YSL2986", columns={"diameter_mm": 1000.0})
    >>> edits = dr.change_sets.ChangeSet(name="wider", changes=[wider])
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_change_set(edits, f"{folder}/wider.geojson")
    ...     dr.read_change_set(path).changes[0].columns
    {'diameter_mm': 1000.0}
    """
    with replacing_file(path, ending=".geojson", force=force) as part:
        write_changes_into(changes, part)
    return Path(path)


def write_changes_into(changes: ChangeSet, part: Path) -> None:
    """Write a change set to a file that is not there yet."""
    head: dict[str, object] = {"type": "FeatureCollection", "name": str(changes.name), "crs": _crs_said(changes.crs)}
    if changes.new_columns:
        head["new_columns"] = {
            layer: {name: {"fill": new.fill, "type": new.type} for name, new in columns.items()}
            for layer, columns in changes.new_columns.items()
        }
    for name in ("gone_columns", "types"):
        if said := getattr(changes, name):
            head[name] = {layer: list(one) if name == "gone_columns" else dict(one) for layer, one in said.items()}
    if changes.not_expressed:
        head["not_expressed"] = [one.by_language() if isinstance(one, Said) else one for one in changes.not_expressed]
    opening = json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]
    lines = ",\n".join(json.dumps(_feature(one), ensure_ascii=False, allow_nan=False) for one in changes.changes)
    part.write_text(f'{opening}, "features": [\n{lines}\n]}}\n', encoding="utf-8")


def _feature(one: Change) -> dict[str, object]:
    row = {} if one.row is None else {"row": one.row}
    told = {"action": one.action, "layer": one.layer, LAYERS[one.layer].id: one.id, **row, **one.columns}
    place = None if one.geometry is None else mapping(one.geometry)
    return {"type": "Feature", "properties": told, "geometry": place}


def _crs_said(crs: pyproj.CRS | None) -> object:
    if crs is None:
        return None
    authority = crs.to_authority(min_confidence=100)
    name = f"urn:ogc:def:crs:{authority[0]}::{authority[1]}" if authority else crs.to_wkt()
    if authority and pyproj.CRS.from_user_input(name) != crs:
        name = crs.to_wkt()
    return {"type": "name", "properties": {"name": name}}


def _change(number: int, feature: object) -> Change:
    """Read a feature.

    Raises
    ------
    SchemaError
        It is no feature, or lacks what every edit has.
    """
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature" or not isinstance(properties, dict):
        raise SchemaError(in_both("set_no_feature"))
    action, layer = properties.get("action"), str(properties.get("layer"))
    if action not in ACTIONS:
        near = nearest(str(action), ACTIONS)
        raise SchemaError(in_both("set_action", found=action, known=", ".join(ACTIONS), near=near))
    if layer not in FEATURE_OF:
        near = nearest(layer, FEATURE_OF)
        raise SchemaError(in_both("set_layer", found=layer, known=", ".join(FEATURE_OF), near=near))
    column = LAYERS[layer].id
    name = properties.get(column)
    if isinstance(name, bool) or not isinstance(name, (str, int)) or not str(name).strip():
        raise SchemaError(in_both("set_id", layer=layer, column=column, found=name))
    row = properties.get("row")
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or row < 0 or action != "add"):
        raise SchemaError(in_both("set_row", found=row))
    values = {key: value for key, value in properties.items() if key not in (*_RESERVED, column)}
    return Change(
        action=action, layer=layer, id=str(name), columns=values, geometry=_shape(feature.get("geometry")), row=row,
        number=number,
    )  # fmt: skip


def _shape(said: object) -> BaseGeometry | None:
    """Read a geometry.

    Raises
    ------
    SchemaError
        It is broken.
    """
    if said is None:
        return None
    try:
        found = shape(cast("dict[str, Any]", said))
        if not found.is_empty and not shapely.get_coordinates(found).size:
            raise ValueError(said)  # noqa: TRY301 - told like what shapely says
    except (shapely.errors.ShapelyError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise SchemaError(in_both("set_shape", found=json.dumps(said)[:60])) from error
    return found


def _crs(file: Path, whole: Mapping[str, Any]) -> pyproj.CRS | None:
    """Return the CRS of the places: WGS 84 where the file says none.

    Raises
    ------
    FormatError
        The member ``crs`` names none.
    """
    if "crs" not in whole:
        return pyproj.CRS.from_epsg(4326)
    said = whole["crs"]
    if said is None:
        return None
    try:
        return pyproj.CRS.from_user_input(said["properties"]["name"])
    except (pyproj.exceptions.CRSError, LookupError, TypeError) as error:
        raise FormatError(in_both("set_crs", file=file.name, found=json.dumps(said)[:80], example=_EXAMPLE)) from error


def _by_layer(file: Path, whole: Mapping[str, Any], name: str, kind: type) -> dict[str, Any]:
    """Return what the collection says by layer.

    Raises
    ------
    FormatError
        It is not said by layer.
    """
    said = whole.get(name) or {}
    fits = isinstance(said, dict) and all(layer in FEATURE_OF and isinstance(one, kind) for layer, one in said.items())
    if not fits:
        raise FormatError(in_both("set_by_layer", file=file.name, name=name, known=", ".join(FEATURE_OF)))
    return dict(said)


def _new_columns(file: Path, whole: Mapping[str, Any]) -> dict[str, dict[str, NewColumn]]:
    said = _by_layer(file, whole, "new_columns", dict)
    return {layer: {name: _new(one) for name, one in columns.items()} for layer, columns in said.items()}


def _new(said: object) -> NewColumn:
    facts = said if isinstance(said, dict) else {"fill": said}
    return NewColumn(fill=facts.get("fill"), type=None if facts.get("type") is None else str(facts["type"]))


def _sentence(said: object) -> Said | str:
    if isinstance(said, dict):
        return Said(str(said.get("en", "")), str(said.get("zh", "")))
    return str(said)
