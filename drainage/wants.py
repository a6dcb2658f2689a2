"""The door of the public functions: a wrong argument gives a message with what is expected and how to get it.

The kinds are compared by their names in the annotations, so that nothing is imported for it.
"""

from __future__ import annotations

import inspect
import numbers
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, wraps
from typing import Final, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_STORM: Final = "DesignStorm(read_storm_formula(FILE), return_period_a=3, duration_min=120)"
#: Kind → what it is in words, and the call that gives one.
_OURS: Final[dict[str, tuple[str, str]]] = {
    "DrainageNetwork": ("the network from read_network()", "read_network(FILE)"),
    "FlowState": ("the state from screen()", "screen(net, storm)"),
    "Result": ("the answer of a question", "find_mixed_flow(net)"),
    "Storm": ("a storm", _STORM),
    "ObservedStorm": ("the rain from read_observed_rain()", "read_observed_rain(FILE)"),
    "AnnualMaxima": ("the maxima from read_annual_maxima()", "read_annual_maxima(FILE)"),
    "IntensityFormula": ("the formula from read_storm_formula()", "read_storm_formula(FILE)"),
    "Evidence": ("the evidence from read_evidence()", "read_evidence(FILE)"),
    "GaugeLimits": ("GaugeLimits", "GaugeLimits(…)"),
    "GaugeReadings": ("the readings from read_gauges()", "formats.read_gauges(FILE)"),
    "Dem": ("the ground from read_dem()", "read_dem(FILE)"),
    "GeoDataFrame": ("a GeoDataFrame", "geopandas.read_file(FILE)"),
    "DataFrame": ("a DataFrame", "pandas.read_csv(FILE)"),
    "Series": ("a Series", "pandas.Series(…)"),
    "QualityProfile": ("a QualityProfile", "QualityProfile(…)"),
    "SewageRates": ("SewageRates", "SewageRates(…)"),
    "SourceRates": ("SourceRates", "SourceRates(…)"),
    "SourceLimits": ("SourceLimits", "SourceLimits(…)"),
    "InfiltrationLimits": ("InfiltrationLimits", "InfiltrationLimits(…)"),
    "ConditionRules": ("ConditionRules", "ConditionRules(…)"),
    "EngineOptions": ("EngineOptions", "EngineOptions(…)"),
    "Screening": ("the state from screen()", "screen(net, storm)"),
    "Setup": ("a Setup", "Setup(…)"),
    "EnsembleRun": ("a run from combine_runs()", "combine_runs(networks, storms)"),
    "LongSection": ("the section from trace_section()", "papers.trace_section(net, FROM, TO)"),
    "Report": ("the report from analyze()", "analyze(net)"),
    "PublicPage": ("the page from page_of_report()", "publication.page_of_report(report)"),
    "PayTerms": ("the terms of a contract", "report.PayTerms.from_file(FILE)"),
    "Axes": ("the axes of a plot", "matplotlib.pyplot.subplots()[1]"),
    "PriceList": ("the prices of an office", "plans.PriceList.from_file(FILE)"),
    "Trench": ("a Trench", "plans.Trench(…)"),
    "CRS": ("a CRS", "net.crs"),
    "ChangeSet": ("the change set from read_change_set()", "read_change_set(FILE)"),
    "Executor": ("an executor of concurrent.futures", "ProcessPoolExecutor()"),
}
#: What a parameter of a general kind means by its name.
_NAMED: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("Result", "mixed"): ("the answer of find_mixed_flow()", "find_mixed_flow(net)"),
    ("Result", "waterlogging"): ("the answer of find_waterlogging()", "find_waterlogging(state)"),
    ("Result", "infiltration"): ("the answer of measure_infiltration()", "measure_infiltration(net, evidence, rain)"),
    ("Result", "plan"): ("the answer of plan_inspection()", "plan_inspection(net)"),
    ("GeoDataFrame", "roads"): ("the roads from read_roads()", "read_roads(FILE, target=net.crs)"),
    ("GeoDataFrame", "reports"): ("the reports from read_sightings()", "read_sightings(FILE, target=net.crs)"),
    ("GeoDataFrame", "sightings"): ("the reports from read_sightings()", "read_sightings(FILE, target=net.crs)"),
    ("Result", "relief"): ("the answer of plan_relief()", "plan_relief(state, find_waterlogging(state))"),
    ("Result", "closures"): ("the answer of plan_closures()", "plan_closures(net, find_mixed_flow(net), budget=30)"),
    ("Result", "cleaning"): ("the answer of plan_cleaning()", "plan_cleaning(state)"),
    ("Result", "bill"): ("the answer of take_quantities()", "plans.take_quantities(net, changes)"),
    ("Result", "fit"): ("the answer of fit_storm_formula()", "fit_storm_formula(maxima)"),
    ("DataFrame", "log"): ("the log of a repair", "repair(net, tolerance_m=0.1).log"),
    ("Mapping", "networks"): ("networks by their names", '{"now": net}'),
    ("Sequence", "runs"): ("the runs from combine_runs()", 'combine_runs({"now": net}, [storm])'),
    ("DataFrame", "series"): (
        "the series of compare_with_gauges()",
        "compare_with_gauges(net, read_gauges(FILE), storm).series",
    ),
    ("DataFrame", "works"): ("the works of plan_relief()", "plan_relief(state, find_waterlogging(state)).works"),
}
#: Answers to one question only, by the name of the parameter.
_QUESTIONS: Final = {
    "mixed": "mixed_flow", "waterlogging": "waterlogging", "infiltration": "infiltration", "relief": "relief",
    "closures": "closures", "cleaning": "cleaning", "fit": "storm_formula",
    "bill": "bill_of_quantities",
}  # fmt: skip
#: (wanted, given) → how to get from the one to the other.
_WAYS: Final[dict[tuple[str, str], str]] = {
    ("DrainageNetwork", "GeoDataFrame"): "as_network(frame)",
    ("DrainageNetwork", "FlowState"): "state.network",
    ("DrainageNetwork", "Report"): "report.network",
    ("Storm", "IntensityFormula"): "DesignStorm(formula, return_period_a=3, duration_min=120)",
    ("ChangeSet", "Result"): "plans.changes_of_relief(net, plan)",
    ("Result", "Report"): 'report.results["mixed_flow"]',
}
#: General kinds: word → what it is, and what is one.
_PLAIN: Final[dict[str, tuple[str, Callable[[object], bool]]]] = {
    "str": ("a text", lambda value: not _is_ours(value) and not isinstance(value, int | float) and value is not None),
    "Path": ("the path of a file", lambda value: isinstance(value, (str, os.PathLike))),
    "Paths": ("the path of a file, or several", lambda value: isinstance(value, (str, os.PathLike)) or _is_row(value)),
    "float": ("a number", lambda value: isinstance(value, numbers.Real) or _is_scalar(value)),
    "int": ("a whole number", lambda value: isinstance(value, numbers.Real) or _is_scalar(value)),
    "bool": ("True or False", lambda value: not _is_ours(value)),
    "Mapping": ("a mapping", lambda value: isinstance(value, Mapping)),
    "Sequence": ("a sequence", lambda value: _is_row(value) and not isinstance(value, Mapping)),
    "Iterable": ("a sequence", lambda value: isinstance(value, Iterable) and _is_row(value)),
    "Collection": ("a sequence", lambda value: _is_row(value) and isinstance(value, Collection)),
    "Callable": ("a function", callable),
    "Step": ("a function", callable),
    "Tailwater": ("a level in m, or a series of levels", lambda value: not _is_ours(value) or _is(value, "Series")),
    "Scheme": ("a word", lambda value: not _is_ours(value)),
    "By": ("a word", lambda value: not _is_ours(value)),
    "Engine": ("a word", lambda value: not _is_ours(value)),
}


