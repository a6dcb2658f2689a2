"""Storm intensity formulas from a TOML file, or from the registry by name.

The file::

    name = "灵璧"
    source = "official notice, year"
    A = 1600.0       # L/(s·hm²); or A1 in mm/min, then A = 167·A1
    C = 0.846
    b = 7.0          # min
    n = 0.656
    verified = true  # optional
    valid_min = [5, 180]   # optional
    valid_a = [2, 100]     # optional
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from drainage.errors import FormatError, SimulationError
from drainage.hydraulics.rainfall import StormFormula, storm_formula

_NUMBERS: Final = ("A", "A1", "C", "b", "n")
_TEXTS: Final = ("name", "source", "note")
_RANGES: Final = ("valid_min", "valid_a")


def read_storm_formula(name_or_file: str | Path) -> StormFormula:
    """Get a storm intensity formula by registered name, or from a TOML file.

    Parameters
    ----------
    name_or_file
        A name such as ``demo``, or the path of a file that ends in ``.toml``.

    Returns
    -------
    The formula.

    Raises
    ------
    SimulationError
        The name is not registered.
    FormatError
        The file is missing, is no TOML, or lacks a coefficient.

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
        msg = f"{path}: no such file; expected a TOML file with A, C, b, n and source"
        raise FormatError(msg) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path}: not readable as TOML in UTF-8 ({error}); expected A, C, b, n and source"
        raise FormatError(msg) from error
    return _formula(path, content)


def _formula(path: Path, content: dict[str, object]) -> StormFormula:
    unknown = set(content) - {*_NUMBERS, *_TEXTS, *_RANGES, "verified"}
    if unknown:
        msg = f"{path}: unknown keys {sorted(unknown)}; expected A (or A1), C, b, n, source, name"
        raise FormatError(msg)
    numbers = {key: _number(path, key, content[key]) for key in _NUMBERS if key in content}
    if "A1" in numbers and "A" not in numbers:
        numbers["A"] = 167.0 * numbers.pop("A1")
    missing = [key for key in ("A", "C", "b", "n") if key not in numbers]
    source = content.get("source")
    if missing or not isinstance(source, str) or not source.strip() or "A1" in numbers:
        lacking = [*missing, *([] if isinstance(source, str) and source.strip() else ["source"])]
        what = f"{', '.join(lacking)} missing" if lacking else "both A and A1 given"
        msg = f"{path}: {what}; expected A in L/(s·hm²) or A1 in mm/min, C, b in min, n and source"
        raise FormatError(msg)
    ranges = {key: _range(path, key, content[key]) for key in _RANGES if key in content}
    try:
        return StormFormula(
            A=numbers["A"],
            C=numbers["C"],
            b=numbers["b"],
            n=numbers["n"],
            source=source,
            name=str(content.get("name", path.stem)),
            verified=content.get("verified") is True,
            note=str(content.get("note", "")),
            **ranges,
        )
    except SimulationError as error:
        msg = f"{path}: {error}"
        raise FormatError(msg) from error


def _number(path: Path, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{path}: {key} = {value!r}; expected a number"
        raise FormatError(msg)
    return float(value)


def _range(path: Path, key: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        msg = f"{path}: {key} = {value!r}; expected two numbers, such as [5, 180]"
        raise FormatError(msg)
    low, high = (_number(path, key, item) for item in value)
    return low, high
