"""Our cross-sections as those of SWMM: which shape, which parameters, and how far silt raises the bed."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools, Floats
from drainage.measures import MOST_SILT_SHARE
from drainage.schema.columns import column_of

#: A pipe full of silt counts as filled to this share: the engine knows no section without an opening.
#: Width by height of the engine's egg, and how far another may be off and still be one.
EGG_RATIO: Final = 2.0 / 3.0
EGG_TOLERANCE: Final = 0.01


class Sections(NamedTuple):
    """Rows of [XSECTIONS] in metres.

    Parameters
    ----------
    rows
        Index of the pipes: ``shape``, ``geom1`` … ``geom4`` as tokens, ``barrels``.
    bed_m
        (n,) how far the written section stands above the invert, because silt fills what is below. A filled circle
        stays on its invert: the engine raises it itself.
    known
        (n,) the sizes say what the section is.
    ellipses
        (n,) name of the curve of a rounded section that the engine has no shape for, else empty.
    """

    rows: pd.DataFrame
    bed_m: Floats
    known: Bools
    ellipses: NDArray[np.object_]


def section_rows(pipes: pd.DataFrame) -> Sections:
    """Write sections as they are measured (`drainage.hydraulics.manning.pipe_sections`).

    Boxes and trapezoids of unknown side slope are boxes; eggs are the engine's where width : height is 2 : 3,
    horseshoes where it is 1 : 1, and arches always; other rounded sections are ellipses; what has only a diameter is a
    circle. Silt fills a circle; a box stands on its silt and is so much lower, and so is an ellipse, whatever it was.

    Parameters
    ----------
    pipes
        Index ``pipe_id``: ``shape``, ``diameter_mm``, ``width_mm``, ``height_mm``, and ``silt_share`` and ``barrels``
        where there are any.
    """
    shape = pipes["shape"].fillna("circular").to_numpy(dtype=object)
    diameter, width, height = (
        pipes[f"{name}_mm"].to_numpy(dtype=np.float64) / 1000.0 for name in ("diameter", "width", "height")
    )
    silt = column_of(pipes, "silt_share", 0.0).clip(0.0, MOST_SILT_SHARE)
    boxed = np.isfinite(width) & np.isfinite(height) & (width > 0) & (height > 0)
    circle = np.isfinite(diameter) & (diameter > 0) & ((shape == "circular") | ~boxed)
    box = boxed & ~circle & np.isin(shape, ["rectangular", "trapezoidal"])
    rounded = boxed & ~circle & ~box
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(boxed, width / (height * (1.0 - silt)), np.nan)
    egg = rounded & (shape == "egg") & (silt == 0) & (np.abs(ratio - EGG_RATIO) < EGG_TOLERANCE * EGG_RATIO)
    shoe = rounded & (shape == "horseshoe") & (silt == 0) & (np.abs(ratio - 1.0) < EGG_TOLERANCE)
    arch = rounded & (shape == "arch") & (silt == 0)
    ellipse = rounded & ~egg & ~shoe & ~arch
    open_height = height * (1.0 - silt)
    names = np.array([f"ellipse_{r:.3f}" if e else "" for e, r in zip(ellipse, ratio, strict=True)], dtype=object)
    rows = pd.DataFrame(
        {
            "shape": np.select(
                [circle & (silt > 0), circle, box, egg, shoe, arch, ellipse],
                ["FILLED_CIRCULAR", "CIRCULAR", "RECT_CLOSED", "EGG", "HORSESHOE", "ARCH", "CUSTOM"],
                "DUMMY",
            ).astype(object),
            "geom1": tokens(np.select([circle, boxed], [diameter, open_height], 0.0)),
            "geom2": tokens(np.select([circle, box | arch], [diameter * silt, width], 0.0)),
            "geom3": "0",
            "geom4": "0",
            "barrels": column_of(pipes, "barrels", 1.0).clip(1.0).astype(np.int64),
        },
        index=pipes.index,
    )
    rows["geom2"] = np.where(ellipse, names, rows["geom2"])
    bed_m = np.where((box | ellipse) & (silt > 0), height * silt, 0.0)
    return Sections(rows, bed_m, circle | boxed, names)


def ellipse_rows(names: NDArray[np.object_]) -> pd.DataFrame:
    """Write the curves of ellipses for [CURVES]: width by depth, both by the full depth, at 21 depths."""
    depth = (1.0 - np.cos(np.linspace(0.0, np.pi, 21))) / 2.0
    parts = []
    for name in dict.fromkeys(name for name in names if name):
        share = float(str(name).rpartition("_")[2]) * 2.0 * np.sqrt(depth * (1.0 - depth))
        kind = ["Shape", *[""] * 20]
        parts.append(pd.DataFrame({"name": name, "type": kind, "depth": tokens(depth), "width": tokens(share)}))
    empty = pd.DataFrame(columns=["name", "type", "depth", "width"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def tokens(values: Floats) -> NDArray[np.object_]:
    """Write numbers as tokens, as short as they are; what is missing is ``*``, by which the engine means its default.

    Decimals: 6, a micrometre of levels.
    """
    rounded = np.round(np.asarray(values, dtype=np.float64), 6) + 0.0
    return np.array(["*" if np.isnan(value) else _short(value) for value in rounded.tolist()], dtype=object)


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6f}".rstrip("0")
