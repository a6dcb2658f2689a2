"""Photographs as phones send them, and files that only look like some."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any, Final

from PIL import Image, ImageCms, PngImagePlugin

SECRET: Final = b"SECRET-CAMERA-4711"
_GPS, _MAKE, _ORIENTATION = 0x8825, 0x010F, 0x0112


def photograph(kind: str = "JPEG", *, size: tuple[int, int] = (400, 200), turn: int = 1, **save: Any) -> bytes:  # noqa: ANN401 - as Pillow takes them
    """Give a picture whose left half is red and whose right half is blue, with all that a camera adds."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[_MAKE], exif[_ORIENTATION] = SECRET.decode(), turn
    exif[_GPS] = {1: "N", 2: (33.0, 33.0, 33.0), 3: "E", 4: (117.0, 33.0, 33.0)}
    told: dict[str, Any] = {
        "exif": exif,
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    if kind == "PNG":
        told["pnginfo"] = PngImagePlugin.PngInfo()
        told["pnginfo"].add_text("Comment", SECRET.decode())
    else:
        told["xmp"] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    if kind == "JPEG":
        told["comment"] = SECRET
    out = io.BytesIO()
    picture.save(out, kind, **(told | save))
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    """Open what was drawn anew."""
    return Image.open(io.BytesIO(content))


def png(width: int, height: int, *, rows: int = 1) -> bytes:
    """Give a PNG that says of itself how large it is, and holds so many rows of nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compress(bytes(1 + 3 * width) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def gif() -> bytes:
    """Give a GIF that is a script too."""
    out = io.BytesIO()
    Image.new("P", (10, 10)).save(out, "GIF")
    return out.getvalue()[:6] + b"/*" + out.getvalue()[8:] + b"*/=1;alert(1);<script>alert(1)</script>"


def hostile() -> dict[str, bytes]:
    """Give files that are no photographs, or that no decoder should meet whole, by what they are."""
    whole = photograph()
    return {
        "nothing": b"\x00",
        "a text": b"<html><script>alert(1)</script></html>",
        "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "a GIF with a script": gif(),
        "a bitmap": _saved("BMP"),
        "a TIFF": _saved("TIFF"),
        "an icon": _saved("ICO"),
        "a zip": b"PK\x03\x04" + bytes(200),
        "a PDF": b"%PDF-1.7\n" + bytes(200),
        "a Postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run",
        "half a JPEG": whole[: len(whole) // 2],
        "a JPEG without an end of its head": whole[:40],
        "half a PNG": photograph("PNG", size=(400, 400))[:-600],
        "half a WebP": photograph("WEBP")[:-300],
        "a PNG 100,000 wide": png(100_000, 100_000),
        "a PNG 100,000 high": png(1, 100_000, rows=100_000),
        "a PNG of 2^31": png(2**31 - 1, 2**31 - 1),
        "a bomb": png(16_000, 16_000, rows=16_000),
        "a bomb of text": _text_bomb(),
    }


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, kind)
    return out.getvalue()


def _text_bomb() -> bytes:
    """Give a PNG with a compressed text of 50 MB in it."""
    packed = zlib.compressobj(9)
    text = b"Comment\x00\x00" + b"".join(packed.compress(bytes(1 << 20)) for _ in range(50)) + packed.flush()
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    whole = png(2, 2, rows=2)
    return whole[:33] + chunk + whole[33:]
