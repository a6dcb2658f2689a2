"""Cross-sections of SWMM: what its shapes and parameters are in ours, and the full area and radius of the others.

Formulas and constants are those of the engine (SWMM 5.2, xsect.c; Reference Manual Volume II,
EPA/600/R-17/111, chapter 5). Lengths in metres; ``y`` is the full depth, ``w``, ``p`` and ``q`` are the
second, third and fourth parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.arrays import Floats
from drainage.formats.inp.profiles import custom_section, read_profiles
from drainage.formats.inp.text.series import Tables
from drainage.formats.inp.text.tokens import InpText

#: Shape of SWMM → ours; all others are ``other``.
_SHAPES: Final = {
    "CIRCULAR": "circular",
    "FORCE_MAIN": "circular",
    "FILLED_CIRCULAR": "circular",
    "RECT_CLOSED": "rectangular",
    "RECT_OPEN": "rectangular",
    "EGG": "egg",
    "TRAPEZOIDAL": "trapezoidal",
}
#: Shapes that our own formulas measure from the sizes alone.
_OWN: Final = ("CIRCULAR", "FORCE_MAIN", "FILLED_CIRCULAR", "RECT_CLOSED")
#: Shapes of one size: area by y², hydraulic radius by y, width by y.
_OF_HEIGHT: Final = {
    "EGG": (0.5105, 0.1931, 2 / 3),
    "HORSESHOE": (0.8293, 0.2538, 1.0),
    "GOTHIC": (0.6554, 0.2269, 0.84),
    "CATENARY": (0.70277, 0.23172, 0.9),
    "SEMIELLIPTICAL": (0.785, 0.242, 1.0),
    "BASKETHANDLE": (0.7862, 0.2464, 0.944),
    "SEMICIRCULAR": (1.2697, 0.2946, 1.64),
}
#: Height and width of standard pipes by size code, inches (xsect.dat; those of a vertical ellipse are exchanged).
_ELLIPSE_IN: Final = np.array([
    [14, 19, 22, 24, 27, 29, 32, 34, 38, 43, 48, 53, 58, 63, 68, 72, 77, 82, 87, 92, 97, 106, 116],
    [23, 30, 34, 38, 42, 45, 49, 53, 60, 68, 76, 83, 91, 98, 106, 113, 121, 128, 136, 143, 151, 166, 180],
])  # fmt: skip
_ARCH_IN: Final = np.array([
    [11, 13.5, 15.5, 18, 22.5, 26.625, 31.3125, 36, 40, 45, 54, 62, 72, 77.5, 87.125, 96.875, 106.5,
     13, 15, 18, 20, 24, 29, 33, 38, 43, 47, 52, 57, 31, 36, 41, 46, 51, 55, 59, 63, 67, 71, 75, 79, 83, 87, 91,
     55, 57, 59, 61, 63, 65, 67, 69, 71, 73, 75, 77, 79, 81, 83, 85, 87, 89, 91, 93, 95, 97, 100, 101, 103, 105, 107,
     109, 111, 113, 115, 118, 119, 121,
     112, 114, 116, 118, 120, 122, 124, 126, 128, 130, 132, 134, 136, 138, 140, 142, 144, 146, 148, 150, 152, 154, 156,
     158],
    [18, 22, 26, 28.5, 36.25, 43.75, 51.125, 58.5, 65, 73, 88, 102, 115, 122, 138, 154, 168.75,
     17, 21, 24, 28, 35, 42, 49, 57, 64, 71, 77, 83, 40, 46, 53, 60, 66, 73, 81, 87, 95, 103, 112, 117, 128, 137, 142,
     73, 76, 81, 84, 87, 92, 95, 98, 103, 106, 112, 114, 117, 123, 128, 131, 137, 139, 142, 148, 150, 152, 154, 161,
     167, 169, 171, 178, 184, 186, 188, 190, 197, 199,
     159, 162, 168, 170, 173, 179, 184, 187, 190, 195, 198, 204, 206, 209, 215, 217, 223, 225, 231, 234, 236, 239, 245,
     247],
])  # fmt: skip


class Part(NamedTuple):
    """Width, full area and hydraulic radius of sections of one shape, (n,) m and m²; n is given by transects only."""

    width_m: Floats
    area_m2: Floats
    radius_m: Floats


def measure_sections(rows: pd.DataFrame, text: InpText, tables: Tables) -> pd.DataFrame:
    """Measure the cross-sections of conduits.

    Parameters
    ----------
    rows
        ``shape`` and ``geom1`` … ``geom4`` as text, ``barrels`` likewise.

    Returns
    -------
    Same index: ``shape`` (None where the engine has no such shape or it is a dummy), ``diameter_mm``, ``width_mm``,
    ``height_mm``, ``silt_share``, ``section_area_m2`` and ``section_radius_m`` (of one barrel; missing where our own
    formulas do as well), ``barrels``, ``manning_n`` (of transects and streets; else missing), ``shape_recorded``.
    """
    unit = text.units.length_m
    kind = shape_names(rows["shape"])
    sizes = rows[["geom1", "geom2", "geom3", "geom4"]].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    sizes = np.where(np.isnan(sizes), 0.0, sizes)
    y, w, p, q = (np.array(column) for column in sizes.T)
    silt = np.divide(w, y, out=np.zeros(len(y)), where=(kind == "FILLED_CIRCULAR").to_numpy() & (y > 0))
    y, w = y * unit, w * unit
    width, area, radius, manning_n = (np.full(len(rows), np.nan) for _ in range(4))
    for name, measure in _MEASURES.items():
        here = (kind == name).to_numpy()
        if here.any():
            lengths = p[here] * unit if name in {"RECT_TRIANGULAR", "RECT_ROUND", "MODBASKETHANDLE"} else p[here]
            with np.errstate(divide="ignore", invalid="ignore"):
                width[here], area[here], radius[here] = measure(y[here], w[here], lengths, q[here])
    _use_standard_sizes(kind, sizes, y, width, area, radius)
    profiles = read_profiles(text)
    for row in np.flatnonzero(kind.isin(["IRREGULAR", "STREET", "CUSTOM"])):
        if kind.iloc[row] == "CUSTOM":
            curve = tables.curve(str(rows["geom2"].iloc[row]))
            found = None if curve is None else custom_section(curve, y[row])
        else:
            found = profiles.get((str(kind.iloc[row]), str(rows["geom1"].iloc[row]).upper()))
        if found is not None:
            y[row], width[row], area[row], radius[row], manning_n[row] = found
    known = np.isfinite(width) & (width > 0) & (y > 0) & (np.isfinite(area) | kind.isin(_OWN).to_numpy())
    circular = kind.isin(["CIRCULAR", "FORCE_MAIN", "FILLED_CIRCULAR"]).to_numpy()
    barrels = pd.to_numeric(rows["barrels"], errors="coerce").fillna(1).clip(lower=1).to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            "shape": kind.map(_SHAPES).fillna("other").where(known, None).astype(object),
            "diameter_mm": np.where(known & circular, y * 1000, np.nan),
            "width_mm": np.where(known & ~circular, width * 1000, np.nan),
            "height_mm": np.where(known & ~circular, y * 1000, np.nan),
            "silt_share": np.where(silt > 0, silt, np.nan),
            "section_area_m2": np.where(known & ~kind.isin(_OWN).to_numpy(), area, np.nan),
            "section_radius_m": np.where(known & ~kind.isin(_OWN).to_numpy(), radius, np.nan),
            "barrels": np.floor(barrels).astype(np.int64),
            "manning_n": manning_n,
            "shape_recorded": rows["shape"].astype("str").str.upper().astype(object),
        },
        index=rows.index,
    )


def shape_names(words: pd.Series) -> pd.Series:
    """Return the engine's name of each shape, whose first letters decide; missing where it has none."""
    known = ["EGG", *_MEASURES, "IRREGULAR", "STREET", "CUSTOM", "DUMMY"]
    spelled = {
        word: next((name for name in known if str(word).upper().startswith(name)), None)
        for word in words.dropna().unique()
    }
    return words.map(spelled).astype(object)


