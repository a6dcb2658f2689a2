"""Who asks, and what they may do: by `roles.toml`, or by a file of the same form that the settings name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

import drainage as dr
from drainage import words

Role = Literal["public", "contractor", "engineer", "operator", "local"]
Verb = Literal["read", "submit", "decide", "operate"]

#: Roles that a key can have.
KEY_ROLES: Final = ("contractor", "engineer", "operator")
VERBS: Final = frozenset(get_args(Verb))
_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one role may do and see.

    Parameters
    ----------
    verbs
        What they may do.
    sees
        Collection → its columns, None for all of them; None for all collections.
    """

    verbs: frozenset[str]
    sees: Mapping[str, frozenset[str] | None] | None


#: The machine itself, where there is no key: everything.
_LOCAL: Final = Rule(VERBS, None)


@cache
def read_rules(path: Path | None = None) -> Mapping[str, Rule]:
    """Read who may what, as it comes with the package; another file may say something else of the roles of keys.

    Raises
    ------
    FormatError
        It cannot be read, or says something of another role, or what no rule says.
    """
    ours = _read(Path(__file__).with_name("roles.toml"), (*KEY_ROLES, "public"))
    return ours if path is None else {**ours, **_read(path, KEY_ROLES)}


def _read(path: Path, roles: Sequence[str]) -> dict[str, Rule]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        if odd := said.keys() - set(roles):
            raise ValueError(f"no such role: {', '.join(sorted(odd))}")  # noqa: TRY301 - told with the others
        return {role: _rule(one) for role, one in said.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"{error.__class__.__name__}: {error}"
        raise dr.errors.FormatError(words.in_both("roles_unread", path=path.name, why=why)) from error


def _rule(said: Mapping[str, Any]) -> Rule:
    verbs, sees = frozenset(said["verbs"]), said["sees"]
    if odd := verbs - VERBS:
        raise ValueError(f"no such verb: {', '.join(sorted(odd))}")
    if sees == _ALL:
        return Rule(verbs, None)
    if unread := [name for name, columns in sees.items() if columns != _ALL and not isinstance(columns, list)]:
        raise TypeError(f"expected a list of columns or {_ALL!r} for {', '.join(unread)}")
    return Rule(verbs, {name: None if columns == _ALL else frozenset(columns) for name, columns in sees.items()})


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks.

    Parameters
    ----------
    role
        What the key is for; ``public`` without one, ``local`` on the machine itself where there are no keys at all.
    name
        Name of the key; empty without one.
    key
        Its public prefix; empty without one.
    roads
        The roads that are theirs; empty: all.
    """

    role: Role
    name: str = ""
    key: str = ""
    roads: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=read_rules, repr=False, compare=False)

    @property
    def whole(self) -> bool:
        """Whether the whole city is theirs, not a few roads of it."""
        return not self.roads and self.role not in {"public", "contractor"}

    def may(self, verb: Verb) -> bool:
        """Tell whether they may do a thing at all."""
        return verb in self._rule.verbs

    def sees(self, collection: str) -> bool:
        """Tell whether a collection is for them."""
        return self._rule.sees is None or collection in self._rule.sees

    def columns(self, collection: str, held: Sequence[str]) -> Sequence[str]:
        """Return those of the columns of a collection that are for them, in their order."""
        if self._rule.sees is None:
            return held
        shown = self._rule.sees.get(collection, frozenset())
        return held if shown is None else [name for name in held if name in shown]

    @property
    def _rule(self) -> Rule:
        return _LOCAL if self.role == "local" else self.rules[self.role]
