"""An EPA SWMM model as the source of a network: its place on earth, its systems, and the layers beside it.

An .inp tells neither where it lies nor storm from sewage: the user says the first, and the second too unless tags of
its links do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from drainage.errors import CrsError, FormatError, SchemaError
from drainage.formats.containers import Part, part_of
from drainage.intake.joining import Joined
from drainage.intake.mapping import ColumnMapping
from drainage.intake.missing_levels import complete_levels
from drainage.intake.read_layers import LayerReader
from drainage.network import DrainageNetwork
from drainage.origin import Origin
from drainage.said import joined
from drainage.schema import Issues, codes
from drainage.words import coded, in_both

#: Columns of a model from which a user may take the system: tags whole, of names the letters at the beginning.
_SAYS_SYSTEM: Final = ("tag", "pipe_id")
_LETTERS: Final = re.compile(r"[^\W\d_]+")


def read_model_network(
    path: Path,
    layers: Mapping[str, Sequence[Path]],
    *,
    system: str | None,
    mapping: ColumnMapping,
    crs: str | None,
    allow_outside: bool,
) -> DrainageNetwork:
    """Read an .inp with the layers that lie beside it.

    Parameters
    ----------
    path
        The .inp.
    layers
        Name → paths; nodes, catchments and tables of inverts are the model's own.
    system
        That of all links whose tag tells no other.
    mapping
        May say which column tells the system of links, ``tag`` or ``pipe_id`` (the letters that a name begins with),
        what its codes mean, and columns of the layers.
    crs
        Where the model lies; without it the plan is schematic.
    allow_outside
        As in `drainage.formats.inp.read_inp`.

    Raises
    ------
    FormatError, SchemaError, CrsError
        A model or layer that cannot be used, an option that has no meaning for a model, or a layer without ``crs``.
    """
    from drainage.formats.inp import read_inp

    _refuse_others(path, layers, mapping, crs)
    model = read_inp(path, crs=crs, allow_outside=allow_outside)
    issues = Issues()
    issues.extend(model.issues)
    model.pipes["system"] = _systems(model.pipes, mapping, system, path, issues)
    pipes, nodes, *_ = complete_levels(Joined.of(model.pipes, model.nodes), issues)
    reader = LayerReader(mapping, None, issues, target=model.pipes.crs)
    read: dict[str, gpd.GeoDataFrame] = {}
    for name, paths in layers.items():
        read |= _layer(reader, name, part_of(paths[0], name), crs) if paths else {}
    reader.check_mapping()
    sources = [column for column in map(str, pipes.columns) if column.endswith("_source")]
    filled = {c.removesuffix("_source"): int((pipes[c].notna() & (pipes[c] != "recorded")).sum()) for c in sources}
    return DrainageNetwork(
        pipes,
        nodes,
        catchments=model.catchments,
        issues=issues.frame(),
        synthetic=any(in_both("made_up_model") in line for line in model.text.sections.get("TITLE", ())),
        layers=read,
        origin=Origin(
            name=str(path),
            crs=in_both("no_crs_plan") if pipes.crs is None else pipes.crs.to_string(),
            columns=reader.understood,
            filled=filled,
            model=model,
        ),
    )


def _layer(reader: LayerReader, name: str, part: Part, crs: str | None) -> dict[str, gpd.GeoDataFrame]:
    """Read a layer in its own CRS, or in that of the model where it has none or cannot have that which it implies."""
    try:
        reader.declared_crs = None
        return reader.layers({name: part})
    except CrsError:
        reader.declared_crs = crs
        return reader.layers({name: part})


def _refuse_others(path: Path, layers: Mapping[str, Sequence[Path]], mapping: ColumnMapping, crs: str | None) -> None:
    """Refuse what would be passed over in silence."""
    for name in ("nodes", "catchments", "inverts"):
        if layers.get(name):
            raise FormatError(in_both("inp_has_its_own", file=path.name, other=layers[name][0], layer=name))
    others: list[str] = [ours for ours in mapping.columns.get("pipes", {}) if ours != "system"]
    others += [f"{layer}.{ours}" for layer in ("nodes", "catchments") for ours in mapping.columns.get(layer, {})]
    own = ("pipes", "nodes", "catchments")
    others += [f"{layer}.{place}" for layer in own for place in mapping.files.get(layer, {})]
    others += [in_both("unit_of", name=ours) for ours in mapping.units]
    if others:
        raise SchemaError(in_both("inp_not_mapped", file=path.name, names=joined(others, ", ")))
    if crs is None and (beside := [name for name, paths in layers.items() if paths]):
        raise CrsError(in_both("inp_lies_nowhere", file=path.name, layers=", ".join(beside)))


def _systems(
    pipes: gpd.GeoDataFrame, mapping: ColumnMapping, given: str | None, path: Path, issues: Issues
) -> pd.Series:
    """Return the system of each link: from the column that the user names, its tag, or the system of the whole file."""
    named = mapping.columns.get("pipes", {}).get("system")
    words = codes.MEANINGS["system"] | {
        codes.fold(code): ours for code, ours in mapping.codes.get("system", {}).items()
    }
    recorded = _recorded(pipes, named, path)
    read = codes.decode(recorded, words)
    odd = (read == "?").to_numpy()
    if named is None and not mapping.codes.get("system"):
        # a tag of one sign says many things: it is a system only where all tags are
        short = recorded.map(len, na_action="ignore").eq(1).to_numpy(dtype=bool)
        read = read.mask(short & bool(odd.any()), None)
        odd = odd | (short & bool(odd.any()))
    tags = sorted(recorded[odd].astype(str).unique())
    reason = in_both("tags_unknown", count=int(odd.sum()), tags=", ".join(tags[:8]))
    said = [path.name] if tags else []
    issues.add("unknown_tag", "info" if named is None else "error", "file", said, reason, in_both("say_what_tags_mean"))
    read = read.mask(odd, None)
    told = read.notna()
    if given is not None:
        differs = told & (read != given)
        file = coded("system", given)
        reasons = [in_both("tagged_as_other", recorded=coded("system", word), system=file) for word in read[differs]]
        issues.add("system_by_file", "warning", "pipe", pipes.index[differs], reasons, in_both("system_of_tag_kept"))
        return read.fillna(given).astype(object)
    reason = in_both("system_told_by", column=named or "tag", count=int(told.sum()), of=len(pipes))
    issues.add("system_by_tag", "info", "file", [path.name] if told.any() else [], reason, in_both("tag_used"))
    reason = in_both("links_of_no_system", count=int((~told).sum()), of=len(pipes))
    silent = [] if told.all() else [path.name]
    issues.add("no_system", "warning", "file", silent, reason, in_both("name_system_of_inp"))
    return read.fillna("unknown").astype(object)


def _recorded(pipes: gpd.GeoDataFrame, named: object, path: Path) -> pd.Series:
    """Return the text that states the system of each link, missing where there is none."""
    columns = [named] if isinstance(named, str) else list(named) if isinstance(named, (list, tuple)) else ["tag"]
    if wrong := [column for column in columns if column not in _SAYS_SYSTEM]:
        raise SchemaError(in_both("inp_has_no_column", file=path.name, names=", ".join(map(str, wrong))))
    text = pd.Series(None, index=pipes.index, dtype=object)
    for column in columns:
        found = (
            pipes["tag"]
            if column == "tag"
            else pd.Series(
                [match[0] if (match := _LETTERS.match(str(name))) else None for name in pipes.index],
                pipes.index,
                object,
            )
        )
        text = text.where(text.notna(), found)
    return text.where(text != "", None)
