"""Which column of a delivery is which of ours: by name and content together, over all its pipes and nodes at once."""

from drainage.intake.matching.found import Found, Matched, ToMatch
from drainage.intake.matching.match import match_columns

__all__ = ["Found", "Matched", "ToMatch", "match_columns"]
