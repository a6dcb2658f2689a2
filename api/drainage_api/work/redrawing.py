"""A photograph drawn anew: a program that reads a picture from its input and writes a JPEG without anything else in it.

It runs in a process of its own under limits that it sets itself before the first byte is read, for decoders of pictures
are where hostile files begin. What it cannot draw it answers with an exit code.
"""

from __future__ import annotations

import os
import resource
import sys
from io import BytesIO
from typing import Final

from PIL import Image, ImageFile, UnidentifiedImageError

#: The formats that phones and the page send; nothing else is even recognised.
FORMATS: Final = ("JPEG", "PNG", "WEBP")
#: Own choices: the longer side of what is kept, and of what is read, px; what is read in all, px. The largest that a
#: phone takes is 8,160 × 6,120; decoded, 50 million pixels are 200 MB, with a copy well within `MOST_MEMORY`.
KEPT_PX: Final = 1280
MOST_SIDE_PX: Final = 12_000
MOST_PX: Final = 50_000_000
#: Own choices: memory and file of the process, bytes, and its time on a processor, s.
MOST_MEMORY: Final = 1024 * 2**20
MOST_BYTES: Final = 4 * 2**20
MOST_CPU_S: Final = 10
#: Exit codes: no such picture, too many pixels, or damaged.
UNKNOWN, TOO_LARGE, DAMAGED = 3, 4, 5

_QUALITY: Final = 80
_ORIENTATION: Final = 0x0112  # Exif 2.32, table 4
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooLarge(Exception):  # noqa: N818 - said by an exit code
    """It has more pixels than are read."""


def drawn_anew(content: bytes) -> bytes:
    """Return a picture upright, at most `KEPT_PX` long, as a JPEG that holds its pixels and nothing else.

    Raises
    ------
    OSError
        It is no picture, or a damaged one.
    TooLarge
        It has too many pixels.
    """
    with Image.open(BytesIO(content), formats=FORMATS) as picture:
        if max(picture.size) > MOST_SIDE_PX or picture.width * picture.height > MOST_PX:
            raise TooLarge
        turn = _TURNS.get(_orientation(picture))
        picture.draft("RGB", (KEPT_PX, KEPT_PX))  # a JPEG is decoded no larger than is needed
        picture.load()
        seen = _on_white(picture)
    seen.thumbnail((KEPT_PX, KEPT_PX), Image.Resampling.LANCZOS)
    if turn is not None:
        seen = seen.transpose(turn)
    bare = Image.new("RGB", seen.size)  # has none of what came with the pixels
    bare.paste(seen)
    out = BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _orientation(picture: Image.Image) -> int:
    """Return how the camera was held; 1, upright, where the picture does not say so in a way that can be read."""
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - what is wrong there is wrong in what is thrown away
        return 1


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the pixels in red, green and blue, what is clear in them as white."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        return picture.convert("I").point(lambda grey: grey / 257).convert("L").convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear)
    return ground


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_S),
        (resource.RLIMIT_FSIZE, MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(10)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # they are counted here, against our own limit


def main() -> int:
    """Draw what comes; return the exit code."""
    _limit()
    try:
        picture = drawn_anew(sys.stdin.buffer.read())
    except UnidentifiedImageError:
        return UNKNOWN
    except (TooLarge, MemoryError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the file is to blame
        return DAMAGED
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
