"""Kept pictures in grey: how they are read and written, and how far another is from one."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from drainage.arrays import Floats
from tests.support.browser import Page

#: Of all grey values, 0 to 255: how far they may differ in the mean, as letters do between versions of a library, and
#: lines that are drawn half a dot farther; what is missing shows in places.
MOST_IN_THE_MEAN = 3.0
#: Share of places, 8 × 8 dots large, that may be plainly darker or lighter than they were.
MOST_PLACES = 0.004
PLAINLY = 24.0


def differs(ours: Floats, kept: Floats) -> str:
    """Say how one picture differs from another; nothing where it does not."""
    if ours.shape != kept.shape:
        return f"is {ours.shape[::-1]} dots large, not {kept.shape[::-1]}"
    apart = np.abs(ours - kept)
    tall, wide = (size // 8 * 8 for size in apart.shape)
    tiles = [one[:tall, :wide].reshape(tall // 8, 8, wide // 8, 8).mean(axis=(1, 3)) for one in (ours, kept)]
    plainly = float((np.abs(tiles[0] - tiles[1]) > PLAINLY).mean())
    mean = float(apart.mean())
    return "" if mean <= MOST_IN_THE_MEAN and plainly <= MOST_PLACES else f"mean {mean:.2f}, places {plainly:.2%}"


def grey(picture: Path | IO[bytes]) -> Floats:
    """Read a picture as grey values, 0 black to 255 white."""
    return np.asarray(Image.open(picture).convert("L"), dtype=np.float64)


def grey_of_page(page: Page) -> Floats:
    """Give what a page shows as grey values."""
    return grey(io.BytesIO(base64.b64decode(page.send("Page.captureScreenshot", format="png")["data"])))


def keep(picture: Floats, path: Path) -> None:
    """Write a picture of few greys."""
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(picture.astype(np.uint8)).quantize(16).save(path, optimize=True)
