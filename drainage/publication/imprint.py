"""What a public page says of itself: whose town it is, whom to call, where it lies, who passes through which depth."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from drainage.errors import FormatError
from drainage.publication.spelling import place_in_english
from drainage.words import in_both

#: Digits, with the signs that stand between them; at most as long as an international number with its extension.
_NUMBER: Final = re.compile(r"\+?\(?\d(?:[\d ()-]{0,22}\d)?", re.ASCII)
_PATH: Final = re.compile(r"/(?!/)[\w.~/%?=&-]{0,200}", re.ASCII)
#: A server by its name, letters of any script, and what may stand behind it; nothing that could end an attribute.
_ADDRESS: Final = re.compile(r"https?://[\w.-]+(?::\d{1,5})?(?:[/?#][^\s\"'<>\\^`{|}]*)?")
_LONGEST_ADDRESS: Final = 300
_LONGEST_NAME: Final = 40
_WHO: Final = ("walk", "bike", "car", "bus")
_KNOWN_FILES: Final = {"passing": "passability.toml", "contacts": "contacts.toml"}


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What a page says of itself.

    Parameters
    ----------
    city
        Name of the town; "": the page names none.
    phone
        Number to call first: digits, blanks, hyphens, brackets.
    url
        Address under which the page will lie, which its QR code holds; "": no code.
    post
        Path on the same server to which reports of flooded places are sent; "": a report ends in a file.
    made
        Day of the page; None: today.
    passing, contacts
        TOML files in place of those of the package: who can pass through which depth, and whom to call.

    Raises
    ------
    FormatError
        A number with letters, an address that is none, a path on another server, or a file of another form.

    Examples
    --------
    >>> import drainage as dr
    >>> import datetime as dt
    >>> imprint = dr.publication.Imprint(city="Lingbi", phone="0557-123 4567", made=dt.date(2021, 5, 7))
    >>> imprint.told()["city"], imprint.told()["made"]
    ({'zh': 'Lingbi', 'en': 'Lingbi'}, '2021-05-07')
    """

    city: str = ""
    phone: str = ""
    url: str = ""
    post: str = ""
    made: dt.date | None = None
    passing: str | Path | None = None
    contacts: str | Path | None = None

    def __post_init__(self) -> None:
        city = " ".join(self.city.split())
        if len(city) > _LONGEST_NAME:
            raise FormatError(in_both("public_long_name", value=city, most=_LONGEST_NAME))
        if self.phone and not _NUMBER.fullmatch(self.phone):
            raise FormatError(in_both("public_phone", value=self.phone))
        if self.post and not _PATH.fullmatch(self.post):
            raise FormatError(in_both("public_post", value=self.post))
        if self.url and not _is_address(self.url):
            raise FormatError(in_both("public_url", value=self.url))
        _read("passing", self.passing)
        _read("contacts", self.contacts)

    def told(self) -> dict[str, object]:
        """Return what of it stands in the page, as plain values (keys: see `contents`)."""
        city = " ".join(self.city.split())
        return {
            "city": {"zh": city, "en": place_in_english(city)},
            "made": (self.made or dt.date.today()).isoformat(),  # noqa: DTZ011 - the publisher's own day
            "url": self.url,
            "post": self.post,
            "tel": _numbers(_read("contacts", self.contacts), self.phone),
            "pass": _passing(_read("passing", self.passing)),
        }


def _is_address(url: str) -> bool:
    return url.isprintable() and len(url) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(url) is not None


def _numbers(contacts: Mapping[str, Any], phone: str) -> list[list[str]]:
    """Return each number with its name and what it is for, in Chinese and English; the town's own first."""
    own = [{"tel": phone, **contacts["own"]}] if phone else []
    rest = [one for one in contacts["number"] if one["tel"] != phone]
    return [[one["tel"], *one["name"], *one["use"]] for one in (*own, *rest)]


def _passing(said: Mapping[str, Any]) -> dict[str, object]:
    body = said["body"]
    return {
        "up": said["upper_cm"],
        "gz": [zh for zh, _ in said["grade"]],
        "ge": [en for _, en in said["grade"]],
        "who": [said[one]["bands"] for one in _WHO],
        "speed_kmh": said["car"].get("speed_kmh", 0),
        "body": {
            "upper_cm": body["upper_cm"],
            "zh": [zh for zh, _ in body["words"]],
            "en": [en for _, en in body["words"]],
            "child_share": body["child_share"],
        },
        "sources": {one: said[one]["source"] for one in _WHO},
    }


def _read(kind: Literal["passing", "contacts"], path: str | Path | None) -> Mapping[str, Any]:
    """Read one of the two files.

    Raises
    ------
    FormatError
        It cannot be read, or is of another form than that of the package.
    """
    own = Path(__file__).with_name(_KNOWN_FILES[kind])
    place = own if path is None else Path(path)
    try:
        said = tomllib.loads(place.read_text(encoding="utf-8"))
        fits = _fits_passing(said) if kind == "passing" else _fits_contacts(said)
    except OSError as error:
        raise FormatError(in_both("public_file_unread", place=place, why=error.strerror or error)) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FormatError(in_both("public_file_form", place=place, like=own.name, why=error)) from error
    if not fits:
        raise FormatError(in_both("public_file_form", place=place, like=own.name, why="-"))
    return said


def _fits_passing(said: Mapping[str, Any]) -> bool:
    bands, body = said["upper_cm"], said["body"]
    return (
        _rising(bands)
        and len(said["grade"]) == len(bands)
        and all(map(_is_pair, [*said["grade"], *body["words"], *(said[one]["source"] for one in _WHO)]))
        and all(len(said[one]["bands"]) == len(bands) and set(said[one]["bands"]) <= {0, 1, 2} for one in _WHO)
        and _rising(body["upper_cm"])
        and len(body["words"]) == len(body["upper_cm"])
        and 0.0 < body["child_share"] <= 1.0
        and isinstance(said["car"].get("speed_kmh", 0), (int, float))
    )


def _fits_contacts(said: Mapping[str, Any]) -> bool:
    numbers = said["number"]
    return all(
        _is_pair(one["name"]) and _is_pair(one["use"]) and ("tel" not in one or bool(_NUMBER.fullmatch(one["tel"])))
        for one in (said["own"], *numbers)
    ) and all("tel" in one for one in numbers)


def _is_pair(words: Sequence[object]) -> bool:
    return isinstance(words, list) and len(words) == 2 and all(isinstance(word, str) for word in words)


def _rising(bounds: Sequence[float]) -> bool:
    numbers = all(isinstance(bound, (int, float)) and bound > 0 for bound in bounds)
    return numbers and len(bounds) > 0 and all(low < high for low, high in pairwise(bounds))
