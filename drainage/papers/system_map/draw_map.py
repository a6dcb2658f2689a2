"""System maps as drawings: `plot_map`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, cast, get_args

import numpy as np
import pandas as pd
import shapely

from drainage.errors import SchemaError
from drainage.network import DrainageNetwork
from drainage.papers.drawn.foot import draw_frame
from drainage.papers.drawn.paper import Paper, about_letters
from drainage.papers.drawn.sheets import FRAME_MM, INK, Sheet
from drainage.papers.sayings import first_names
from drainage.papers.system_map.index_sheet import draw_index, name_neighbours
from drainage.papers.system_map.label_field import Field
from drainage.papers.system_map.map_content import (
    LEVEL_SCALE,
    LeftOut,
    SystemMap,
    about_outfalls,
    bounds_of,
    nodes_of,
    pipes_of,
    points_of,
    roads_of,
    runs_of,
    waters_of,
)
from drainage.papers.system_map.map_ground import draw_grid, draw_roads, draw_waters, name_roads, name_waters
from drainage.papers.system_map.map_notes import title_of_map
from drainage.papers.system_map.map_panel import draw_figure_keys, draw_panel
from drainage.papers.system_map.map_scales import Layout, Orientation, Tile, cut_into_tiles
from drainage.papers.system_map.map_window import Window
from drainage.papers.system_map.node_signs import draw_nodes, draw_points, name_nodes, write_ids
from drainage.papers.system_map.pipe_lines import draw_arrows, draw_pipes, write_sizes
from drainage.provenance import Provenance
from drainage.result import Result
from drainage.said import Language, Said
from drainage.wants import wants
from drainage.words import in_both, language

_MOST_NAMES: Final = 12


def _silent(_: float) -> None:
    """Take the share that is done."""


@wants
def plot_map(
    net: DrainageNetwork, *, size: str | None = None, scale: int | None = None, orientation: str | None = None,
    public: bool = False, waterlogging: Result | None = None, bare: bool = False, project: str = "",
    lang: str | None = None, progress: Callable[[float], None] = _silent,
) -> Paper:  # fmt: skip
    """Draw the system map of a network: pipes of all systems, waterways, roads, outfalls, plants and stations.

    Pipes are drawn where they were surveyed, their width by the class of their size. Names of roads stand along them;
    sizes, from 1:2500 on manholes and ids, from 1:1000 on levels, stand where there is room. What finds no place is
    said in the notes and in `Paper.remarks`.

    Parameters
    ----------
    net
        A network; by `DrainageNetwork.as_of` that of a day.
    size
        ``A0`` to ``A4``; None: the smallest on which the whole is at 1:5000 or larger, else at 1:10000, and so on; of a
        bare map A4.
    scale
        Denominator; None: the first of a round list at which the whole fits one sheet. A network that does not fit at
        the scale that is given is cut into several sheets, and an index sheet comes first.
    orientation
        ``landscape`` or ``portrait``; None: that of the larger scale, or of fewer sheets; of a bare map
        portrait, as the pages of a report.
    public
        Without ids, levels, sizes and coordinates.
    waterlogging
        The answer of `find_waterlogging`: its points are drawn by their grade, with a table of them.
    bare
        A figure for a report, as wide as the text of its page: without frame, title block and notes.
    project
        Name for the title block; by default that of the source, if this is a single file.
    lang
        ``zh`` or ``en``; None: the language of the reader.
    progress
        Takes the share that is done, 0-1.

    Returns
    -------
    Paper
        `Paper.save` writes ``.pdf``, ``.png``, ``.svg`` or ``.dxf``; `Paper.content` is the `SystemMap`.

    Raises
    ------
    SchemaError
        An unknown size or orientation; a scale that is not positive, at which the network is a dot, or that would take
        more than 120 sheets.
    NotKnownError
        No pipe has a line.
    FormatError
        matplotlib, by whose letters texts are measured, is not installed: it comes with the extra ``papers``.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.papers.plot_map(dr.load_demo("2018-12-31"), size="A4", bare=True, lang="en").content.scale
    40000
    """
    chosen = language(lang)
    if orientation not in (None, *get_args(Orientation)):
        raise SchemaError(in_both("map_orientation", value=orientation))
    content = lay_out_map(net, size=size, scale=scale, orientation=cast("Orientation | None", orientation),
                          public=public, waterlogging=waterlogging, framed=not bare)  # fmt: skip
    return draw_map(content, project=project, lang=chosen, progress=progress)


def lay_out_map(
    net: DrainageNetwork, *, size: str | None, scale: int | None, orientation: Orientation | None, public: bool,
    waterlogging: Result | None, framed: bool,
) -> SystemMap:  # fmt: skip
    """Return what a system map shows, and on which sheets, before it is drawn; see `plot_map`."""
    pipes, remarks = pipes_of(net)
    roads, from_pipes = roads_of(net, pipes)
    nodes, waters = nodes_of(net), waters_of(net)
    points = points_of(None if waterlogging is None else waterlogging.tables["points"])
    cutting = cut_into_tiles(bounds_of(pipes, nodes), pipes["line"].to_numpy(), size=size, scale=scale,
                             orientation=orientation, framed=framed, schematic=net.crs is None)  # fmt: skip
    ground = shapely.union_all([shapely.box(*tile.bounds) for tile in cutting.tiles])
    seen = shapely.intersects(ground, roads["line"].to_numpy())
    inside = set(roads["road"][seen])
    outside = tuple(dict.fromkeys(name for name in roads["road"] if name and name not in inside))
    cut = shapely.intersects(ground, waters["shape"].to_numpy())
    lost = [name or "–" for name in waters["name"][~cut]]
    remarks += [in_both("map_roads_outside", count=len(outside), names=_some(outside))] if outside else []
    remarks += [in_both("map_waters_outside", count=len(lost), names=_some(dict.fromkeys(lost)))] if lost else []
    remarks += about_outfalls(nodes)
    remarks += [in_both("map_schematic")] if net.crs is None else []
    beside = ~shapely.intersects_xy(ground, points["x"].to_numpy(np.float64), points["y"].to_numpy(np.float64))
    if beside.any():
        names = points["point_id"][beside]
        remarks.append(in_both("map_points_outside", count=len(names), names=_some(names)))
    asked = None if waterlogging is None else waterlogging.provenance
    provenance = Provenance.of(net) if asked is None else asked
    return SystemMap(
        net,
        provenance,
        pipes,
        roads,
        from_pipes,
        waters,
        nodes,
        points[~beside],
        cutting,
        public,
        outside,
        {},
        tuple(remarks),
    )


def draw_map(
    content: SystemMap, *, project: str = "", lang: Language = "en", progress: Callable[[float], None] = _silent
) -> Paper:
    """Draw a system map that was laid out; see `plot_map`."""
    tiles, sheets, lost = content.cutting.tiles, list[Sheet](), dict[int, LeftOut]()
    runs = runs_of(content.pipes)
    for tile in tiles:
        sheet, lost[tile.number] = _draw_sheet(content, tile, runs, project, lang)
        sheets.append(sheet)
        progress(tile.number / (len(tiles) + 1))
    content = replace(content, left_out=lost)
    if len(tiles) > 1:
        sheets.insert(0, draw_index(content, project, lang))
    progress(1.0)
    remarks = (*content.remarks, *_about_names(content), *about_letters(sheets))
    return Paper(tuple(sheets), content, content.provenance, remarks)


def _draw_sheet(
    content: SystemMap, tile: Tile, runs: pd.DataFrame, project: str, lang: Language
) -> tuple[Sheet, LeftOut]:
    """Draw one sheet, and return what has no place on it."""
    layout, count = content.cutting.layout, len(content.cutting.tiles)
    title = title_of_map(content, lang)
    sheet = Sheet(layout.wide_mm, layout.tall_mm, title if count == 1 else f"{title} {tile.number}/{count}")
    window = window_on(sheet, layout, tile, content.scale)
    step = np.nan
    if not content.schematic and layout.framed:
        step = draw_grid(window, labelled=not content.public)
    if count > 1:
        name_neighbours(window, content, tile, lang)
    lost = _draw_ground(window, content, runs, lang)
    sheet.box(layout.map, None, INK, FRAME_MM if layout.framed else 0.25, z=9.5, layer="FRAME")
    if layout.framed:
        draw_frame(sheet, layout.frame)
        draw_panel(sheet, content, (tile.number, count), lost, step, project, lang)
    else:
        draw_figure_keys(sheet, content, lang)
    return sheet, lost


def window_on(sheet: Sheet, layout: Layout, tile: Tile, scale: int) -> Window:
    """Return the window of a sheet on its ground."""
    return Window(sheet, layout.map, tile.bounds, scale, layout.letters, layout.lines, Field(layout.map))


def _draw_ground(window: Window, content: SystemMap, runs: pd.DataFrame, lang: Language) -> LeftOut:
    """Draw what the window shows: first what must stand where it is, then what finds a place."""
    draw_waters(window, content.waters)
    if not content.from_pipes:
        draw_roads(window, content.roads)
    draw_pipes(window, content.pipes)
    detailed = content.detailed(window.scale)
    draw_nodes(window, content.nodes, detailed=detailed)
    points = draw_points(window, content.points)
    draw_arrows(window, runs)
    name_nodes(window, content.nodes, lang)
    roads = name_roads(window, content.roads)
    name_waters(window, content.waters)
    ids = 0
    if not content.public:
        levels = not content.schematic and window.scale <= LEVEL_SCALE
        ids = write_ids(window, content.nodes, levels=levels) if detailed else 0
        write_sizes(window, runs)
    return LeftOut(tuple(map(str, roads.index[roads["written"] == 0])), tuple(points), ids)


def _about_names(content: SystemMap) -> list[Said]:
    """Name the roads that have no name on a sheet on which they lie, and count the ids."""
    several, said = len(content.cutting.tiles) > 1, []
    for sheet, lost in content.left_out.items():
        if lost.roads:
            told = {"count": len(lost.roads), "names": _some(lost.roads)}
            said.append(in_both("map_roads_unnamed_on", sheet=sheet, **told) if several
                        else in_both("map_roads_unnamed", **told))  # fmt: skip
        if lost.points:
            said.append(in_both("map_points_unwritten", sheet=sheet, names=_some(lost.points)))
    ids = sum(lost.ids for lost in content.left_out.values())
    return [*said, *([in_both("map_ids_unwritten", count=ids)] if ids else [])]


def _some(names: Iterable[str]) -> Said:
    return first_names(names, _MOST_NAMES)
