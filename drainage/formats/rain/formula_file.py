"""A storm formula written for others: a TOML file that `read_storm_formula` reads back, or a figure of its curves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from drainage.errors import FormatError, SchemaError
from drainage.hydraulics.formulas import IntensityFormula, StormFormula
from drainage.provenance import Provenance
from drainage.result import RESULT_ENDINGS, Result
from drainage.said import Said
from drainage.wants import wants
from drainage.words import in_both
from drainage.writing import replacing_file

#: What the curves of a formula are written as.
CURVE_ENDINGS: Final = (".png", ".svg", ".pdf")
#: What a fitted formula is written as: the formula, its curves, or the tables of the fit.
_FIT_ENDINGS: Final = (".toml", *CURVE_ENDINGS, *RESULT_ENDINGS)
_FITTED: Final = (
    "distribution", "years", "first_year", "last_year", "years_missing", "years_left_out",
    "absolute_error_mm_per_min", "relative_error_pct", "limits_kept", "values_standing_out", "storms_of_peak",
)  # fmt: skip


@wants
def write_storm_formula(
    formula: IntensityFormula, path: str | Path, *, fit: Result | None = None, force: bool = False
) -> Path:
    """Write a storm formula as a file that `read_storm_formula` reads back.

    Parameters
    ----------
    formula
        A formula of one set of coefficients, such as `fitted_formula` returns.
    path
        Where to write: a name that ends in ``.toml``.
    fit
        Result of `fit_storm_formula`: how the formula was fitted goes into the file too, in the table ``fitted``.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        Another extension, or the file exists and ``force`` is False.
    SchemaError
        The formula has coefficients for each return period.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> formula = dr.read_storm_formula("demo")
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_storm_formula(formula, f"{folder}/demo.toml")
    ...     float(dr.read_storm_formula(path).intensity(60.0, 3.0) - formula.intensity(60.0, 3.0))
    0.0
    """
    goal = Path(path)
    if goal.suffix.lower() != ".toml":
        raise FormatError(in_both("expected_ending", file=goal.name, endings=".toml"))
    if not isinstance(formula, StormFormula):
        raise SchemaError(in_both("formula_not_one", name=formula.name or formula.source))
    made = Provenance() if fit is None else fit.provenance
    with replacing_file(goal, ending=".toml", force=force) as part:
        part.write_text("\n".join(_lines(formula, fit, made)) + "\n", encoding="utf-8")
    return goal


@wants
def write_intensities(
    formula: IntensityFormula, path: str | Path, *, fit: Result | None = None, force: bool = False
) -> Path:
    """Write the curves of a storm formula as a figure: intensity by duration, a line for each return period.

    Parameters
    ----------
    formula
        Any formula.
    path
        A name that ends in ``.png``, ``.svg`` or ``.pdf``.
    fit
        Result of `fit_storm_formula`: the points of the frequency curves and the bounds are drawn too.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        Another extension, matplotlib is not installed, or the file exists and ``force`` is False.

    Examples
    --------
    >>> import drainage as dr
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = dr.formats.write_intensities(dr.read_storm_formula("demo"), f"{folder}/demo.png")
    ...     path.name, path.stat().st_size > 10_000
    ('demo.png', True)
    """
    from drainage.maps.charts.canvas import figure_for_file
    from drainage.maps.intensity_curves import plot_intensities

    goal = Path(path)
    check_curve_file(goal)
    made = Provenance(source=(formula.name or formula.source,)) if fit is None else fit.provenance
    with replacing_file(goal, ending=goal.suffix.lower(), force=force, provenance=made) as part:
        figure = figure_for_file(110.0)
        plot_intensities(formula, figure.add_subplot(), intensities=None if fit is None else fit.tables["intensities"])
        figure.savefig(part, dpi=150)
    return goal


def check_fit_file(path: Path) -> None:
    """Raise if a fit cannot be written to a file with this extension.

    Raises
    ------
    FormatError
        It is another.
    """
    if path.suffix.lower() not in _FIT_ENDINGS:
        raise FormatError(in_both("ending_unknown", name=path.name, known=", ".join(_FIT_ENDINGS)))


def check_curve_file(path: Path) -> None:
    """Raise if curves cannot be written to a file with this extension.

    Raises
    ------
    FormatError
        It is another.
    """
    if path.suffix.lower() not in CURVE_ENDINGS:
        raise FormatError(in_both("expected_ending", file=path.name, endings=", ".join(CURVE_ENDINGS)))


def _lines(formula: StormFormula, fit: Result | None, made: Provenance) -> list[str]:
    note = formula.note
    said = [note.chinese, str(note)] if isinstance(note, Said) else note
    rows: dict[str, object] = {
        "name": formula.name,
        "source": [formula.source.chinese, str(formula.source)] if isinstance(formula.source, Said) else formula.source,
        "A": formula.A,
        "C": formula.C,
        "b": formula.b,
        "n": formula.n,
        "year": formula.year,
        "verified": formula.verified,
        "valid_min": list(formula.valid_min),
        "valid_a": list(formula.valid_a),
        "peak_position": formula.peak_position,
        "note": said or None,
    }
    lines = [
        "# q = A (1 + C lg P) / (t + b)^n: q in L/(s·hm²), P in years, t and b in min (GB 50014-2021, 4.1.9).",
        f"# drainage {made.version}, {made.made_at}",
        *(f"{key} = {_plain(value)}" for key, value in rows.items() if value is not None),
    ]
    if fit is None:
        return lines
    known = {key: fit.summary.get(key) for key in _FITTED}
    return [*lines, "", "[fitted]", *(f"{key} = {_plain(value)}" for key, value in known.items() if value is not None)]


def _plain(value: object) -> str:
    """Return a value as TOML, which writes texts, truths, lists and numbers as JSON does."""
    if isinstance(value, float):
        return repr(float(f"{value:.8g}"))
    return json.dumps(value, ensure_ascii=False)
