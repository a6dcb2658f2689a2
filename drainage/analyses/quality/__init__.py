"""Is the network fit to be analysed: rules with their clause, magnitude and remedy, a profile, and a delivery score."""

from drainage.analyses.quality.check import check_quality
from drainage.analyses.quality.profile import Acceptance, QualityProfile
from drainage.analyses.quality.rules import RULES, Rule
from drainage.analyses.quality.score import score_delivery

__all__ = ["RULES", "Acceptance", "QualityProfile", "Rule", "check_quality", "score_delivery"]
