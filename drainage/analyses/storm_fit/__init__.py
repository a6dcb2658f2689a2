"""A city's own storm formula: fitted to annual maxima as GB 50014-2021, appendix B, has it; and any formula checked.

Definition.  *Annual maxima* are the greatest depths of rain of each year in windows of 5 to 180 min (B.0.2).  The
*frequency curve* of a duration is the distribution fitted to its maxima (B.0.3); the *formula* is that of 4.1.9 whose
intensities come nearest to those of the frequency curves at 2 to 100 a, by least squares (B.0.4).
"""

from drainage.analyses.storm_fit.fitting import fit_storm_formula, fitted_formula
from drainage.analyses.storm_fit.formula_check import check_storm_formula

__all__ = ["check_storm_formula", "fit_storm_formula", "fitted_formula"]
