"""Edits that contradict each other, within a change set or between several: none of them is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shapely.geometry.base import BaseGeometry

from drainage.change_sets.change_set import Change, ChangeSet
from drainage.said import Said
from drainage.words import in_both


def find_conflicts(sets: Sequence[ChangeSet]) -> list[Said]:
    """Return a sentence for each contradiction.

    One cell set to two values, an id added twice, a feature changed that another edit abandons or takes back.
    """
    by_feature: dict[tuple[str, str], list[tuple[ChangeSet, Change]]] = {}
    for each in sets:
        for change in each.changes:
            by_feature.setdefault((change.layer, change.id), []).append((each, change))
    return [said for together in by_feature.values() if len(together) > 1 for said in _between(together)]


def _between(together: Sequence[tuple[ChangeSet, Change]]) -> Iterator[Said]:
    """Yield what contradicts in the edits of one feature."""
    seen: dict[str, tuple[Said, object]] = {}
    first, one = together[0][0], together[0][1]
    for each, change in together[1:]:
        pair = {one.action, change.action}
        places = {"place": change.place(each.name), "other": one.place(first.name)}
        if one.action == change.action == "add":
            yield in_both("added_twice", **places)
        elif "remove" in pair and pair != {"remove"}:
            yield in_both("conflict_remove", **places)
        elif "abandon" in pair and len(pair) > 1:
            yield in_both("conflict_abandon", **places)
    for each, change in together:
        cells: dict[str, object] = dict(change.columns)
        if change.geometry is not None:
            cells["geometry"] = change.geometry
        for column, value in cells.items():
            place = change.place(each.name)
            if column in seen and not _alike(seen[column][1], value):
                other, left = seen[column]
                yield in_both(
                    "conflict_cell", place=place, column=column, value=_told(value), other=other, left=_told(left)
                )
            seen.setdefault(column, (place, value))


def _alike(one: object, other: object) -> bool:
    if isinstance(one, BaseGeometry) and isinstance(other, BaseGeometry):
        return bool(one.equals_exact(other))
    return (type(one) is type(other) or (_number(one) and _number(other))) and bool(one == other)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _told(value: object) -> object:
    return "null" if value is None else f"{value}"[:40]
