"""Storm intensity formulas from a TOML file, or from the registry by name or adcode.

The file::

    name = "灵璧"
    source = "official notice, year"
    A = 1600.0       # L/(s·hm²); or A1 in mm/min, then A = 167·A1
    C = 0.846
    b = 7.0          # min
    n = 0.656
    year = 2024            # optional, like all below
    verified = true
    valid_min = [5, 180]
    valid_a = [2, 100]
    peak_position = 0.41   # r of the Chicago storm
    [fitted]               # how it was fitted, as `write_storm_formula` notes it; for the reader only

Instead of A, C, b, n: ``[[interval]]`` tables with ``valid_a``, ``A1``, ``b`` and ``n`` as [p1, p2, p3], each
coefficient being p1 + p2 ln(P - p3); or ``[[single]]`` tables with ``return_period_a``, ``A`` or ``A1``, ``b`` and
``n``.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from drainage.errors import FormatError, SimulationError, masked
from drainage.formats.guard.before_opening import no_file
from drainage.hydraulics.formulas import IntensityFormula, IntervalFormula, SingleFormulas, StormFormula
from drainage.said import Said, joined
from drainage.wants import wants
from drainage.words import in_both, nearest

_REGISTRY: Final = Path(__file__).parent / "storm_formulas.toml"
_NUMBERS: Final = ("A", "A1", "C", "b", "n")
_TEXTS: Final = ("name", "source", "note")
_RANGES: Final = ("valid_min", "valid_a")
_OTHERS: Final = ("verified", "year", "interval", "single", "keys", "peak_position", "fitted")


@wants
def read_storm_formula(name_or_file: str | Path) -> IntensityFormula:
    """Return a storm intensity formula by its registered name, or from a TOML file.

    Parameters
    ----------
    name_or_file
        A name or adcode such as ``demo``, ``上海``, ``310000``, or the path of a file that ends in ``.toml``.

    Returns
    -------
    The formula.

    Raises
    ------
    SimulationError
        The name is not registered.
    FormatError
        The file is missing, is not TOML, or lacks a coefficient.

    Examples
    --------
    >>> read_storm_formula("demo").verified
    False
    """
    path = Path(name_or_file)
    if path.suffix.lower() != ".toml":
        return storm_formula(str(name_or_file))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise FormatError(in_both("no_formula_file", missing=no_file(path))) from error
    except (OSError, UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        raise FormatError(in_both("formula_no_toml", file=path, error=error)) from error
    return _formula(str(path), content, path.stem)


def storm_formula(name: str) -> IntensityFormula:
    """Return a registered storm formula by its name or adcode.

    Raises
    ------
    SimulationError
        The name is not registered.

    Examples
    --------
    >>> storm_formula("demo").name
    'demo'
    """
    found = _registered().get(name.strip().lower())
    if found is None:
        known = sorted(_registered())
        near = nearest(name, known)
        raise SimulationError(in_both("formula_not_registered", name=name, near=near, known=joined(known, ", ")))
    return found


@lru_cache
def _registered() -> dict[str, IntensityFormula]:
    formulas: dict[str, IntensityFormula] = {}
    for name, content in tomllib.loads(_REGISTRY.read_text(encoding="utf-8")).items():
        formula = _formula(f"{_REGISTRY.name}: {name}", content, name)
        formulas |= dict.fromkeys((name, *content.get("keys", ())), formula)
    return formulas


def registered_formulas() -> pd.DataFrame:
    """Return the registered formulas by name: other names, coefficients where one set is all, ranges, source.

    Returns
    -------
    Index ``formula``; columns ``also`` (other names and adcodes), ``A`` in L/(s·hm²), ``C``, ``b_min``, ``n``,
    ``valid_min``, ``valid_a``, ``year``, ``verified`` and ``source``; coefficients are missing where they depend on the
    return period.

    Examples
    --------
    >>> bool(registered_formulas().loc["shanghai", "verified"])
    True
    """
    told = tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))
    rows = []
    for name, content in told.items():
        one = storm_formula(name)
        coefficients = {"A": one.A, "C": one.C, "b_min": one.b, "n": one.n} if isinstance(one, StormFormula) else {}
        rows.append(
            {
                "formula": name,
                "also": ", ".join(content.get("keys", ())),
                **{key: coefficients.get(key, float("nan")) for key in ("A", "C", "b_min", "n")},
                "valid_min": "{:g}-{:g}".format(*one.valid_min),
                "valid_a": "{:g}-{:g}".format(*one.valid_a),
                "year": one.year,
                "verified": one.verified,
                "source": one.source,
            }
        )
    return pd.DataFrame(rows).set_index("formula").astype({"year": "Int64"})


def _peak(place: str, content: dict[str, Any]) -> float | None:
    """Return r of the Chicago storm, None where the file has none."""
    if "peak_position" not in content:
        return None
    peak = _number(place, "peak_position", content["peak_position"])
    if not 0.0 < peak < 1.0:
        raise FormatError(in_both("formula_peak", place=place, value=peak))
    return peak


def _note(note: object) -> str:
    """Return a note as it is, or as one text in both languages if it consists of two."""
    return Said(str(note[1]), str(note[0])) if isinstance(note, list) and len(note) == 2 else str(note)


def _formula(place: str, content: dict[str, Any], name: str) -> IntensityFormula:
    if unknown := set(content) - {*_NUMBERS, *_TEXTS, *_RANGES, *_OTHERS}:
        raise FormatError(in_both("formula_keys_unknown", place=place, keys=sorted(unknown)))
    source = content.get("source")
    if isinstance(source, list) and len(source) == 2 and all(isinstance(one, str) for one in source):
        source = Said(masked(source[1]), masked(source[0]))
    lacking = [] if isinstance(source, str) and source.strip() else ["source"]
    about: dict[str, Any] = {
        "source": masked(source) if isinstance(source, str) and not isinstance(source, Said) else source,
        "name": str(content.get("name", name)),
        "year": content.get("year"),
        "verified": content.get("verified") is True,
        "note": _note(content.get("note", "")),
        "peak_position": _peak(place, content),
        **{key: _numbers(place, key, content[key], 2) for key in _RANGES if key in content},
    }
    try:
        if "interval" in content or "single" in content:
            _refuse_lack(place, lacking)
            return _by_return_period(place, content, about)
        numbers = {key: _number(place, key, content[key]) for key in _NUMBERS if key in content}
        if "A1" in numbers:
            numbers["A"] = _strength(place, content)
        _refuse_lack(place, [*(key for key in ("A", "C", "b", "n") if key not in numbers), *lacking])
        return StormFormula(A=numbers["A"], C=numbers["C"], b=numbers["b"], n=numbers["n"], **about)
    except SimulationError as error:
        raise FormatError(joined([place, error.said], ": ")) from error


def _by_return_period(place: str, content: dict[str, Any], about: dict[str, Any]) -> IntensityFormula:
    try:
        if "interval" in content:
            intervals = {
                _numbers(place, "valid_a", part["valid_a"], 2): tuple(
                    _numbers(place, key, part[key], 3) for key in ("A1", "b", "n")
                )
                for part in content["interval"]
            }
            return IntervalFormula(intervals=intervals, **about)  # type: ignore[arg-type]  # two and three numbers each
        periods = {
            _number(place, "return_period_a", part["return_period_a"]): (
                _strength(place, part),
                *(_number(place, key, part[key]) for key in ("b", "n")),
            )
            for part in content["single"]
        }
        return SingleFormulas(periods=periods, **about)  # type: ignore[arg-type]  # three numbers each
    except (KeyError, TypeError) as error:
        raise FormatError(in_both("formula_table_lacks", place=place, key=error)) from error


def _strength(place: str, content: dict[str, Any]) -> float:
    """Return A in L/(s·hm²), which is 167 A1 where the coefficient is named for mm/min."""
    if "A1" not in content:
        return _number(place, "A", content["A"])
    if "A" in content:
        raise FormatError(in_both("formula_twice", place=place))
    return 167.0 * _number(place, "A1", content["A1"])


def _refuse_lack(place: str, lacking: list[str]) -> None:
    if lacking:
        raise FormatError(in_both("formula_lacks", place=place, keys=joined(lacking, ", ")))


def _number(place: str, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(in_both("key_no_number", place=place, key=key, value=value))
    return float(value)


def _numbers(place: str, key: str, value: object, count: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise FormatError(in_both({2: "key_no_pair", 3: "key_no_triple"}[count], place=place, key=key, value=value))
    return tuple(_number(place, key, item) for item in value)
