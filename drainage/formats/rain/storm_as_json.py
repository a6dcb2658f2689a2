"""A storm as plain values that JSON holds, and back to the last bit: what a report keeps of its rain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from drainage.errors import FormatError
from drainage.hydraulics.formulas import IntensityFormula, IntervalFormula, SingleFormulas, StormFormula
from drainage.hydraulics.no_rain import NoRain
from drainage.hydraulics.rainfall import DesignStorm, ObservedStorm, Storm
from drainage.hydraulics.storm_of_depth import StormOfDepth
from drainage.said import Said
from drainage.words import in_both

#: Every kind of storm and of formula, by its name.
_KINDS: Final[Mapping[str, type[Storm | IntensityFormula]]] = {
    kind.__name__: kind
    for kind in (DesignStorm, ObservedStorm, StormOfDepth, NoRain, StormFormula, IntervalFormula, SingleFormulas)
}
_KIND: Final = "kind"
_PAIRS: Final = "pairs"


def storm_as_json(storm: Storm) -> dict[str, Any]:
    """Return a storm as plain values.

    One of a kind that has more to it, such as the rain of a model at each of its gages, is kept as the rain of each
    minute, and says so.
    """
    return dict(_plain(storm if type(storm).__name__ in _KINDS else _by_minutes(storm)))


def storm_of_json(facts: Mapping[str, Any]) -> Storm:
    """Return the storm that `storm_as_json` made these values of.

    Raises
    ------
    FormatError
        They are not such values.
    """
    try:
        storm = _value(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(in_both("storm_not_kept", facts=str(facts)[:80])) from error
    if not isinstance(storm, Storm):
        raise FormatError(in_both("storm_not_kept", facts=str(facts)[:80]))
    return storm


def _by_minutes(storm: Storm) -> Storm:
    """Return a storm as the rain of each minute."""
    begin, depth_mm = storm.hyetograph_mm(1.0)
    if not depth_mm.sum() > 0.0:
        return NoRain(storm.duration_min, repr(storm))
    edges = np.append(begin, storm.duration_min)
    return ObservedStorm(edges, depth_mm, getattr(storm, "source", repr(storm)), notes=(in_both("storm_by_minutes"),))


def _plain(value: Any) -> Any:  # noqa: ANN401 - of fields of any type
    if type(value).__name__ in _KINDS:
        return {_KIND: type(value).__name__} | {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, IntensityFormula):
        raise FormatError(in_both("storm_not_kept", facts=type(value).__name__))
    if isinstance(value, Mapping):
        return {_PAIRS: [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Said):
        return {_KIND: "Said", "english": str(value), "chinese": value.chinese}
    if isinstance(value, np.datetime64):
        return {_KIND: "datetime64", "at": str(value)}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _value(kept: Any) -> Any:  # noqa: ANN401 - of fields of any type
    if isinstance(kept, Mapping):
        if _PAIRS in kept:
            return {_value(key): _value(one) for key, one in kept[_PAIRS]}
        told = {name: _value(one) for name, one in kept.items() if name != _KIND}
        if kept[_KIND] == "Said":
            return Said(**told)
        return np.datetime64(told["at"]) if kept[_KIND] == "datetime64" else _KINDS[kept[_KIND]](**told)
    return tuple(_value(one) for one in kept) if isinstance(kept, list) else kept
