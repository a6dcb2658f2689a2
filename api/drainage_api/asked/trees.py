"""A filter as a tree of values, whichever way it was written (CQL2, OGC 21-065r2)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import shapely

from drainage.said import Said
from drainage.words import in_both
from drainage_api.asked.times import NotATimeError, read_instant

#: What a filter may ask for at most (own choice): every part costs a pass over all features.
MOST_PARTS: Final = 100
MOST_DEEP: Final = 32  # brackets in brackets
MOST_CHARACTERS: Final = 4_096
#: Beyond every coordinate, and near enough to be calculated with.
FAR: Final = 1e9


class NoFilterError(ValueError):
    """A text that is no filter, or one that cannot be meant; said so that a client can mend it.

    Parameters
    ----------
    said
        What is wrong with it.
    """

    def __init__(self, said: Said) -> None:
        """Keep it in both languages."""
        super().__init__(str(said))
        self.said = said


@dataclass(frozen=True, slots=True)
class Name:
    """A property."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, a truth."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, which is all of it, or an instant in UTC; None: open."""

    at: np.datetime64 | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A time from one moment to another."""

    begin: Tree
    end: Tree


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry; `box` where it was written as one: west, south, east, north."""

    geometry: shapely.Geometry
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with what it is applied to; names are in lower case."""

    op: str
    args: tuple[Tree, ...]


Tree: TypeAlias = Name | Literal | Moment | Interval | Shape | Call


def check_depth(text: str) -> None:
    """Refuse what is too long or nested too deep before anything reads it, in one pass.

    Raises
    ------
    NoFilterError
        It is.
    """
    if len(text) > MOST_CHARACTERS:
        raise NoFilterError(in_both("filter_too_long", most=MOST_CHARACTERS))
    deep = 0
    for character in text:
        deep += (character in "([{") - (character in ")]}")
        if deep > MOST_DEEP:
            raise NoFilterError(in_both("filter_too_deep", most=MOST_DEEP))


def check_size(tree: Tree) -> None:
    """Refuse a tree of more parts than anybody needs.

    Raises
    ------
    NoFilterError
        It has more.
    """
    if sum(1 for part in walk(tree) if isinstance(part, Call)) > MOST_PARTS:
        raise NoFilterError(in_both("filter_too_many", most=MOST_PARTS))


def walk(tree: Tree) -> Iterator[Tree]:
    """Pass over all parts of a tree, however deep it is."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Call):
            waiting.extend(part.args)
        elif isinstance(part, Interval):
            waiting.extend((part.begin, part.end))


def number(text: str | float) -> float:
    """Return a number that is one.

    Raises
    ------
    NoFilterError
        It is too large, or none.
    """
    try:
        value = float(text)
    except OverflowError:  # a whole number of JSON
        value = math.inf
    if not math.isfinite(value):
        raise NoFilterError(in_both("filter_number_too_large"))
    return value


def moment(text: str, *, day: bool) -> Moment:
    """Return a day or an instant as RFC 3339 writes them.

    Raises
    ------
    NoFilterError
        It is none.
    """
    try:
        return Moment(read_instant(text if not day or len(text) == len("2020-01-31") else ""))
    except NotATimeError as error:
        raise NoFilterError(in_both("filter_day" if day else "filter_instant", text=text[:40])) from error


def interval(begin: Tree, end: Tree) -> Interval:
    """Return the time between two moments, properties or open ends.

    Raises
    ------
    NoFilterError
        They are none, or the end lies before the begin.
    """
    begin, end = _end(begin), _end(end)
    known = [part.at for part in (begin, end) if isinstance(part, Moment) and part.at is not None]
    if len(known) == 2 and known[0] > known[1]:
        raise NoFilterError(in_both("filter_interval_reversed"))
    return Interval(begin, end)


def _end(tree: Tree) -> Tree:
    if isinstance(tree, Literal) and isinstance(tree.value, str):
        if tree.value in {"..", ""}:
            return Moment(None)
        return moment(tree.value, day=len(tree.value) == len("2020-01-31"))
    if not isinstance(tree, Name | Moment):
        raise NoFilterError(in_both("filter_interval_ends"))
    return tree


def box(numbers: Sequence[float]) -> Shape:
    """Return a box of four numbers, or of six, whose heights are not used.

    Raises
    ------
    NoFilterError
        It is none.
    """
    if len(numbers) not in {4, 6}:
        raise NoFilterError(in_both("filter_box_numbers"))
    west, south, east, north = (*numbers[:2], *numbers[len(numbers) // 2 :][:2])
    if south > north:
        raise NoFilterError(in_both("filter_box_reversed"))
    if max(map(abs, numbers)) > FAR:
        raise NoFilterError(in_both("filter_box_too_large"))
    return Shape(shapely.box(min(west, east), south, max(west, east), north), (west, south, east, north))


def shape(geometry: shapely.Geometry) -> Shape:
    """Return a geometry that can be compared with.

    Raises
    ------
    NoFilterError
        It is empty, has numbers that are too large, or crosses itself: such a one has no clear answer, and takes long.
    """
    if shapely.is_empty(geometry) or not (np.abs(shapely.get_coordinates(geometry)) < FAR).all():
        raise NoFilterError(in_both("filter_shape_empty"))
    if isinstance(geometry, shapely.LineString | shapely.MultiLineString) and not shapely.is_simple(geometry):
        raise NoFilterError(in_both("filter_shape_crosses"))
    return Shape(shapely.force_2d(geometry))
