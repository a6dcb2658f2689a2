"""Edits of a network as a file: checked as a whole, made or refused as a whole, and taken back to the last bit."""

from drainage.change_sets.apply import Applied, apply_changes
from drainage.change_sets.between import changes_between
from drainage.change_sets.change_set import ACTIONS, ADDED_BY, Change, ChangeSet, NewColumn

__all__ = [
    "ACTIONS",
    "ADDED_BY",
    "Applied",
    "Change",
    "ChangeSet",
    "NewColumn",
    "apply_changes",
    "changes_between",
]
