"""Control rules of an .inp, and what is left of them where elements are gone.

Only what stands behind the word for a kind of element names one: a number may be the name of a node and a setting.
Names of variables stand for the element of their line, those of expressions for the variables in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from drainage.formats.inp.text.tokens import split_line

#: Words that begin a clause, and those that announce the name of a link.
_CLAUSES: Final = ("IF", "AND", "OR", "THEN", "ELSE")
_DEFINITIONS: Final = ("VARIABLE", "EXPRESSION")
_LINKS: Final = ("LINK", "CONDUIT", "PUMP", "ORIFICE", "WEIR", "OUTLET")
_RELATIONS: Final = ("=", "<>", "<", "<=", ">", ">=")
_WORD: Final = re.compile(r"\w+")


def prune_rules(lines: Iterable[str], nodes: Collection[str], links: Collection[str]) -> tuple[list[str], list[str]]:
    """Leave out the rules, variables and expressions that name what is gone.

    Parameters
    ----------
    lines
        Of [CONTROLS].
    nodes, links
        Names of what is gone, in capitals.

    Returns
    -------
    The lines that are left, and the names of what was left out.
    """
    lost: set[str] = set()
    left_out: list[str] = []
    rules: list[list[str]] = [[]]
    for line in lines:
        row = split_line(line)
        if row[2:] and _defines_lost(row, nodes, links, lost):
            lost.add(row[1].upper())
            left_out.append(row[1])
            continue
        if row and row[0].upper().startswith("RULE"):
            rules.append([])
        rules[-1].append(line)
    kept = rules[0]
    for rule in rules[1:]:
        if any(_clause_is_lost(split_line(line), nodes, links, lost) for line in rule):
            left_out.append(next(iter(split_line(rule[0])[1:]), "RULE"))
            # definitions hold beyond the rule that they stand behind
            kept += [line for line in rule if (row := split_line(line)) and row[0].upper().startswith(_DEFINITIONS)]
        else:
            kept += rule
    return kept, left_out


def _defines_lost(row: list[str], nodes: Collection[str], links: Collection[str], lost: Collection[str]) -> bool:
    """Return whether ``VARIABLE name = NODE id …`` or ``EXPRESSION name = …`` refers to a removed element."""
    kind = row[0].upper()
    if kind.startswith("VARIABLE"):
        return _names_gone(row, 3, nodes, links)
    return kind.startswith("EXPRESSION") and any(
        word.upper() in lost for token in row[3:] for word in _WORD.findall(token)
    )


def _clause_is_lost(row: list[str], nodes: Collection[str], links: Collection[str], lost: Collection[str]) -> bool:
    if not row or not row[0].upper().startswith(_CLAUSES):
        return False
    relation = next((place for place, token in enumerate(row) if token in _RELATIONS), len(row))
    return any(
        _names_gone(row, place, nodes, links) or (place < len(row) and row[place].upper() in lost)
        for place in (1, relation + 1)
    )


def _names_gone(row: list[str], place: int, nodes: Collection[str], links: Collection[str]) -> bool:
    """Return whether a kind of element stands at a place, followed by the name of a removed one."""
    if len(row) <= place + 1:
        return False
    word, name = row[place].upper(), row[place + 1].upper()
    return (word.startswith("NODE") and name in nodes) or (word.startswith(_LINKS) and name in links)
