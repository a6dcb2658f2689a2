"""Long sections as drawings: `plot_section`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from drainage.errors import SchemaError
from drainage.network import DrainageNetwork
from drainage.papers.drawn.foot import draw_frame, draw_legend, draw_notes, draw_title, draw_title_block
from drainage.papers.drawn.paper import Paper, about_letters
from drainage.papers.drawn.sheets import THIN_MM, Box, Sheet
from drainage.papers.rain_words import rains
from drainage.papers.sayings import saying
from drainage.papers.sections.band import draw_band
from drainage.papers.sections.crossing_marks import draw_crossings, name_crossings
from drainage.papers.sections.elevation import OTHERS, draw_elevation, name_pipes
from drainage.papers.sections.floods import name_floods, name_grade_lines
from drainage.papers.sections.legend import keys_of
from drainage.papers.sections.long_section import LongSection, trace_section
from drainage.papers.sections.scales import FOOT_MM, FRAME, LEAST_EXAGGERATION, TALL_MM, WIDE_MM, Piece, cut_into_pieces
from drainage.papers.title_words import day_of_state, project_of
from drainage.result import Result
from drainage.said import Said, in_language, joined
from drainage.simulation.state import FlowState
from drainage.wants import wants
from drainage.words import code, in_both, language

if TYPE_CHECKING:
    from drainage.said import Language

#: More storms than there are looks of grade lines are not drawn on one sheet.
MOST_STORMS: Final = len(OTHERS) + 1
_MOST_ROADS: Final = 4
_BLOCK_MM: Final = 140.0
_LEGEND_MM: Final = 108.0


@wants
def plot_section(  # noqa: PLR0913 - of a way, storms, scales and words
    net: DrainageNetwork, start: str, end: str, *, via: Sequence[str] = (),
    state: FlowState | Sequence[FlowState] = (), at_min: Sequence[float] = (), waterlogging: Result | None = None,
    against_flow: bool = False, wall_share: float = 0.1, along: int | None = None, up: int | None = None,
    project: str = "", lang: str | None = None,
) -> Paper:  # fmt: skip
    """Draw a long section along the shortest way between two nodes, as sheets of A3.

    Shown are the ground, straight between nodes, pipes with their walls and nominal manholes, the grade line of each
    storm, manholes that overflow, other pipes that cross with their clear distance, and a band of values: levels,
    depths, overflow, sizes, slopes, lengths, chainage, ids and roads. What is not known stays a gap and is said in
    the notes; levels that were filled in are in brackets.

    Parameters
    ----------
    net, start, end, via, state, at_min, waterlogging, against_flow, wall_share
        As in `trace_section`, which returns the same as numbers.
    along, up
        Denominators of the scales along the way and upwards; None: the first of 1:500, 1:1000 and 1:2000 at which the
        whole fits one sheet, else 1:1000 on several, and the first of 1:50, 1:100, 1:200 … that holds all levels.
    project
        Name for the title block; by default that of the source, if this is a single file.
    lang
        ``zh`` or ``en``; None: the language of the reader.

    Returns
    -------
    Paper
        `Paper.save` writes ``.pdf``, ``.png``, ``.svg`` or ``.dxf``; `Paper.content` is the `LongSection`.

    Raises
    ------
    TopologyError, SchemaError
        As `trace_section`; a scale at which a pipe or the levels do not fit a sheet; more than five storms.
    NotKnownError
        No level is known along the whole way.
    FormatError
        matplotlib, by whose letters texts are measured, is not installed: it comes with the extra ``papers``.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.papers.plot_section(dr.load_demo("2018-12-31"), "YS1400", "YS1404", lang="en")
    <Paper: 1 of 420 × 297 mm, Long section of storm drain YS1400 — YS1404>
    """
    chosen = language(lang)
    section = trace_section(
        net, start, end, via=via, state=state, at_min=at_min, waterlogging=waterlogging, against_flow=against_flow,
        wall_share=wall_share,
    )  # fmt: skip
    if len(section.grade_lines) > MOST_STORMS:
        raise SchemaError(in_both("section_many_storms", count=len(section.grade_lines), most=MOST_STORMS))
    return draw_section(section, along=along, up=up, project=project, lang=chosen)


@wants
def draw_section(
    section: LongSection, *, along: int | None = None, up: int | None = None, project: str = "", lang: Language = "en"
) -> Paper:
    """Draw the numbers of a long section; see `plot_section`.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo("2018-12-31").upstream_of("YS1043")
    >>> paper = dr.papers.draw_section(dr.papers.trace_section(net, "YS1039", "YS1043"))
    >>> len(paper.sheets), round(paper.content.length_m, 1)
    (1, 194.2)
    """
    pieces = cut_into_pieces(section, lang, along=along, up=up)
    remarks = [*section.remarks, *_about_scales(section, pieces[0])]
    sheets = []
    for number, piece in enumerate(pieces):
        sheet, said = _draw_sheet(section, piece, (number + 1, len(pieces)), project, lang)
        sheets.append(sheet)
        remarks += said
    return Paper(tuple(sheets), section, section.provenance, (*remarks, *about_letters(sheets)))


def _about_scales(section: LongSection, piece: Piece) -> list[Said]:
    """Say that levels are hardly drawn taller than the way is long, where they are not."""
    times = piece.along / piece.up
    if times >= LEAST_EXAGGERATION:
        return []
    return [in_both("section_flat", times=times, length_m=section.length_m)]


def title_of(section: LongSection, lang: Language) -> str:
    """Return the title of a section: of which system it is, or of several."""
    systems = set(section.pipes["system"])
    one = next(iter(systems)) if len(systems) == 1 else ""
    known = one if one in {"storm", "sewage", "combined", "reclaimed"} else "any"
    return saying(f"title_{known}", lang)


def _draw_sheet(
    section: LongSection, piece: Piece, number: tuple[int, int], project: str, lang: Language
) -> tuple[Sheet, list[Said]]:
    """Draw one sheet, and say what does not stand on it."""
    title = title_of(section, lang)
    ends = section.stations["node_id"].iloc[[0, -1]]
    sheet = Sheet(WIDE_MM, TALL_MM, f"{title} {ends.iloc[0]} — {ends.iloc[1]}")
    draw_frame(sheet, FRAME)
    scale = saying("scales", lang, along=piece.along, up=piece.up, times=piece.along / piece.up)
    draw_title(sheet, FRAME, title, [_between(section, piece, number, lang), scale])
    labels = draw_elevation(sheet, section, piece, lang)
    marks = draw_crossings(sheet, section, piece, labels)
    name_pipes(sheet, section, piece, labels)
    unsaid = name_crossings(sheet, marks, labels, lang)
    name_grade_lines(sheet, section, piece, labels, lang)
    name_floods(sheet, section, piece, labels, lang)
    draw_band(sheet, piece.band, FRAME.left, FRAME.right, piece.band_top_mm)
    said = [
        in_both(key, count=len(ids), ids=", ".join(ids[:4]) + (" …" if len(ids) > 4 else ""), sheet=number[0])
        for key, ids in (("section_crossings_unknown", marks.unknown), ("section_crossings_unsaid", unsaid))
        if ids
    ]
    _draw_foot(sheet, section, piece, (title, project, number),
               [*section.remarks, *_about_scales(section, piece), *said], lang)  # fmt: skip
    return sheet, said


def _between(section: LongSection, piece: Piece, number: tuple[int, int], lang: Language) -> str:
    """Return what is drawn: from where to where, along which roads, and on which of several sheets."""
    pipes, names = section.pipes.iloc[piece.first : piece.last], section.stations["node_id"]
    roads = [road for road in dict.fromkeys(pipes["road"]) if road]
    told = str(in_language(joined(roads[:_MOST_ROADS], ", "), lang)) + (" …" if len(roads) > _MOST_ROADS else "")
    said = saying("between", lang, start=names.iloc[piece.first], end=names.iloc[piece.last])
    said += saying("along_roads", lang, roads=told) if roads else ""
    return said + (saying("of_sheets", lang, sheet=number[0], sheets=number[1]) if number[1] > 1 else "")


def _draw_foot(
    sheet: Sheet, section: LongSection, piece: Piece, named: tuple[str, str, tuple[int, int]], remarks: Sequence[Said],
    lang: Language,
) -> None:  # fmt: skip
    """Draw legend, notes and title block below the band."""
    title, project, number = named
    high, net = FRAME.low + FOOT_MM, section.network
    block = FRAME.right - _BLOCK_MM
    notes = FRAME.left + _LEGEND_MM
    draw_legend(sheet, Box(FRAME.left + 4.0, FRAME.low + 1.0, notes - 2.0, high), saying("legend", lang),
                keys_of(section, piece, lang))  # fmt: skip
    sheet.line([(notes, FRAME.low), (notes, high)], THIN_MM, z=5, layer="BLOCK")
    said = [*_notes(section, lang), *(_sentence(remark, lang) for remark in remarks)]
    room = Box(notes + 3.0, FRAME.low + 1.0, block - 2.0, high)
    draw_notes(sheet, room, saying("notes", lang), said, lambda count: saying("more_notes", lang, count=count))
    provenance = section.provenance
    cells = [
        (saying("drawing_number", lang), f"{number[0]} / {number[1]}"),
        (saying("scale", lang), saying("two_scales", lang, along=piece.along, up=piece.up)),
        (saying("state_of", lang), day_of_state(net, lang)),
        *((saying(key, lang), "") for key in ("drawn_by", "checked_by", "approved_by")),
    ]
    notice = str(in_language(in_both("made_up_city"), lang)) if provenance.notice else ""
    named_by = project_of(provenance, project)
    draw_title_block(sheet, Box(block, FRAME.low, FRAME.right, high), project=named_by, title=title, cells=cells,
                     notice=notice)  # fmt: skip


def _notes(section: LongSection, lang: Language) -> list[str]:
    """Return what the reader of the drawing must know of it."""
    notes = [saying("note_units", lang)]
    if section.grade_lines:
        highest = [line for line in section.grade_lines if line.at_min is None]
        engines = dict.fromkeys(line.state.method for line in highest)
        told = [code("engine", one, lang) or one for one in engines]
        notes.append(
            saying(
                "note_levels",
                lang,
                engine=joined(told, ", "),
                rain=rains(((line.name, line.state.storm) for line in highest), lang),
            )
        )
    if any(line.at_min is not None for line in section.grade_lines):
        notes.append(saying("note_levels_at", lang))
    if len(section.points):
        notes.append(saying("note_ponding", lang))
    notes.append(saying("note_walls", lang, wall_pct=100.0 * section.wall_share))
    if len(section.crossings):
        notes.append(saying("note_crossings", lang))
    return notes


def _sentence(said: Said, lang: Language) -> str:
    text = str(in_language(said, lang))
    return text[:1].upper() + text[1:] + ("。" if lang == "zh" else ".")
