"""A model against what gauges in the drains measured, and what would mend it."""

from drainage.analyses.gauges.compare_gauges import compare_with_gauges
from drainage.analyses.gauges.gauge_limits import GaugeLimits

__all__ = ["GaugeLimits", "compare_with_gauges"]
