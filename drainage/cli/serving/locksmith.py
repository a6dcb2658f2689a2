"""`drainage keys`: who may ask the server; a key is shown this once."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from drainage.cli.printing import print_either, say
from drainage.cli.serving.stores import opened
from drainage.days import day_in
from drainage.errors import FormatError
from drainage.telling.text_tables import TextTable
from drainage.words import in_both

Role = Literal["contractor", "engineer", "operator"]


def keys(
    verb: Literal["add", "list", "revoke"], name: str | None = None, /, *, store: str | None = None,
    role: Role | None = None, road: list[str] | None = None, until: str | None = None, json_: bool = False,
) -> None:  # fmt: skip
    """Make, list and revoke the keys of a server."""
    given = {"--role": role, "--road": road, "--until": until}
    named = [option for option, value in given.items() if value is not None]
    if verb != "add" and named:
        raise FormatError(in_both("keys_words", verb=verb, words=", ".join(named)))
    if verb == "list":
        if name is not None:
            raise FormatError(in_both("keys_words", verb=verb, words=name))
        _list(store, as_json=json_)
    elif name is None:
        raise FormatError(in_both("keys_name_missing", verb=verb))
    elif verb == "revoke":
        _revoke(store, name, as_json=json_)
    elif role is None:
        raise FormatError(in_both("key_role_missing"))
    else:
        _add(store, name, role, road or [], None if until is None else day_in(until), as_json=json_)


def _add(store: str | None, name: str, role: Role, roads: list[str], until: dt.date | None, *, as_json: bool) -> None:
    with opened(store, make=True) as kept:
        key, text = kept.keys.add(name, role, roads=roads, until=until)
        kept.note("key made", who=key.name, role=key.role, key=key.prefix)
    print_either({**key.as_dict(), "key": text}, [text], as_json=as_json)
    say(in_both("key_shown_once", name=key.name))


def _list(store: str | None, *, as_json: bool) -> None:
    with opened(store) as kept:
        found = [key.as_dict() for key in kept.keys.all()]
    rows = [list({**key, "roads": ", ".join(key["roads"]) or None}.values()) for key in found]
    heads = ["name", *(f"key_{head}" for head in list(found[0])[1:])] if found else []
    print_either(found, [TextTable("", heads, rows)] if found else [], as_json=as_json)
    if not found and not as_json:
        say(in_both("keys_none"))


def _revoke(store: str | None, name: str, *, as_json: bool) -> None:
    with opened(store) as kept:
        key = kept.keys.revoke(name)
        kept.note("key revoked", who=key.name, role=key.role, key=key.prefix)
    print_either(key.as_dict(), [in_both("key_revoked_now", name=key.name, prefix=key.prefix)], as_json=as_json)
