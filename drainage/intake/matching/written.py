"""What was understood of a delivery as a mapping file (`drainage.intake.mapping`) that its user can correct.

Read with it the delivery gives the same network. Files of a layer share a list of columns where that is beyond doubt;
what is otherwise in one of them stands in a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from drainage.errors import FormatError
from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching.report import file_of, layer_of, not_found
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.said import in_language, joined
from drainage.schema.columns import METRES_PER_UNIT, Named, Understood, as_toml, unit_of
from drainage.schema.layers import LAYERS
from drainage.words import coded, in_both, language
from drainage.writing import replacing_file

_MATCHED = ("pipes", "nodes")
_A_CODE = re.compile(r'(".*?") = "(\w+)"')


class _Table(NamedTuple):
    """A file of a layer: how it was read, and the columns that it has."""

    place: str
    read: dict[str, Understood]
    present: set[str]
    none: set[str]  # of ours, by the user

    def names(self, ours: str) -> list[str]:
        return list(self.read[ours].sources) if ours in self.read else []


def write_mapping(net: DrainageNetwork, path: str | Path, *, force: bool = False) -> None:
    """Write how the columns of a network's source were understood as a mapping file.

    Raises
    ------
    FormatError
        Its columns were not looked at, as those of a model or of what drainage has written; the file exists and
        ``force`` is False, or does not end in ``.toml``.
    """
    text = as_mapping(net)
    with replacing_file(path, ending=".toml", force=force) as part:
        part.write_text(text, encoding="utf-8")


def as_mapping(net: DrainageNetwork) -> str:
    """Return the text of the mapping file, its comments in the language of the reader.

    Raises
    ------
    FormatError
        As `write_mapping`.
    """
    origin, said = net.origin, net.origin.said or ColumnMapping()
    layers = {layer: _tables_of(origin, said, layer) for layer in _MATCHED}
    if not layers["pipes"]:
        raise FormatError(in_both("nothing_to_map", source=origin.name))
    lines = [f"# {_told(in_both('mapping_head'))}", ""]
    lines += ["one_register = true", ""] if said.one_register else []
    for layer, tables in layers.items():
        lines += _of_layer(layer, tables, origin) if tables else []
    for layer, named in said.columns.items():
        if layer not in _MATCHED:
            lines += [f"[{layer}]", *(f"{ours} = {_value(theirs)}" for ours, theirs in named.items()), ""]
    lines += _units(origin, said)
    lines += _codes(net, said)
    reading = [f'date_order = "{said.date_order}"'] if said.date_order else []
    rows = ", ".join(f"{layer} = {row}" for layer, row in said.heading_row.items())
    reading += [f"heading_row = {{{rows}}}"] if rows else []
    lines += ["[reading]", *reading] if reading else []
    return "\n".join(lines).rstrip() + "\n"


def corrected(origin: Origin, place: str, ours: str, names: Sequence[str]) -> Origin:
    """Return an origin as its user corrects it: these columns of a place hold one of ours, or none does."""
    layer, file = layer_of(place), file_of(place)
    said, read = origin.said or ColumnMapping(), origin.columns[place]
    was = {name for one in read if one.column == ours for name in one.sources}
    others = [one for one in read if one.column != ours]
    mine = [Understood(names[0], ours, unit_of(names), tuple(names[1:]), "mapping")] if names else []
    used = {name for one in [*others, *mine] for name in one.sources}
    left = {**dict.fromkeys(was, ""), **origin.left_over.get(place, {})}
    files = {**said.files.get(layer, {})}
    files[file] = {**files.get(file, {}), ours: list(names)}
    return replace(
        origin,
        columns={**origin.columns, place: [*others, *mine]},
        left_over={**origin.left_over, place: {name: seems for name, seems in left.items() if name not in used}},
        said=replace(said, files={**said.files, layer: files}),
    )


def _tables_of(origin: Origin, said: ColumnMapping, layer: str) -> list[_Table]:
    tables = []
    for place, read in origin.columns.items():
        if layer_of(place) == layer:
            present = {name for one in read for name in one.sources} | {*origin.left_over.get(place, {})}
            named = said.listed(layer, file_of(place))
            none = {ours for ours, names in named.items() if not names}
            tables.append(_Table(place, {one.column: one for one in read}, present, none))
    return tables


def _of_layer(layer: str, tables: Sequence[_Table], origin: Origin) -> list[str]:
    """Write the lines of a layer, and those of its files that are read otherwise."""
    lines, apart = [f"[{layer}]"], dict[str, list[str]]()
    for ours in LAYERS[layer].columns:
        shared, others = _shared(tables, ours)
        if shared or (not others and any(ours in table.none for table in tables)):
            mine = [table for table in tables if ours in table.read and table not in others]
            lines.append(f"{ours} = {as_toml(shared)}{_comment(mine, ours, several=len(tables) > 1)}")
        for table in others:
            own = [table] if ours in table.read else []
            line = f"{ours} = {as_toml(table.names(ours))}{_comment(own, ours, several=False)}"
            apart.setdefault(table.place, []).append(line)
    missing = set.intersection(*({*not_found(origin, table.place)} - table.none for table in tables))
    lines += [f'# {ours} = ""' for ours in LAYERS[layer].columns if ours in missing]
    for table in tables:
        lines += _left_over(table, origin)
    for place, said in apart.items():
        lines += ["", f"[{layer}.{as_toml([file_of(place)])}]", *said]
    return [*lines, ""]


def _shared(tables: Sequence[_Table], ours: str) -> tuple[list[str], list[_Table]]:
    """Return the columns that hold one of ours in all files but the others, where a list of all means another thing."""
    if not any(table.names(ours) for table in tables):
        return [], []
    shared: list[str] = []
    settled: list[_Table] = []
    others = []
    for table in tables:
        wanted = [*shared, *(name for name in table.names(ours) if name not in shared)]
        alike = all(one.names(ours) == [n for n in wanted if n in one.present] for one in (*settled, table))
        if alike and ours not in table.none:
            shared = wanted
            settled.append(table)
        else:
            others.append(table)
    return shared, others


def _comment(tables: Sequence[_Table], ours: str, *, several: bool) -> str:
    """Say how a column was found and why, by the file in which that is least sure."""
    if not tables:
        return f"  # {_told(in_both('none_by_user'))}"
    table = next((table for table in tables if not table.read[ours].sure), tables[0])
    one = table.read[ours]
    how = coded("how", one.how) if one.sure else in_both("found_unsure", how=coded("how", one.how))
    told = joined([how, joined(one.why)], ": ") if one.why else how
    return f"  # {_told(joined([file_of(table.place), told], ': ') if several else told)}"


def _left_over(table: _Table, origin: Origin) -> list[str]:
    sampled, rows = origin.looked_at.get(table.place, (0, 0))
    head = joined([file_of(table.place), in_both("rows_looked_at", sampled=sampled, rows=rows)], ": ")
    left = origin.left_over.get(table.place, {})
    told = [joined([name, seems], ": ") if seems else name for name, seems in left.items()]
    lines = [_told(head), *([_told(in_both("left_over"))] if left else []), *(f"  {_told(one)}" for one in told)]
    return [f"# {line}" for line in lines]


def _units(origin: Origin, said: ColumnMapping) -> list[str]:
    """Write units: those of the user, and what all files agree on; others as comments."""
    found: dict[str, set[str | None]] = {}
    for read in origin.columns.values():
        for one in read:
            found.setdefault(one.column, set()).add(one.unit)
    lines = []
    for ours, units in found.items():
        known = sorted(unit for unit in units if unit)
        if ours in said.units or (len(units) == 1 and units <= METRES_PER_UNIT.keys()):
            lines.append(f'{ours} = "{said.units.get(ours, *known[:1])}"')
        elif known:
            lines.append(f"# {ours}: {', '.join(known)}")
    lines += [f'{ours} = "{unit}"' for ours, unit in said.units.items() if ours not in found]
    return ["[units]", *lines, ""] if lines else []


def _codes(net: DrainageNetwork, said: ColumnMapping) -> list[str]:
    """Write the codes of the user, and as comments those that are not known."""
    unknown: dict[str, list[str]] = {}
    for row in net.issues[net.issues["code"] == "unknown_code"].itertuples():
        pairs = _A_CODE.findall(str(row.action))
        lines = [f'# {value} = "{word}"' for value, word in pairs]
        unknown.setdefault(str(row.feature_id), []).extend([f"# {_told(row.reason)}", *lines])
    lines = []
    for codes in dict.fromkeys([*said.codes, *unknown]):
        known = said.codes.get(codes, {})
        lines += [f"[codes.{codes}]" if known else f"# [codes.{codes}]"]
        lines += [f'{as_toml([value])} = "{word}"' for value, word in known.items()]
        lines += [*unknown.get(codes, []), ""]
    return lines


def _value(theirs: Named) -> str:
    return as_toml([theirs] if isinstance(theirs, str) else theirs)


def _told(text: object) -> str:
    """Return a text for a comment: in the language of the reader, on one line."""
    return " ".join(str(in_language(text, language())).split())
