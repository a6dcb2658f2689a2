"""From the record of a gauge to a storm formula that is fitted to it, and to a file of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drainage.analyses.storm_fit.fitting import fit_storm_formula, fitted_formula
from drainage.formats.rain.annual_maxima import read_annual_maxima
from drainage.formats.rain.formula_file import CURVE_ENDINGS, check_fit_file, write_intensities, write_storm_formula
from drainage.result import Result


def fit_gauge(
    path: Path, *, date_order: str | None = None, least_share: float = 0.9, dry_between_min: float = 120.0, **how: Any,  # noqa: ANN401 - keywords of another function
) -> Result:  # fmt: skip
    """Read the annual maxima of a gauge and fit a formula to them.

    Parameters
    ----------
    path, date_order, least_share, dry_between_min
        As `read_annual_maxima` takes them.
    how
        Keywords of `fit_storm_formula`.

    Raises
    ------
    FormatError, SimulationError
        As they do.
    """
    maxima = read_annual_maxima(path, date_order=date_order, least_share=least_share, dry_between_min=dry_between_min)
    return fit_storm_formula(maxima, **how)


def write_fit(fit: Result, path: Path, *, force: bool = False) -> Path:
    """Write an answer of `fit_storm_formula` by the extension of the name.

    Parameters
    ----------
    fit
        The answer.
    path
        ``.toml``: the formula; ``.png``, ``.svg`` or ``.pdf``: its curves; as of `Result.to_file`: the tables.
    force
        Replace an existing file.

    Raises
    ------
    FormatError
        The file exists and ``force`` is False, or another extension.
    """
    check_fit_file(path)
    ending = path.suffix.lower()
    if ending == ".toml":
        return write_storm_formula(fitted_formula(fit), path, fit=fit, force=force)
    if ending in CURVE_ENDINGS:
        return write_intensities(fitted_formula(fit), path, fit=fit, force=force)
    return fit.to_file(path, force=force)
