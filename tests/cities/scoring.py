"""How columns of deliveries whose truth is known are matched: right, wrong or missed, and what is warned of.

Truth of the cities: truth.toml, written by eye and by values.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from drainage.formats.crs import settle_layer
from drainage.formats.geofile import open_layer
from drainage.intake.mapping import ColumnMapping
from drainage.intake.matching import Matched, ToMatch, match_columns
from drainage.schema import Issues
from drainage.schema.codes import fold
from drainage.schema.layers import LAYERS
from drainage.schema.text.values import is_empty
from tests.cities.deliveries import SOURCES

HERE = Path(__file__).parent
#: Columns that a network is understood by; of others (an owner, an area) nothing is counted.
MATTER = frozenset((
    "pipe_id", "node_id", "system", "kind", "from_node", "to_node", "invert_from_m", "invert_to_m", "invert_m",
    "ground_from_m", "ground_to_m", "ground_m", "depth_from_m", "depth_to_m", "depth_m", "diameter_mm", "width_mm",
    "height_mm", "shape", "material", "status", "commissioned", "road", "length_m",
))  # fmt: skip
#: A width without a height is taken for the diameter.
SERVES = {"diameter_mm": "width_mm"}
Verdict = Literal["right", "wrong", "missed"]
Renaming = Callable[[str, list[str], Mapping[str, str]], dict[str, str]]


class Known(NamedTuple):
    """A table and the truth of it: of each of our columns those that may be it, and those that may be read beside."""

    table: ToMatch
    must: Mapping[str, frozenset[str]]
    may: Mapping[str, frozenset[str]]


class Judged(NamedTuple):
    """One of our columns: what was read, what it should have been, and whether the matching was sure."""

    place: str
    column: str
    verdict: Verdict
    sure: bool
    read: tuple[str, ...]
    expected: tuple[str, ...]


def truths() -> dict[str, dict[str, dict[str, Any]]]:
    """City → file, without its ending, or its layer → our column → columns that may be it, and ``may``."""
    cities = tomllib.loads((HERE / "truth.toml").read_text(encoding="utf-8"))
    return {
        city: {file: truth for files, truth in tables.items() for file in files.split()}
        for city, tables in cities.items()
    }


def delivery(networks: Path, city: str) -> list[Known]:
    """Read the tables of a city as the product does, all in the CRS of the first."""
    target, known = None, []
    folder = networks / SOURCES.get(city, {}).get("folder", f"cities/{city}")
    for file, truth in truths()[city].items():
        name, _, layer = file.partition("/")
        path = next(path for path in folder.glob(f"{name}.*") if path.suffix in (".geojson", ".json", ".shp", ".gpkg"))
        rows = open_layer(path, layer or None, None, Issues())
        settled = settle_layer(rows, path, crs=None, target=target, issues=Issues())
        target = target or settled.frame.crs
        table = ToMatch("pipes" if "pipe_id" in truth else "nodes", f"{path.name} {layer}".strip(), settled.frame)
        must = {ours: frozenset(names) for ours, names in truth.items() if ours != "may"}
        known.append(Known(table, must, {ours: frozenset(names) for ours, names in truth.get("may", {}).items()}))
    return known


def judge(known: Iterable[Known]) -> list[Judged]:
    """Match the tables of one delivery together, and hold each of our columns against the truth."""
    listed = list(known)
    matched = match_columns([one.table for one in listed], ColumnMapping())
    return [judged for one, read in zip(listed, matched, strict=True) for judged in _judged(one, read)]


def _judged(known: Known, matched: Matched) -> Iterator[Judged]:
    rows, place = known.table.rows, known.table.place
    read = {}
    for ours, found in matched.found.items():
        said = tuple(name for name in found.sources if not is_empty(rows[name]).all())
        if said and ours in MATTER:
            read[ours] = (said, found.sure)
    for ours, names in known.must.items():
        serves = ours if ours in read else SERVES.get(ours, ours)
        sources, sure = read.pop(serves, ((), False))
        harmless = names | known.may.get(serves, frozenset()) >= set(sources)
        verdict: Verdict = "wrong" if not harmless else "missed" if names.isdisjoint(sources) else "right"
        yield Judged(place, ours, verdict, sure, sources, tuple(sorted(names)))
    for ours, (sources, sure) in read.items():
        if not known.may.get(ours, frozenset()) >= set(sources):
            yield Judged(place, ours, "wrong", sure, sources, ())


def counts(judged: Iterable[Judged]) -> Counter[str]:
    """Count what is required, and what was read rightly, wrongly, not at all, and wrongly or rightly but not surely."""
    found: Counter[str] = Counter()
    for one in judged:
        found[one.verdict] += 1
        found["required"] += bool(one.expected)
        found["warned"] += one.verdict != "missed" and not one.sure
        found["wrong and sure"] += one.verdict == "wrong" and one.sure
    return found


def renamed(known: Iterable[Known], name: Renaming) -> list[Known]:
    """Give the columns of a delivery other names; the truth follows them."""
    others = []
    for table, must, may in known:
        rows, ours_of = table.rows, {theirs: ours for ours, names in must.items() for theirs in names}
        columns = [str(column) for column in rows.columns if column != rows.geometry.name]
        named = name(table.layer, columns, ours_of)
        truth, beside = (
            {ours: frozenset(named.get(theirs, theirs) for theirs in names) for ours, names in side.items()}
            for side in (must, may)
        )
        others.append(Known(table._replace(rows=rows.rename(columns=named)), truth, beside))
    return others


def masking(seed: int, share: float = 0.25) -> Renaming:
    """Replace a share of all names by names that say nothing."""
    rng = np.random.default_rng(seed)

    def name(_layer: str, columns: list[str], _ours: Mapping[str, str]) -> dict[str, str]:
        return {column: f"F{number:03}" for number, column in enumerate(columns) if rng.random() < share}

    return name


def by_the_catalogue(seed: int) -> Renaming:
    """Replace the name of each column that is one of ours by another name of the catalogue."""
    rng = np.random.default_rng(seed)

    def name(layer: str, columns: list[str], ours_of: Mapping[str, str]) -> dict[str, str]:
        catalogue, named = LAYERS[layer].columns, {}
        taken = {fold(column) for column in columns}
        for column in [column for column in columns if column in ours_of]:
            free = [name for name in catalogue[ours_of[column]].names if fold(name) not in taken]
            if free:
                named[column] = str(rng.choice(free))
                taken.add(fold(named[column]))
        return named

    return name


def words_in(names: Iterable[str]) -> frozenset[str]:
    """Words of names of columns, lower case: each name whole, and its parts between signs and capitals."""
    parts = (part.lower() for name in names for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|[^\W\d_A-Za-z]+", name))
    return frozenset(parts) | {"_".join(re.findall(r"\w+", name.lower())) for name in names}
