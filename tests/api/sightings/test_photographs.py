"""Photographs from outside. Truth: the pixels come back upright and nothing else does; what is none is refused."""

from __future__ import annotations

import asyncio
import io
import subprocess
from typing import Any

import pytest
from PIL import Image

from drainage_api.work import photographs, redrawing
from drainage_api.work.photographs import Darkroom, PhotoError, PhotosWait, redraw
from drainage_api.work.redrawing import drawn_anew
from tests.support.photographs import SECRET, hostile, opened, photograph

HOSTILE = hostile()


@pytest.mark.parametrize("kind", ["JPEG", *(pytest.param(kind, marks=pytest.mark.long) for kind in ("PNG", "WEBP"))])
def test_nothing_but_pixels_is_left(kind: str) -> None:
    """What a camera adds is in the file that goes in, so that its absence afterwards says something."""
    sent = photograph(kind, size=(2600, 1300))
    assert all(
        mark in sent for mark in (SECRET, b"ICC_PROFILE" if kind == "JPEG" else b"ICCP" if kind == "WEBP" else b"iCCP")
    )
    drawn = drawn_anew(sent)
    picture = opened(drawn)
    assert (picture.format, picture.size) == ("JPEG", (1280, 640))
    assert SECRET not in drawn
    assert not [mark for mark in (b"Exif", b"ICC_PROFILE", b"xmpmeta", b"Photoshop", b"GPS") if mark in drawn]
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert drawn.count(b"\xff\xd8\xff") == 1  # no thumbnail


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(turn: int) -> None:
    """Of 400 × 200, left red and right blue, orientation 6 is meant to be turned right: the red half comes to the top.

    By the table of Exif 2.32: where row 0 and column 0 of what is stored lie in what was seen.
    """
    red = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[turn]
    picture = opened(drawn_anew(photograph(turn=turn, quality=95))).convert("RGB")
    assert picture.size == ((400, 200) if turn < 5 else (200, 400))
    width, height = picture.size
    at = {"left": (9, 9), "right": (width - 9, 9), "top": (9, 9), "bottom": (9, height - 9)}[red]
    other = (width - 1 - at[0], height - 1 - at[1])
    [one, two] = [picture.getpixel(place) for place in (at, other)]
    assert isinstance(one, tuple)
    assert isinstance(two, tuple)
    assert (one[0] > 200, one[2] < 60) == (True, True)
    assert (two[2] > 200, two[0] < 60) == (True, True)


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_photograph_is_never_drawn(what: str) -> None:
    with pytest.raises((OSError, ValueError, redrawing.TooLarge, Image.DecompressionBombError)):
        drawn_anew(HOSTILE[what])


@pytest.mark.long
@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_photograph_is_refused_in_words(what: str) -> None:
    with pytest.raises(PhotoError) as refused:
        redraw(HOSTILE[what])
    assert refused.value.said.chinese
    assert "photo" in str(refused.value.said)


@pytest.mark.parametrize(("what", "words"), [("a bomb", "too many pixels"), ("half a PNG", "damaged")])
def test_the_words_tell_what_is_wrong(what: str, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        redraw(HOSTILE[what])


def test_a_file_that_is_a_page_too_is_only_a_picture_afterwards() -> None:
    drawn = redraw(photograph() + b"PK\x03\x04<script>alert(1)</script>")
    assert opened(drawn).size == (400, 200)
    assert b"script" not in drawn
    assert b"PK\x03\x04" not in drawn


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_pictures_of_every_kind_of_pixel_are_drawn(mode: str) -> None:
    """What is clear becomes white, 16 bits of grey keep their grey."""
    out = io.BytesIO()
    {"I;16": Image.new("I;16", (30, 20), 257 * 128), "RGBA": Image.new("RGBA", (30, 20), (255, 0, 0, 0))}.get(
        mode, Image.new(mode if mode != "I;16" else "L", (30, 20))
    ).save(out, "PNG")
    picture = opened(drawn_anew(out.getvalue())).convert("RGB")
    expected = {"I;16": 128, "RGBA": 255, "LA": 255}.get(mode, 0)
    pixel = picture.getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert abs(pixel[1] - expected) < 3


@pytest.mark.long
def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "PATIENCE_S", 0.001)
    with pytest.raises(PhotoError):
        redraw(photograph())


@pytest.mark.long
def test_a_flood_waits_in_one_line_that_is_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "MOST_WAITING", 2)
    small = photograph(size=(20, 10))

    async def flood() -> list[object]:
        room = Darkroom()
        return await asyncio.gather(*(room.redraw(small) for _ in range(5)), return_exceptions=True)

    found = asyncio.run(flood())
    assert [isinstance(one, bytes) for one in found] == [True, True, False, False, False]
    assert all(isinstance(one, PhotosWait) for one in found[2:])


def test_the_process_gets_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the database has a password in it; a decoder that is taken over finds none."""
    monkeypatch.setenv("DRAINAGE_DATABASE_URL", "postgresql://u:secret@h/d")
    seen: dict[str, Any] = {}
    real = subprocess.run

    def watched(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as they come
        seen.update(named)
        return real(*given, **named)

    monkeypatch.setattr(subprocess, "run", watched)
    redraw(photograph(size=(20, 10)))
    assert set(seen["env"]) == {"PYTHONPATH"}