def full_depth_m(rows: pd.DataFrame, text: InpText, measured: pd.DataFrame) -> Floats:
    """Return the full depth of sections as measured, or as written where links have no sizes here (orifices), m."""
    depth = (measured["height_mm"].fillna(measured["diameter_mm"]) / 1000).to_numpy()
    plain = pd.to_numeric(rows["geom1"], errors="coerce").to_numpy(dtype=np.float64) * text.units.length_m
    return np.asarray(np.nan_to_num(np.where(np.isfinite(depth), depth, plain)))


def _use_standard_sizes(kind: pd.Series, sizes: Floats, y: Floats, width: Floats, area: Floats, radius: Floats) -> None:
    """Fill in, for ellipses and arches given by a size code, the sizes that stand behind it."""
    code = np.where(sizes[:, 1] == 0, sizes[:, 0], sizes[:, 2])
    for name, inches in (("HORIZ_ELLIPSE", _ELLIPSE_IN), ("VERT_ELLIPSE", _ELLIPSE_IN[::-1]), ("ARCH", _ARCH_IN)):
        here = np.flatnonzero((kind == name).to_numpy() & (code >= 1))
        if not len(here):
            continue
        row = np.floor(code[here]).astype(np.int64) - 1
        listed = row < inches.shape[1]
        size = np.where(listed, inches[:, np.where(listed, row, 0)], np.nan) * 0.0254
        y[here] = size[0]
        width[here], area[here], radius[here] = _MEASURES[name](size[0], size[1], size[0], size[0])


