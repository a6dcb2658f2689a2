"""A network into a repaired one: what is sure is changed and logged, what is not is proposed, all can be undone."""

from drainage.repairs.draft import LOG_COLUMNS, PROPOSAL_COLUMNS
from drainage.repairs.rounds import RULES, Repaired, repair
from drainage.repairs.undo import undo_repair

__all__ = ["LOG_COLUMNS", "PROPOSAL_COLUMNS", "RULES", "Repaired", "repair", "undo_repair"]
