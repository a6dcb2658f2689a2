"""How far roads and areas are truly separated."""

from drainage.analyses.separation.coverage import measure_separation as measure_separation
