"""A model against what gauges in the drains measured, and what would mend it."""

from drainage.analyses.gauges.compare_gauges import compare_with_gauges

__all__ = ["compare_with_gauges"]
