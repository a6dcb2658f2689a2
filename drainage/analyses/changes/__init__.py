"""Which pipe of a network is which of a later one, and what has changed."""

from drainage.analyses.changes.find_changes import find_changes
from drainage.analyses.changes.pairs import Pairs, pair_networks

__all__ = ["Pairs", "find_changes", "pair_networks"]
