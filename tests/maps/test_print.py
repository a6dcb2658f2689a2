"""Printed, a page of the map is one sheet: the map to its frame, legend, list, scale and what must be known of it.

Truth: the PDF as poppler reads and draws it; the scale by hand from the coordinates of the pipes.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from drainage.maps.layer import Layer
from drainage.maps.page_of import page_of
from drainage.provenance import Provenance
from tests.support.on_paper import needs_poppler, pages, picture, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.support.browser import Page

PAPERS = {"A4": (8.268, 11.693), "A3": (11.693, 16.535)}
DOTS = 100  # of the picture for each inch
FRAME = (34, 34, 34)

pytestmark = [pytest.mark.long, needs_poppler]


def street_grid(*, apart_m: float = 200.0, lines: int = 41) -> gpd.GeoDataFrame:
    """Make pipes along the streets of a square town of 8 km, which reaches beyond any view that a search opens."""
    far, offsets = apart_m * (lines - 1), apart_m * np.arange(lines)
    along = [shapely.LineString([(0, y), (far, y)]) for y in offsets]
    across = [shapely.LineString([(x, 0), (x, far)]) for x in offsets]
    names = [f"P{k}" for k in range(2 * lines)]
    shapes = shapely.transform([*along, *across], lambda xy: xy + np.array([500_000, 3_710_000]))
    return gpd.GeoDataFrame({"system": "storm"}, geometry=shapes, index=pd.Index(names, name="pipe_id"), crs=4548)


def town(lang: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page of the town with ten waterlogging points in its middle."""
    monkeypatch.setenv("DRAINAGE_LANG", lang)
    pipes = street_grid()
    middle = shapely.points(504_000 + 40.0 * np.arange(10), np.full(10, 3_714_000.0))
    index = pd.Index([f"L{k}" for k in range(10)], name="point_id")
    points = gpd.GeoDataFrame({"rank": range(1, 11), "grade": "major"}, geometry=middle, index=index, crs=4548)
    layers = (
        Layer("pipes", pipes, "system", ("pipe_id",)),
        Layer("waterlogging", points, "grade", ("point_id", "rank")),
    )
    said = Provenance(
        as_of="2018-12-31", engine="screening", source=("town.geojson",), made_at="2024-07-01T08:00:00+08:00"
    )
    return page_of(layers, title="waterlogging", notice="restricted", provenance=said).html


def printed(page: Page, folder: Path, paper: str = "A4", *, landscape: bool = True) -> Path:
    width, height = PAPERS[paper]
    pdf = page.send("Page.printToPDF", landscape=landscape, paperWidth=width, paperHeight=height)["data"]
    (folder / "map.pdf").write_bytes(base64.b64decode(pdf))
    return folder / "map.pdf"


def frame_of(sheet: NDArray[np.int_]) -> tuple[slice, slice]:
    """Return the rows and columns within the frame of the map: between the longest dark lines across and down."""
    dark = (np.abs(sheet - FRAME) < 40).all(axis=2)
    across, down = dark.sum(axis=1), dark.sum(axis=0)
    rows, columns = np.flatnonzero(across > 0.9 * across.max()), np.flatnonzero(down > 0.9 * down.max())
    return slice(rows[0] + 3, rows[-1] - 2), slice(columns[0] + 3, columns[-1] - 2)


def inside_frame(sheet: NDArray[np.int_]) -> NDArray[np.int_]:
    return sheet[frame_of(sheet)]


def untick(page: Page, layer: str) -> None:
    page.wait("document.body.dataset.desk === 'ready'")
    page.click("[data-act=layers]")
    page.click(f"[data-layer={layer}]")
    page.press("Escape", 27)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("landscape", [True, False])
def test_what_is_seen_fills_the_frame_of_one_sheet(
    show: Any,  # noqa: ANN401 - as the fixture is
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    paper: str,
    landscape: bool,  # noqa: FBT001 - a parameter
) -> None:
    page = show(town("en", monkeypatch))
    page.wait("document.body.dataset.desk === 'ready'")
    page.run("document.querySelector('.dr-row').click()")  # so the map shows the middle of the town
    pdf = printed(page, tmp_path, paper, landscape=landscape)
    assert pages(pdf) == 1
    sheet = picture(pdf, dots=DOTS)
    assert (sheet.shape[1] > sheet.shape[0]) == landscape
    within = inside_frame(sheet)
    assert min(within.shape[:2]) > 0.55 * min(sheet.shape[:2])
    ink = within.min(axis=2) < 200
    for edge in (ink[:4], ink[-4:], ink[:, :4], ink[:, -4:]):
        assert edge.any()
    assert page.run("document.getElementById('dr-sheet')") is None


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("Waterlogging", "restricted", "as of 2018-12-31", "town.geojson", "storm (82)", "waterlogging points",
                "seen on the screen: 10", "L9", "scale on paper about 1:", "printed 20")),
        ("zh", ("易积水点", "restricted", "2018-12-31", "town.geojson", "雨水管 (82)", "重 (10)",
                "屏幕所见 10", "L9", "图上比例尺约 1:", "打印日期 20", "北")),
    ],
)  # fmt: skip
def test_sheet_says_what_is_shown_and_where_it_comes_from(
    show: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    texts: tuple[str, ...],
) -> None:
    page = show(town(lang, monkeypatch))
    said = text(printed(page, tmp_path))
    assert [part for part in texts if part not in said] == []
    controls = page.run("[...document.querySelectorAll('#dr-tools button')].map((one) => one.textContent)")
    assert len(controls) == 3
    assert [part for part in (*controls, "Leaflet") if part in said] == []


def test_unticked_layers_are_not_in_the_legend(show: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    page = show(town("en", monkeypatch))
    untick(page, "waterlogging")
    said = text(printed(page, tmp_path))
    assert "storm (82)" in said
    assert "L9" not in said
    assert "major" not in said


@pytest.mark.parametrize("landscape", [True, False])
def test_scale_is_true_on_paper(
    show: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    landscape: bool,  # noqa: FBT001
) -> None:
    """Streets lie 200 m apart: on paper they are measured from the first to the last column that is blue.

    The bar is measured along its dark rim.
    """
    page = show(town("en", monkeypatch))
    untick(page, "waterlogging")
    pdf = printed(page, tmp_path, landscape=landscape)
    sheet = picture(pdf, dots=DOTS)
    within = inside_frame(sheet)
    blue = (np.abs(within - [0x00, 0x72, 0xB2]) < 60).all(axis=2)
    streets = np.flatnonzero(blue.sum(axis=0) > 0.4 * blue.sum(axis=0).max())
    dots_per_m = (streets[-1] - streets[0]) / 8000
    assert streets[0] + streets[-1] == pytest.approx(within.shape[1], abs=6)
    said = re.search(r"(\d+) (k?m) +scale on paper about 1:(\d+)", text(pdf))
    assert said
    assert int(said[3]) == pytest.approx(DOTS / 0.0254 / dots_per_m, rel=0.03)
    bar_m = int(said[1]) * (1000 if said[2] == "km" else 1)
    assert _longest_dark(sheet[frame_of(sheet)[0].stop + 5 :]) == pytest.approx(bar_m * dots_per_m, rel=0.02)


def _longest_dark(part: NDArray[np.int_]) -> int:
    rows = ["".join("x" if dark else " " for dark in row) for row in part.max(axis=2) < 120]
    return max(len(run) for row in rows for run in row.split(" "))
