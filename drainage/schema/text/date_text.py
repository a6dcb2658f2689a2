"""One cell that names a day: its forms in practice, and what of it stays open until the whole column has spoken."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from drainage.schema.text.cell_text import plain

#: Orders of day, month and year that a column of ``03/04/2010`` may have.
DATE_ORDERS: Final = ("dmy", "mdy", "ymd")
_FIRST_YEAR, _LAST_YEAR = 1800, 2200
_PIVOT: Final = 50  # of a year of two digits: 00 to 49 is 2000 to 2049; a choice of ours
_SERIAL: Final = (20_000, 73_050)  # 1954-10-03 to 2099-12-31 as serial days of a spreadsheet
_SERIAL_ZERO: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - dates of a register have no zone
_COUNTS: Final = (10**8, 10**13)  # seconds or milliseconds since 1970
_MILLIS_OF_9999: Final = (253_370_600_000_000, 253_402_400_000_000)
_MOST_SECONDS: Final = 5 * 10**9
_NEVER: Final = {"0000", "0001", "9999"}  # years that stand for no date

_MONTHS: Final = dict(
    zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True)  # noqa: SIM905 - plainer
)
_WORD: Final = rf"(?P<word>{'|'.join(_MONTHS)})[a-z]*\.?"
_Y4, _M, _D = r"(?P<y>\d{4})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_GAP: Final = r"[\s\-/.,]+"
_TIME: Final = re.compile(
    r"(?:^|[t\s]\s*|(?<=日)|:)(上午|下午)?\s*(\d{1,2})(?:[:时h点]\s*(\d{1,2})(?:[:分](\d{1,2}(?:[.,]\d+)?)?)?\s*秒?分?|[时点])"
    r"\s*(am|pm)?\s*(z|utc|[+-]\d{2}(?::?\d{2})?)?$"
)
_FORMS: Final = tuple(
    re.compile(f"^{form}$")
    for form in (
        rf"{_Y4}\s*[-/.年\s]\s*{_M}\s*[-/.月\s]\s*{_D}\s*[日号]?",
        rf"{_Y4}\s*[-/.年]\s*{_M}\s*月?份?",
        rf"{_M}\s*[-/.]\s*{_Y4}",
        rf"{_Y4}\s*年?度?",
        rf"民国\s*(?P<roc>\d{{1,3}})\s*年\s*(?:{_M}\s*月\s*(?:{_D}\s*日)?)?",
        rf"(?P<yy>\d{{2}})\s*年\s*(?:{_M}\s*月\s*(?:{_D}\s*[日号])?)?",
        rf"{_D}(?:st|nd|rd|th)?{_GAP}{_WORD}{_GAP}(?:{_Y4}|(?P<yy>\d{{2}}))",
        rf"{_WORD}{_GAP}{_D}(?:st|nd|rd|th)?{_GAP}{_Y4}",
        rf"{_WORD}{_GAP}{_Y4}",
    )
)
_REPUBLIC: Final = 1911  # the year before the first of 民国
_OPEN: Final = re.compile(r"^(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})$")
_WEEKDAY: Final = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[\s,.]+|\s*(?:星期|周)[一二三四五六日天]\s*")
_COMPACT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})?$")
_COMPACT_TIME: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})[t\s]?(\d{2}):?(\d{2}):?(\d{2})?z?$")


class Day(NamedTuple):
    """What a cell says: a moment; or three numbers of which the column tells which is the day; or a count of time.

    ``how`` is one of ``day``, ``month``, ``year`` (what is known), ``serial``, ``short_year``, ``never``; ``open``
    (``numbers``, to which ``clock`` is added); ``seconds``, ``millis`` or ``twelve``, which the column settles;
    ``unreadable``.
    """

    how: str
    moment: dt.datetime | None = None
    numbers: tuple[int, int, int] = (0, 0, 0)
    clock: dt.timedelta = dt.timedelta()
    offset_min: float | None = None


UNREADABLE: Final = Day("unreadable")
_NO_DATE: Final = Day("never")


def read_day(value: object) -> Day:
    """Read one cell, which is not empty."""
    try:
        return _read_day(value)
    except (ValueError, OverflowError):  # no such month, day or hour
        return UNREADABLE


def _read_day(value: object) -> Day:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = _WEEKDAY.sub(" ", plain(value).lower()).strip()
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text):
        return _of_number(text)
    if compact := _COMPACT_TIME.match(text):
        return _moment(compact.group(1, 2, 3), _clock(compact.group(4), compact.group(5), compact.group(6)))
    clock, offset = dt.timedelta(), None
    found = _TIME.search(text)
    if found and found.start() > 0:
        half, hour, minute, second, am_pm, zone = found.groups()
        clock = _clock(hour, minute, second)
        if (half == "下午" or am_pm == "pm") and clock < dt.timedelta(hours=12):
            clock += dt.timedelta(hours=12)
        if am_pm == "am" and clock >= dt.timedelta(hours=12):
            clock -= dt.timedelta(hours=12)
        offset = _offset_min(zone)
        text = text[: found.start()].strip()
        if text.isdigit() and (compact := _COMPACT.match(text)):
            return _moment(compact.group(1, 2, 3), clock, offset)
    return _of_text(text, clock, offset)


def _of_text(text: str, clock: dt.timedelta, offset: float | None) -> Day:
    if text[:4] in _NEVER and not text[4:5].isdigit():
        return _NO_DATE
    if is_open := _OPEN.match(text):
        if is_open.group(4) in _NEVER:
            return _NO_DATE
        first, second, third = map(int, is_open.group(1, 3, 4))
        return Day("open", numbers=(first, second, third), clock=clock, offset_min=offset)
    found = next((match for form in _FORMS if (match := form.match(text))), None)
    return UNREADABLE if found is None else _of_parts(found.groupdict(), clock, offset)


def _of_parts(part: dict[str, str | None], clock: dt.timedelta, offset: float | None) -> Day:
    year, short, month = part.get("y"), part.get("yy"), part.get("m")
    if roc := part.get("roc"):
        year = str(int(roc) + _REPUBLIC)
    if short:
        year = str(full_year(int(short)))
    if word := part.get("word"):
        month = str(_MONTHS[word])
    day = _moment((year, month, part.get("d")), clock, offset)
    return day._replace(how="short_year") if short and day.moment else day


def full_year(year: int) -> int:
    """Return the year that two digits stand for: 00 to 49 as 2000 to 2049, 50 to 99 as 1950 to 1999."""
    return year if year > 99 else year + (2000 if year < _PIVOT else 1900)


def _of_number(text: str) -> Day:
    number, digits = float(text), text.partition(".")[0]
    if (-_COUNTS[0] < number <= 1) or digits in _NEVER or _MILLIS_OF_9999[0] <= number < _MILLIS_OF_9999[1]:
        return _NO_DATE
    if _FIRST_YEAR <= number < _LAST_YEAR + 1:
        return _of_year(text)
    if _SERIAL[0] <= number <= _SERIAL[1] + 1:
        return Day("serial", _SERIAL_ZERO + dt.timedelta(seconds=_whole_minutes(number * 86_400)))
    if number.is_integer() and (day := _of_digits(digits)) is not None:
        return day
    if not _COUNTS[0] <= abs(number) < _COUNTS[1]:
        return UNREADABLE
    how = "seconds" if 0 < number <= _MOST_SECONDS else "twelve" if len(digits) == 12 and number > 0 else "millis"
    return Day(how, dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=number))  # noqa: DTZ001 - as written


def _whole_minutes(seconds: float) -> float:
    """Round to the minute what four decimals of a day have put a few seconds off it."""
    minutes = round(seconds / 60)
    return 60.0 * minutes if abs(seconds - 60.0 * minutes) <= 5.0 else round(seconds)


def _of_year(text: str) -> Day:
    """Read ``1985``, and ``2010.5``, which is a month."""
    year, _, month = text.partition(".")
    if len(month) > 2:
        return UNREADABLE
    read = _moment((year, month if int(month or 0) else None, None))
    return read._replace(how="year") if month == "1" else read  # January, or October whose 0 a spreadsheet dropped


def _of_digits(digits: str) -> Day | None:
    """Read ``201005``, ``20100501`` and ``20100501120000``."""
    if len(digits) in {6, 8} and (compact := _COMPACT.match(digits)):
        return _NO_DATE if compact.group(1) in _NEVER else _moment(compact.group(1, 2, 3))
    if len(digits) == 14 and (compact := _COMPACT_TIME.match(digits)):
        return _moment(compact.group(1, 2, 3), _clock(*compact.group(4, 5, 6)))
    return None


def of_twelve(value: object) -> dt.datetime | None:
    """Read ``202306122205``, which might be milliseconds of 1976 too."""
    found = _COMPACT_TIME.match(plain(value)[:12])
    try:
        return _moment(found.group(1, 2, 3), _clock(found.group(4), found.group(5), None)).moment if found else None
    except ValueError:
        return None


def of_order(day: Day, order: str) -> dt.datetime | None:
    """Read an open date in an order; None where there is no such day."""
    by_letter = dict(zip(order, day.numbers, strict=True))
    if by_letter["y"] > 99 and by_letter["y"] < _FIRST_YEAR:
        return None
    try:
        return dt.datetime(full_year(by_letter["y"]), by_letter["m"], by_letter["d"]) + day.clock  # noqa: DTZ001 - local
    except ValueError:
        return None


def _moment(numbers: tuple[str | None, ...], clock: dt.timedelta = dt.timedelta(), offset: float | None = None) -> Day:
    year, month, day = numbers
    how = "day" if day else "month" if month else "year"
    moment = dt.datetime(int(year or 0), int(month or 1), int(day or 1)) + clock  # noqa: DTZ001 - as written
    return Day(how, moment, offset_min=offset) if _FIRST_YEAR <= moment.year <= _LAST_YEAR else UNREADABLE


def _clock(hour: str, minute: str | None, second: str | None) -> dt.timedelta:
    parts = int(hour), int(minute or 0), float((second or "0").replace(",", "."))
    if parts[0] > 24 or parts[1] > 59 or parts[2] >= 61:
        raise ValueError(hour)
    return dt.timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])


def _offset_min(zone: str | None) -> float | None:
    if zone is None or zone in {"z", "utc"}:
        return None if zone is None else 0.0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return float(-minutes if zone[0] == "-" else minutes)
