"""Sections given by points: surveyed transects, streets and closed shapes of a curve, measured full.

As the engine does it (SWMM 5.2, transect.c, shape.c), in metres.
"""

from __future__ import annotations

import numpy as np

from drainage.arrays import Floats
from drainage.formats.inp.text.tokens import InpText


def read_profiles(text: InpText) -> dict[tuple[str, str], tuple[float, float, float, float, float]]:
    """Measure transects and streets: full depth, width, area, hydraulic radius, Manning's n of the channel."""
    unit = text.units.length_m
    found = {}
    n_left = n_right = n_channel = 0.0
    open_: tuple[str, list[float], list[float]] | None = None

    def close() -> None:
        if open_ is not None and len(open_[2]) >= 4:
            name, head, values = open_
            left, right, length_factor, x_factor, y_shift = head[1], head[2], head[5], head[6], head[7]
            stretch = x_factor or 1.0
            points = np.array(values[: len(values) // 2 * 2]).reshape(-1, 2)
            z, x = (points[:, 0] + y_shift) * unit, points[:, 1] * stretch * unit
            x, z = np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[z.max()], z, [z.max()]])  # walls, as the engine
            banks = (left * stretch * unit, right * stretch * unit)
            roughness = (n_left or n_channel, n_channel * np.sqrt(length_factor or 1.0), n_right or n_channel)
            found["IRREGULAR", name] = (*profile_section(x, z, banks, roughness), n_channel)

    for row in text.rows("TRANSECTS"):
        word, numbers = row[0].upper(), [_float(token) for token in row[1:]]
        if word == "NC" and len(numbers) >= 3:
            close()
            open_ = None
            n_left, n_right, n_channel = (
                new or old for new, old in zip(numbers, (n_left, n_right, n_channel), strict=False)
            )
        elif word == "X1" and len(row) > 1:
            close()
            open_ = (row[1].upper(), [*numbers[1:], *[0.0] * 9], [])
        elif word == "GR" and open_ is not None:
            open_[2].extend(numbers)
    close()
    for row in text.rows("STREETS"):
        found["STREET", row[0].upper()] = _street(np.array([*map(_float, row[1:]), *[0.0] * 10]), unit, len(row))
    return found


def profile_section(
    x: Floats, z: Floats, banks: tuple[float, float], manning_n: tuple[float, float, float]
) -> tuple[float, float, float, float]:
    """Measure a profile full to its highest point.

    The hydraulic radius is the one by which Manning's n of the channel gives the flow of all parts together. The parts
    are those of the engine: a part ends at a bank where n changes, at a station as high as the water, and before the
    last piece, so that the friction of a wall there is left out.

    Parameters
    ----------
    x, z
        (n,) stations in rising order and their levels, m; the first and last are the highest.
    banks
        Stations where the channel begins and ends.
    manning_n
        Left of the channel, in it, right of it.

    Returns
    -------
    Full depth, width, area and hydraulic radius, m and m².
    """
    top, bottom = z.max(), z.min()
    dx = np.diff(x)
    wetted = np.hypot(dx, np.diff(z))
    area = dx * (top - (z[1:] + z[:-1]) / 2)
    left, channel, right = manning_n
    ends = z[1:] >= top
    ends[-2] = True
    ends |= (x[1:] == banks[0]) & (left != channel) & (dx != 0)
    ends |= (x[1:] == banks[1]) & (right != channel) & (np.append(dx[1:], 1.0) != 0)
    carried, open_area, open_wetted = 0.0, 0.0, 0.0
    for k in range(len(dx)):
        open_area, open_wetted = open_area + area[k], open_wetted + wetted[k]
        if ends[k] and open_area > 0.0:
            n = right if x[k + 1] > banks[1] else left if x[k] < banks[0] else channel
            # a channel whose n is not told, or 0, has no measure of what it carries
            carried += open_area * (open_area / open_wetted) ** (2 / 3) / n if n > 0.0 else np.nan
            open_area = open_wetted = 0.0
    radius = (carried * channel / area.sum()) ** 1.5
    return float(top - bottom), float(np.ptp(x)), float(area.sum()), float(radius)


def custom_section(curve: Floats, height_m: float) -> tuple[float, float, float, float, float]:
    """Measure a closed shape given as width by height, both as shares of the full height."""
    y, w = np.clip(curve[:, 0], 0.0, 1.0), curve[:, 1]
    if y[-1] < 1.0:
        y, w = np.append(y, 1.0), np.append(w, w[-1])
    area = float(np.trapezoid(w, y))
    wetted = float(w[0] + w[-1] + 2 * np.hypot(np.diff(y), np.diff(w) / 2).sum())
    return height_m, float(w.max()) * height_m, area * height_m**2, area / wetted * height_m, np.nan


def _street(v: Floats, unit: float, tokens: int) -> tuple[float, float, float, float, float]:
    """Lay out a street as the engine does: backing, curb, gutter, roadway to its crown, and back if two-sided."""
    road, curb, slope, n, dip, gutter, _, backing, back_slope, n_back = v[:10]
    sides = v[6] if tokens > 7 else 2
    z1 = curb + dip
    x = [0.0, backing, backing, backing + gutter, backing + road]
    z = [back_slope / 100 * backing + z1, z1, 0.0, dip + slope / 100 * gutter, dip + slope / 100 * road]
    if sides == 2:
        x += [2 * (backing + road) - place for place in x[-2::-1]]
        z += z[-2::-1]
    z[0] = max(z)
    z[-1] = z[0] if sides == 2 else z[-1]
    if sides != 2:
        x, z = [*x, x[-1]], [*z, z[0]]
    banks = (backing, x[-1] - backing if sides == 2 else x[-1])
    rough = n_back if backing > 0 else n
    read = profile_section(
        np.array(x) * unit, np.array(z) * unit, (banks[0] * unit, banks[1] * unit), (rough, n, rough)
    )
    return (*read, float(n))


def _float(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        return 0.0
