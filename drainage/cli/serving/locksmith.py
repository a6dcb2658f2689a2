"""`drainage keys`: who may ask the server; a key is shown this once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

from drainage.cli.printing import print_json, print_line, print_table, say
from drainage.cli.serving.stores import opened
from drainage.days import day_in
from drainage.errors import FormatError
from drainage.telling.text_tables import TextTable
from drainage.words import in_both

if TYPE_CHECKING:
    from drainage_api.store.keys import Key


def keys(
    verb: Literal["add", "list", "revoke"], name: str | None = None, /, *, store: str | None = None,
    role: Literal["contractor", "engineer", "operator"] | None = None, road: list[str] | None = None,
    until: str | None = None, json_: bool = False,
) -> None:  # fmt: skip
    """Make, list and revoke the keys of a server."""
    given = {"--role": role, "--road": road, "--until": until}
    named = [option for option, value in given.items() if value is not None]
    if verb != "add" and named:
        raise FormatError(in_both("keys_words", verb=verb, words=", ".join(named)))
    if verb == "list":
        if name is not None:
            raise FormatError(in_both("keys_words", verb=verb, words=name))
        _list(store, json_=json_)
    elif name is None:
        raise FormatError(in_both("keys_name_missing", verb=verb))
    elif verb == "revoke":
        _revoke(store, name, json_=json_)
    elif role is None:
        raise FormatError(in_both("key_role_missing"))
    else:
        _add(store, name, role, road or [], None if until is None else day_in(until), json_=json_)


def _add(
    store: str | None, name: str, role: Literal["contractor", "engineer", "operator"], roads: list[str],
    until: dt.date | None, *, json_: bool,
) -> None:  # fmt: skip
    with opened(store, make=True) as kept:
        key, text = kept.keys.add(name, role, roads=roads, until=until)
        kept.note("key made", who=key.name, role=key.role, key=key.prefix)
    if json_:
        print_json({**_facts(key), "key": text}, None)
    else:
        print_line(text)
    say(in_both("key_shown_once", name=key.name))


def _list(store: str | None, *, json_: bool) -> None:
    with opened(store) as kept:
        found = [_facts(key) for key in kept.keys.all()]
    if json_:
        print_json(found, None)
    elif found:
        heads = ["name", *(f"key_{head}" for head in list(found[0])[1:])]
        rows = [{**row, "roads": ", ".join(row["roads"]) or None} for row in found]
        print_table(TextTable("", heads, [list(row.values()) for row in rows]))
    else:
        say(in_both("keys_none"))


def _revoke(store: str | None, name: str, *, json_: bool) -> None:
    with opened(store) as kept:
        key = kept.keys.revoke(name)
        kept.note("key revoked", who=key.name, role=key.role, key=key.prefix)
    if json_:
        print_json(_facts(key), None)
    else:
        print_line(in_both("key_revoked_now", name=key.name, prefix=key.prefix))


def _facts(key: Key) -> dict[str, Any]:
    """Return what is told of a key, which is never the key."""
    made = dt.datetime.fromtimestamp(key.made).astimezone()
    return {
        "name": key.name,
        "role": key.role,
        "prefix": key.prefix,
        "roads": list(key.roads),
        "made": made.isoformat(timespec="seconds"),
        "until": None if key.until is None else key.until.isoformat(),
        "state": key.state,
    }