def _of_height(name: str) -> Callable[..., Part]:
    area, radius, width = _OF_HEIGHT[name]
    return lambda y, *_: Part(width * y, area * y * y, radius * y)


def _rect_triangular(y: Floats, w: Floats, p: Floats, _: Floats) -> Part:
    area = w * (y - p / 2)
    return Part(w, area, area / (2 * np.hypot(p, w / 2) + 2 * (y - p) + w))


def _rect_arc(y: Floats, w: Floats, p: Floats, _: Floats) -> Part:
    """Measure a box with an arc of radius p as its bottom (rect_round) or top (modified baskethandle)."""
    r = np.maximum(p, w / 2)
    angle = 2 * np.arcsin(w / 2 / r)
    rise = r * (1 - np.cos(angle / 2))
    area = w * (y - rise) + r * r / 2 * (angle - np.sin(angle))
    return Part(w, area, area / (r * angle + 2 * (y - rise) + w))


def _trapezoidal(y: Floats, w: Floats, p: Floats, q: Floats) -> Part:
    area = y * (w + y * (p + q) / 2)
    return Part(w + y * (p + q), area, area / (w + y * (np.hypot(1, p) + np.hypot(1, q))))


def _power(y: Floats, w: Floats, p: Floats, _: Floats) -> Part:
    """Measure a channel whose width grows with depth^(1/p), its wall by 50 chords as the engine does."""
    share = np.linspace(0.0, 1.0, 51)[:, None]
    half = w / 2 * share ** (1 / p)
    wetted = 2 * np.hypot(np.diff(half, axis=0), y / 50).sum(axis=0)
    area = w * y / (1 / p + 1)
    return Part(w, area, area / wetted)


_MEASURES: Final[dict[str, Callable[..., Part]]] = {
    "CIRCULAR": lambda y, *_: Part(y, np.pi / 4 * y * y, y / 4),
    "FORCE_MAIN": lambda y, *_: Part(y, np.pi / 4 * y * y, y / 4),
    "FILLED_CIRCULAR": lambda y, *_: Part(y, np.pi / 4 * y * y, y / 4),
    "RECT_CLOSED": lambda y, w, *_: Part(w, y * w, y * w / (2 * (y + w))),
    "RECT_OPEN": lambda y, w, p, _: Part(w, y * w, y * w / ((2 - p) * y + w)),
    "RECT_TRIANGULAR": _rect_triangular,
    "RECT_ROUND": _rect_arc,
    "MODBASKETHANDLE": _rect_arc,
    "TRAPEZOIDAL": _trapezoidal,
    "TRIANGULAR": lambda y, w, *_: Part(w, y * w / 2, w / 4 / np.hypot(1, w / 2 / y)),
    "PARABOLIC": lambda y, w, *_: _power(y, w, np.full_like(y, 2.0), y),
    "POWER": _power,
    "HORIZ_ELLIPSE": lambda y, w, *_: Part(w, 1.2692 * y * y, 0.3061 * y),
    "VERT_ELLIPSE": lambda _, w, *__: Part(w, 1.2692 * w * w, 0.3061 * w),
    "ARCH": lambda y, w, *_: Part(w, 0.7879 * y * w, 0.2991 * y),
} | {name: _of_height(name) for name in _OF_HEIGHT}