class _Kind(NamedTuple):
    """One of the kinds that a parameter takes."""

    word: str
    text: str
    get: str
    fits: Callable[[object], bool]


def wants(function: Callable[P, R]) -> Callable[P, R]:
    """Check what is passed to a public function against its annotations; TypeError where it is another thing."""
    signature = inspect.signature(function)
    kinds = {
        name: found for name, parameter in signature.parameters.items() if (found := _kinds(name, parameter.annotation))
    }
    several = {name for name, one in signature.parameters.items() if one.kind is inspect.Parameter.VAR_POSITIONAL}
    first = next(iter(signature.parameters))

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # which says what is missing, or one too many, by its own name
        for name, value in bound.arguments.items():
            for one in value if name in several else (value,):
                if name in kinds and not any(kind.fits(one) for kind in kinds[name]):
                    raise TypeError(_words(function.__name__, name, kinds[name], one, first=name == first))
        return function(*args, **kwargs)

    return checked


def expect(place: str, name: str, value: object, kind: str, *, first: bool = True) -> None:
    """Raise TypeError where a value of a parameter is of another kind, for classes that are built by hand."""
    kinds = _kinds(name, kind)
    if not any(one.fits(value) for one in kinds):
        raise TypeError(_words(place, name, kinds, value, first=first))


