"""What somebody says that he saw: read from the fields of a form, and refused in words where it cannot be."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from collections.abc import Mapping, Sequence
from typing import Final

from drainage import words
from drainage_api.access.check import Refused
from drainage_api.store.spotted import Seen

#: The fields, and the most characters of each.
FIELDS: Final = {"lon": 40, "lat": 40, "time": 40, "depth_m": 40, "words": 500}
#: Own choices: how far outside of the network a street may still be the town's, m; how old a sighting may be, d; how
#: deep, m; how far the clock of a phone may go wrong, s.
MARGIN_M: Final = 1_000.0
MOST_DAYS: Final = 30
MOST_DEPTH_M: Final = 3.0
_CLOCK_S: Final = 600.0
_DAY_S: Final = 86_400.0
_DEGREE_M: Final = 111_320.0  # of latitude
_NUMBER: Final = re.compile(r"[+-]?\d{1,4}(\.\d{1,20})?", re.ASCII)


def read_seen(fields: Mapping[str, str], extent: Sequence[float] | None) -> Seen:
    """Return what the fields of a form say.

    Parameters
    ----------
    fields
        ``lon`` and ``lat`` in degrees, ``time`` (ISO 8601: a day, or an instant, by the clock here if it names no
        zone), ``depth_m``, ``words``.
    extent
        West, south, east, north of the network in degrees; None where it lies nowhere.

    Raises
    ------
    Refused
        422, with what is missing or cannot be.
    """
    if extent is None:
        raise Refused(422, words.in_both("sighting_nowhere"))
    if missing := [name for name in ("lon", "lat", "time", "depth_m") if not fields.get(name)]:
        raise Refused(422, words.in_both("sighting_lacks", names=", ".join(missing)))
    lon, lat, depth_m = (_number(name, fields[name]) for name in ("lon", "lat", "depth_m"))
    if not _is_within(lon, lat, extent):
        raise Refused(422, words.in_both("sighting_elsewhere", margin_km=f"{MARGIN_M / 1000:g}"))
    if not 0.0 <= depth_m <= MOST_DEPTH_M:
        raise Refused(422, words.in_both("sighting_depth", most_m=f"{MOST_DEPTH_M:g}"))
    at = _instant(fields["time"])
    if at > time.time() + _CLOCK_S:
        raise Refused(422, words.in_both("sighting_ahead"))
    if at < time.time() - (MOST_DAYS + 1) * _DAY_S:  # the day itself counts whole
        raise Refused(422, words.in_both("sighting_old", days=MOST_DAYS))
    return Seen(at=at, lon=lon, lat=lat, depth_m=depth_m, words=plain_words(fields.get("words", "")))


def plain_words(text: str) -> str:
    """Return a text on one line, without signs that are not seen or turn what is read around."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _number(name: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise Refused(422, words.in_both("sighting_no_number", name=name))
    return float(text)


def _instant(text: str) -> float:
    try:
        return dt.datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise Refused(422, words.in_both("sighting_no_time")) from None


def _is_within(lon: float, lat: float, extent: Sequence[float]) -> bool:
    west, south, east, north = extent
    high = MARGIN_M / _DEGREE_M
    wide = high / max(0.01, math.cos(math.radians(lat)))
    return west - wide <= lon <= east + wide and south - high <= lat <= north + high
