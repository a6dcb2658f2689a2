"""What the reader of a system map must know of it: notice, coordinates, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

from drainage.network import DrainageNetwork
from drainage.papers.sayings import first_names, saying
from drainage.papers.system_map.map_content import LeftOut, SystemMap, lying_together
from drainage.papers.system_map.map_keys import length_text
from drainage.papers.title_words import is_dated
from drainage.said import Language, in_language, joined
from drainage.words import code, in_both

if TYPE_CHECKING:
    from pyproj import CRS

_MOST_NAMES: Final = 30
#: How EPSG names the zones of CGCS2000: those of six degrees without their width.
_CGCS_ZONE: Final = re.compile(r"CGCS2000 / (?:(3)-degree )?Gauss-Kruger ")
#: What is said of the rain, as far as it is known: an observed one has no return period.
_RAIN: Final = ("return_period_a", "duration_min", "depth_mm")


def notice_of(content: SystemMap, lang: Language) -> str:
    """Return the line in red: that the data are made up, and that positions of pipes are restricted."""
    told = [in_both("made_up_city")] if content.network.synthetic else []
    return str(in_language(joined([*told, in_both("map_restricted")], " · "), lang))


def title_of_map(content: SystemMap, lang: Language) -> str:
    """Return the title of a map; of storm and sewage water it speaks only where any system is known."""
    known = (content.pipes["system"] != "unknown").any()
    return saying("map_title" if known else "map_title_any", lang)


def crs_text(content: SystemMap, lang: Language, *, short: bool = False) -> str:
    """Return the coordinate system by its name and number; the public version does not say it."""
    crs = content.network.crs
    if crs is None or content.public:
        return "–"
    authority = crs.to_authority()
    number = ":".join(authority) if authority else ""
    if short:
        return number or str(crs.name)
    name = _name_of(crs, lang)
    return f"{name} ({number})" if number else name


def _name_of(crs: CRS, lang: Language) -> str:
    """Return the name of a coordinate system: in Chinese, of the zones of CGCS2000, as Chinese offices write it."""
    zone = _CGCS_ZONE.match(crs.name)
    if zone is None or crs.coordinate_operation is None:
        return str(crs.name)
    meridian = {one.name: one.value for one in crs.coordinate_operation.params}["Longitude of natural origin"]
    return saying("map_crs_cgcs", lang, name=crs.name, degrees=zone[1] or "6", meridian=meridian)


def notes_of(content: SystemMap, lost: LeftOut, scale: int, lang: Language, *, index: bool = False) -> list[str]:
    """Return the notes of a sheet.

    Parameters
    ----------
    lost
        What has no place on it.
    scale
        Denominator of the scale of this sheet.
    """
    net = content.network
    notes = [saying("map_note_synthetic", lang)] if net.synthetic else []
    notes.append(saying("map_note_restricted", lang))
    if content.public:
        notes.append(saying("map_note_public", lang))
    notes.append(_about_days(net, lang))
    notes.append(saying("map_note_widths", lang))
    if not content.schematic:
        notes += _together(content, scale, lang)
        notes += [] if content.public else [saying("map_note_crs", lang, crs=crs_text(content, lang))]
    if any(shape.geom_type.endswith("LineString") for shape in content.waters["shape"]):
        notes.append(saying("map_note_water", lang))
    if content.from_pipes and len(content.roads):
        notes.append(saying("map_note_roads", lang))
    if len(content.points):
        notes.append(_about_points(content, lang))
    if lost.roads:
        notes.append(saying("map_note_left_out", lang, count=len(lost.roads), names=_named(lost.roads, lang)))
    if lost.points:
        notes.append(saying("map_note_points_unnumbered", lang, points=_named(lost.points, lang)))
    if lost.ids:
        notes.append(saying("map_note_ids", lang, count=lost.ids))
    if index:
        notes.append(saying("map_note_index", lang, count=len(content.cutting.tiles), scale=content.scale))
    return [*notes, *(_sentence(str(in_language(remark, lang)), lang) for remark in content.remarks)]


def _about_days(net: DrainageNetwork, lang: Language) -> str:
    """Say of which day the pipes are."""
    if not is_dated(net):
        return saying("map_note_undated", lang)
    day = net.origin.as_of
    return saying("map_note_state", lang, day=day) if day else saying("map_note_history", lang)


def _about_points(content: SystemMap, lang: Language) -> str:
    """Say in which storm, and by which engine, water stands at the points."""
    provenance = content.provenance
    storm = dict(provenance.storm or {})
    known = {name: value for name in _RAIN if isinstance(value := storm.get(name), int | float) and np.isfinite(value)}
    told = [in_both(f"map_rain_{name}", value=value) for name, value in known.items()]
    engine = code("engine", str(provenance.engine), lang) or provenance.engine
    return saying("map_note_points", lang, engine=engine, rain=joined(told, ", ") if told else "–")


def _together(content: SystemMap, scale: int, lang: Language) -> list[str]:
    """Say that pipes are not moved apart, and how many of them touch one of another system."""
    touching = lying_together(content.pipes, scale, content.cutting.layout.lines)
    count = int(touching.sum())
    length = length_text(float(content.pipes["length_m"].to_numpy()[touching].sum()))
    if not count:
        return [saying("map_note_places", lang)]
    return [saying("map_note_together", lang, count=count, length=length)]


def _named(names: Iterable[str], lang: Language) -> str:
    return str(in_language(first_names(names, _MOST_NAMES), lang))


def _sentence(text: str, lang: Language) -> str:
    return text[:1].upper() + text[1:] + ("。" if lang == "zh" else ".")
