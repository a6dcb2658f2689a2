"""A tree of a filter → where it holds, as one array: no feature is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Final

import numpy as np
import shapely

from drainage.report import Features
from drainage.words import in_both
from drainage_api.asked import periods, truths
from drainage_api.asked.periods import Period
from drainage_api.asked.systems import System, transformed
from drainage_api.asked.trees import Call, Interval, Literal, Moment, Name, NoFilterError, Shape, Tree
from drainage_api.asked.truths import NOTHING_MISSING, Bools, Kind, Truth, Values, constant

GEOMETRY: Final = "geometry"
#: Kind of a property → what it is for a filter; lists and the like can be asked for their absence only.
KINDS: Final[dict[str, Kind]] = {
    "text": "text", "integer": "number", "number": "number", "boolean": "boolean", "date": "time", "instant": "time"
}  # fmt: skip
#: Function → relation of the features to a geometry, and the one that holds the other way round.
SPATIAL: Final = {
    "s_intersects": ("intersects", "intersects"),
    "s_contains": ("contains", "within"),
    "s_within": ("within", "contains"),
    "s_touches": ("touches", "touches"),
    "s_crosses": ("crosses", "crosses"),
    "s_overlaps": ("overlaps", "overlaps"),
}


def where(tree: Tree, features: Features, system: System) -> Bools:
    """Return the features for which a filter holds.

    Parameters
    ----------
    system
        Of the geometries in the filter.

    Raises
    ------
    NoFilterError
        It asks for what is not there, or compares what cannot be compared.
    """
    return np.broadcast_to(_Reading(features, system).truth(tree).yes, len(features)).copy()


class _Reading:
    """One filter on the features of one collection."""

    def __init__(self, features: Features, system: System) -> None:
        """Remember both, and what is done for each operator."""
        self.features, self.system = features, system
        self._conditions: dict[str, Callable[[Call], Truth]] = {
            "and": self._joined,
            "or": self._joined,
            "not": self._negated,
            "isnull": self._absent,
            "like": self._like,
            "between": self._between,
            "in": self._one_of,
            **dict.fromkeys(truths.COMPARISONS, self._compared),
            **dict.fromkeys((*SPATIAL, "s_disjoint", "s_equals"), self._spatial),
            **dict.fromkeys(periods.RELATIONS, self._temporal),
        }

    def truth(self, tree: Tree) -> Truth:
        """Return where a condition holds."""
        if not isinstance(tree, Call):
            value = self.value(tree)
            if value.kind != "boolean":
                raise NoFilterError(in_both("filter_wants_condition", kind=truths.kind_said(value.kind)))
            return value.known(value.values)
        condition = self._conditions.get(tree.op)
        if condition is None:
            raise NoFilterError(in_both("filter_no_condition", op=tree.op[:40]))
        return condition(tree)

    def _joined(self, tree: Call) -> Truth:
        if not tree.args:
            raise NoFilterError(in_both("filter_joins_nothing", op=tree.op.upper()))
        return reduce(and_ if tree.op == "and" else or_, map(self.truth, tree.args))

    def _negated(self, tree: Call) -> Truth:
        return ~self.truth(*_some(tree, 1))

    def _compared(self, tree: Call) -> Truth:
        return truths.compare(tree.op, *map(self.value, _some(tree, 2)))

    def _like(self, tree: Call) -> Truth:
        return truths.like(*map(self.value, _some(tree, 2)))

    def _between(self, tree: Call) -> Truth:
        value, low, high = map(self.value, _some(tree, 3))
        return truths.compare(">=", value, low) & truths.compare("<=", value, high)

    def _one_of(self, tree: Call) -> Truth:
        if len(tree.args) < 2:
            raise NoFilterError(in_both("filter_in_empty"))
        value, *options = map(self.value, tree.args)
        return truths.one_of(value, options)

    def value(self, tree: Tree) -> Values:
        """Return the values of a part."""
        match tree:
            case Literal(value):
                return constant(value)
            case Moment(at) if at is not None:
                return Values("time", np.array(at), NOTHING_MISSING)
            case Name(name):
                return self._property(name)
            case Call(op) if op in truths.ARITHMETIC:
                return truths.calculate(op, *map(self.value, _some(tree, 2)))
            case Call("casei" | "accenti" as op):
                return truths.folded(*map(self.value, _some(tree, 1)), accents=op == "accenti")
            case Call(op) if op in self._conditions:
                held = self.truth(tree)
                return Values("boolean", held.yes, ~(held.yes | held.no))
            case Call(op):
                raise NoFilterError(in_both("filter_no_function", op=op[:40]))
        raise NoFilterError(in_both("filter_wants_value"))

    def _property(self, name: str) -> Values:
        kinds = self.features.kinds
        if name not in kinds:
            known = ", ".join([*kinds, GEOMETRY])
            raise NoFilterError(in_both("filter_no_property", name=name[:40], known=known))
        if kinds[name] not in KINDS:
            raise NoFilterError(in_both("filter_lists", name=name))
        values, null = self.features.values(name)
        return Values(KINDS[kinds[name]], np.where(null, "", values) if kinds[name] == "text" else values, null)

    def _absent(self, asked: Call) -> Truth:
        [tree] = _some(asked, 1)
        if isinstance(tree, Name) and tree.name == GEOMETRY:
            null = np.asarray(self.features.frame.geometry.isna())
        elif isinstance(tree, Name) and tree.name in self.features.kinds:
            null = self.features.absent(tree.name)
        else:
            null = self.value(tree).null
        return Truth(null, ~null)

    def _spatial(self, tree: Call) -> Truth:
        op, (one, other) = tree.op, _some(tree, 2)
        turned = isinstance(one, Shape)
        place, shape = (other, one) if turned else (one, other)
        if not isinstance(shape, Shape) or not isinstance(place, Name) or place.name != GEOMETRY:
            raise NoFilterError(in_both("filter_spatial", op=op.upper(), name=GEOMETRY))
        missing = np.asarray(self.features.frame.geometry.isna())
        found = self._related(op, shape, turned=turned)
        return Truth(found & ~missing, ~found & ~missing)

    def _related(self, op: str, shape: Shape, *, turned: bool) -> Bools:
        crs = self.features.crs
        if crs is None:
            raise NoFilterError(in_both("filter_on_plan"))
        if op == "s_disjoint":
            return ~self._related("s_intersects", shape, turned=turned)
        if shape.box is not None and op == "s_intersects":
            return self.features.in_box(self.system.box(shape.box), self.system.of_boxes)
        try:
            geometry = transformed(shape.geometry, self.system, crs)
        except shapely.errors.GEOSException as error:
            raise NoFilterError(in_both("filter_no_extent")) from error
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            raise NoFilterError(in_both("filter_too_far"))
        if op == "s_equals":
            return self.features.relate(geometry, "within") & self.features.relate(geometry, "contains")
        return self.features.relate(geometry, SPATIAL[op][turned])

    def _temporal(self, tree: Call) -> Truth:
        op, (first, second) = tree.op, map(self._period, _some(tree, 2))
        if op not in periods.OF_MOMENTS and not (first.lasts and second.lasts):
            raise NoFilterError(in_both("filter_intervals", op=op.upper()))
        known = ~(first.null | second.null)
        found = np.asarray(periods.RELATIONS[op](first, second), dtype=bool)
        return Truth(found & known, ~found & known)

    def _period(self, tree: Tree) -> Period:
        if isinstance(tree, Interval):
            begin, end = self._end(tree.begin, periods.FIRST), self._end(tree.end, periods.LAST)
            return Period(begin.values, end.values, begin.null | end.null, lasts=True)
        at = self._end(tree, periods.FIRST)
        return Period(at.values, at.values, at.null, lasts=False)

    def _end(self, tree: Tree, otherwise: np.datetime64) -> Values:
        if isinstance(tree, Moment) and tree.at is None:
            return Values("time", np.array(otherwise), NOTHING_MISSING)
        value = self.value(tree)
        if value.kind != "time":
            raise NoFilterError(in_both("filter_wants_moment", kind=truths.kind_said(value.kind)))
        return value


def _some(tree: Call, count: int) -> tuple[Tree, ...]:
    if len(tree.args) != count:
        raise NoFilterError(in_both("filter_takes", op=tree.op[:40].upper(), count=count, given=len(tree.args)))
    return tree.args