@cache
def _kinds(name: str, annotation: str) -> tuple[_Kind, ...]:
    """Return the kinds that an annotation names; none if one of them is unknown here, for then all may pass."""
    words = [word.strip() for word in _alternatives(annotation)]
    found = [_kind(name, word) for word in words if not (word == "str" and "Path" in words)]
    return () if None in found else tuple(kind for kind in found if kind is not None)


def _kind(name: str, annotation: str) -> _Kind | None:
    word = annotation.partition("[")[0].rpartition(".")[2]
    if word == "None":
        return _Kind(word, "None", "", lambda value: value is None)
    if word in _OURS:
        text, get = _NAMED.get((word, name), _OURS[word])
        question = _QUESTIONS.get(name) if word == "Result" else None
        return _Kind(word, text, get, lambda value: _is(value, word) and question in {None, _question(value)})
    if word in _PLAIN:
        text, fits = _PLAIN[word]
        text, get = _NAMED.get((word, name), (text, ""))
        return _Kind(word, text, get, fits)
    return None


def _alternatives(annotation: str) -> list[str]:
    """Part an annotation at the bars outside its brackets."""
    depth, parts = 0, [""]
    for sign in annotation:
        depth += (sign == "[") - (sign == "]")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _words(function: str, name: str, kinds: tuple[_Kind, ...], value: object, *, first: bool) -> str:
    wanted = [kind for kind in kinds if kind.word != "None"]
    texts = list(dict.fromkeys(kind.text for kind in wanted))
    said = f"{function} expects {' or '.join(texts)}{'' if first else f' for {name}'}, not {_given(value)}"
    ways = [way for kind in wanted for given in _names(value) if (way := _WAYS.get((kind.word, given)))]
    way = next(iter(ways), None) or next((kind.get for kind in wanted if kind.get), "")
    if "Path" in {kind.word for kind in wanted} and function == "read_network" and _is(value, "GeoDataFrame"):
        return f"{said}: as_network(frame)"
    if not way:
        return said
    return f"{said}: {function}({way})" if first else f"{said}: {function}(…, {name}={way})"


def _given(value: object) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    of = f" of {_question(value)}" if _question(value) else ""
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}{of}"


def _question(value: object) -> str | None:
    return getattr(value, "question", None) if _is(value, "Result") else None


def _names(value: object) -> list[str]:
    return [kind.__name__ for kind in type(value).__mro__]


def _is(value: object, word: str) -> bool:
    return word in _names(value)


def _is_ours(value: object) -> bool:
    """Return whether a value is a network, a frame or another whole thing, which is never a word or a number."""
    return any(name in _OURS for name in _names(value))


def _is_row(value: object) -> bool:
    whole = ("DataFrame", "DrainageNetwork", "FlowState", "Result")
    if isinstance(value, (str, bytes)):  # a word is no sequence of its letters
        return False
    return isinstance(value, Iterable) and not any(_is(value, word) for word in whole)


def _is_scalar(value: object) -> bool:
    return hasattr(value, "__float__") and not _is_ours(value)
