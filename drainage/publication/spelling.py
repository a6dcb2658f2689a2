"""Names of roads and waters as they are typed and read without Chinese: pinyin, its initials, and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

_SAID: Final = tomllib.loads(Path(__file__).with_name("roads.toml").read_text(encoding="utf-8"))["english"]
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


class Spelt(NamedTuple):
    """A name: in English, in pinyin, and by the initials of the pinyin; the last two are empty for others."""

    english: str
    pinyin: str
    initials: str


@cache
def spelt(name: str) -> Spelt:
    """Return how the name of a road is spelled.

    Examples
    --------
    >>> spelt("解放西路")
    Spelt(english='Jiefang West Road', pinyin='jiefangxilu', initials='jfxl')
    >>> spelt("High Street").english
    'High Street'
    """
    if not _CHINESE.search(name):
        return Spelt(name, "", "")
    parts = _pinyin(name)
    return Spelt(_road(name), "".join(parts).lower(), "".join(part[:1] for part in parts).lower())


@cache
def water_in_english(name: str) -> str:
    """Return the name of a river or lake in English.

    Examples
    --------
    >>> water_in_english("凤河")
    'Feng River'
    """
    if not _CHINESE.search(name):
        return name
    stem, end = _parted(name, _SAID["water"])
    return _joined(_capitalised(stem), end)


def place_in_english(name: str) -> str:
    """Return the name of a town in English: its pinyin, with what kind of town it is."""
    if not _CHINESE.search(name):
        return name
    stem, kind = _parted(name, _SAID["town"])
    return _joined(_capitalised(stem), kind)


def _road(name: str) -> str:
    stem, end = _parted(name, _SAID["end"])
    ring, word = _SAID["ring"]
    sides = dict(_SAID["side"])
    if stem.endswith(ring) and stem.removesuffix(ring) in sides:
        return _joined(sides[stem.removesuffix(ring)], word, end)
    side = sides.get(stem[-1], "") if len(stem) > 2 else ""
    return _joined(_capitalised(stem[:-1] if side else stem), side, end)


def _parted(name: str, ends: Sequence[Sequence[str]]) -> tuple[str, str]:
    """Return a name without its end, and the end in English; whole where nothing would be left."""
    found = next((pair for pair in ends if name.endswith(pair[0]) and len(name) > len(pair[0])), None)
    return (name, "") if found is None else (name.removesuffix(found[0]), found[1])


def _capitalised(stem: str) -> str:
    return "".join(_pinyin(stem)).strip().capitalize()


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


def _pinyin(name: str) -> list[str]:
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(name))
