"""A plan of inspection as GPX 1.1: manholes as way points and the walk as a route."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from drainage.errors import CrsError
from drainage.result import Result
from drainage.spreadsheets import printable
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_file

_SPACE = "http://www.topografix.com/GPX/1/1"


@wants
def write_gpx(plan: Result, path: str | Path, *, force: bool = False) -> Path:
    """Write the openings of `plan_inspection` in the order of the walk, completely or not at all.

    Coordinates are WGS 84. Chinese maps use GCJ-02, and show them shifted unless they convert them.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or its extension is not ``.gpx``.
    CrsError
        The network is a schematic plan without geographic coordinates.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> city = dr.load_demo("2018-12-31")
    >>> net = city.clip(city.layers["neighbourhoods"].loc[["XQ03"]])
    >>> plan = dr.plan_inspection(net, budget=3)
    >>> with TemporaryDirectory() as folder:
    ...     dr.formats.write_gpx(plan, f"{folder}/walk.gpx").read_text().count("<wpt")
    3
    """
    openings = plan.places("openings")
    if openings.crs is None:
        raise CrsError(in_both("gpx_needs_degrees"))
    root = ET.Element("gpx", {"version": "1.1", "creator": "drainage", "xmlns": _SPACE})
    if plan.notice:
        meta = ET.SubElement(root, "metadata")
        ET.SubElement(meta, "desc").text = plan.notice
    texts = [
        (
            node,
            f"{row.lat:.7f}",
            f"{row.lon:.7f}",
            f"{row.visit}: {row.gain_bits:.2f} bit, p(flow) {row.flow_probability:.0%}",
        )
        for node, row in zip(openings.index, openings.itertuples(), strict=True)
    ]
    route = ET.Element("rte")
    ET.SubElement(route, "name").text = plan.question
    for name, lat, lon, said in texts:
        for parent, tag in ((root, "wpt"), (route, "rtept")):
            point = ET.SubElement(parent, tag, {"lat": lat, "lon": lon})
            ET.SubElement(point, "name").text = printable(str(name))
            ET.SubElement(point, "desc").text = said
    root.append(route)
    with replacing_file(path, ending=".gpx", force=force, provenance=plan.provenance) as part:
        part.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return Path(path)
