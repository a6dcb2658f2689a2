"""A storm as plain values, for machines: what rain it is, by which formula, and how it falls."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from drainage.analyses.storm_fit.formula_check import check_storm_formula
from drainage.cells import plain_value, short_numbers
from drainage.hydraulics.formulas import IntensityFormula
from drainage.hydraulics.rainfall import Storm
from drainage.said import in_language
from drainage.wants import wants
from drainage.words import language


@wants
def storm_facts(storm: Storm, *, step_min: float = 5.0, lang: str | None = None) -> dict[str, Any]:
    """Return a storm as values that JSON knows.

    Parameters
    ----------
    storm
        A design storm, or rain of a gauge or of a model.
    step_min
        Length of the steps of the hyetograph, min; the rain of a gauge keeps the gauge's own.
    lang
        ``zh`` or ``en`` of the remarks; None: the language of the reader.

    Returns
    -------
    ``storm``: the facts of the rain (return period in years, depth in mm, duration in min); ``remarks``: what must be
    known of it, such as a formula that is not verified; ``hyetograph``: ``time_min`` at the end of each step,
    ``depth_mm``, ``intensity_mm_per_h``. Of a design storm also ``formula``: its name, source, whether it is verified,
    and the verdicts of `check_storm_formula`; ``intensities``: those of the formula by ``duration_min`` and
    ``return_period_a``. Of other rain both are None.

    Raises
    ------
    SimulationError
        The step is not positive.

    Examples
    --------
    >>> import drainage as dr
    >>> told = dr.analyses.storm_facts(dr.DesignStorm(dr.read_storm_formula("demo"), 3.0, 120.0), lang="en")
    >>> told["formula"]["verified"], len(told["hyetograph"]), round(told["storm"]["depth_mm"], 1)
    (False, 24, 67.4)
    """
    begin, depth = storm.hyetograph_mm(step_min)
    end = np.append(begin[1:], storm.duration_min)
    steps = zip(end.tolist(), depth.tolist(), (depth / (end - begin) * 60.0).tolist(), strict=True)
    formula = getattr(storm, "formula", None)
    checked = check_storm_formula(formula) if isinstance(formula, IntensityFormula) else None
    told = {
        "storm": storm.facts,
        "remarks": list(storm.remarks),
        "formula": None if checked is None else checked.summary.to_dict(),
        "hyetograph": [dict(zip(("time_min", "depth_mm", "intensity_mm_per_h"), step, strict=True)) for step in steps],
        "intensities": None if checked is None else checked.tables["intensities"].to_dict("records"),
    }
    return cast("dict[str, Any]", in_language(short_numbers(plain_value(told)), language(lang)))
