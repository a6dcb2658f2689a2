"""Write docs/validation/cities.md: what the reader understood of each real city, from its own report and nothing else.

Run ``python scripts/describe_cities.py`` where ../shared/networks lies beside the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from tests.cities.scoring import Judged

NETWORKS = ROOT.parent / "shared" / "networks"
HEAD = """\
---
reader: whoever wants to know whether his city's files will be understood as they come
afterwards: judge how often columns are read rightly, and what is known of real networks at all
---
# Real cities, as read

Municipal open data of real cities, read as they come. They are not part of this project. For your own file
`drainage show` prints the same: what was read, from which column, and why ([your own
network](../start/own-network.md)).

Written by `scripts/describe_cities.py`: no number here is typed by hand.

## Columns, read without a mapping

A column is recognised by its name and its content together. Each verdict below is against
`tests/cities/truth.toml`, which was written by eye. Counted are the columns by which a network is understood: ids,
system, ends, inverts, sizes, shape, ground, depth, material, status, date, road, length and kind.

| word | meaning |
|---|---|
| rightly, wrongly | read from the right column; from another |
| missed | there, but not read |
| warned | read, rightly or wrongly, with a warning that it is not sure |

The words by which columns are known were gathered on these cities too, so these figures say little about a new one.
For that, `validation/column_matching.py --deprived` reads each city without the words that only it uses.

"""
NETWORKS_HEAD = """
## Networks

What the files tell of each network: the share of pipes or nodes with the value, read with the city's mapping
(`tests/cities/*.toml`) if it has one. The last column says what differs when it is read without. *Issues* are
findings of the reader: values filled in, doubted or set aside.

"""
#: Layer, columns of which one has to be known, and what they are called.
KNOWN = (
    ("pipes", ("diameter_mm", "width_mm"), "sizes"),
    ("pipes", ("invert_from_m",), "upper inverts"),
    ("pipes", ("invert_to_m",), "lower inverts"),
    ("pipes", ("material",), "materials"),
    ("pipes", ("commissioned",), "dates"),
    ("nodes", ("ground_m",), "ground"),
    ("nodes", ("invert_m",), "node inverts"),
)


class Read(NamedTuple):
    """A city with its mapping, and without."""

    net: DrainageNetwork
    bare: DrainageNetwork


def main() -> None:
    """Read all cities and write the page."""
    import drainage as dr
    from tests.cities import scoring
    from tests.cities.deliveries import SOURCES, mapping_of, source_of

    if not NETWORKS.is_dir():
        sys.exit(f"{NETWORKS}: no real networks beside the checkout")
    judged = {city: scoring.judge(scoring.delivery(NETWORKS, city)) for city in sorted(scoring.truths())}
    read = {}
    for city in SOURCES:
        source = source_of(NETWORKS, city)
        read[city] = Read(dr.read_network(source, mapping=mapping_of(city)), dr.read_network(source))
        print(city, repr(read[city].net))
    heads = ("city", "pipes", "km", "systems", *(name for _, _, name in KNOWN), "issues", "without a mapping")
    page = [HEAD, _table(_matched(judged)), "\n", _others(judged)]
    page += [NETWORKS_HEAD, _table([heads, *(_line(city, *both) for city, both in read.items())])]
    (ROOT / "docs" / "validation" / "cities.md").write_text("".join(page), encoding="utf-8")


def _matched(judged: dict[str, list[Judged]]) -> list[tuple[str, ...]]:
    """Count the columns of each city, and of all."""
    from tests.cities.scoring import counts

    keys = ("required", "right", "wrong", "missed", "warned")
    rows = [(city, counts(one)) for city, one in judged.items()]
    rows.append(("all", counts(one for city in judged.values() for one in city)))
    heads = ("city", "columns that matter", "rightly", "wrongly", "missed", "warned")
    return [heads, *((city, *(str(count[key]) for key in keys)) for city, count in rows)]


def _others(judged: dict[str, list[Judged]]) -> str:
    """Say of each city which columns were not read rightly."""
    lines = []
    for city, columns in judged.items():
        said = [_difference(one) for one in columns if one.verdict != "right"]
        lines += [f"- {city}: {'; '.join(said)}.\n"] if said else []
    return "".join(["Not read rightly:\n\n", *lines]) if lines else "All are read rightly.\n"


def _difference(one: Judged) -> str:
    read = f"read from {', '.join(one.read)}" if one.read else "not found"
    instead = f" instead of {' or '.join(one.expected)}" if one.read else f" ({' or '.join(one.expected)})"
    warned = "" if one.sure or not one.read else ", with a warning"
    return f"{one.column} of {one.place} {read}{instead if one.expected else ''}{warned}"


def _line(city: str, net: DrainageNetwork, bare: DrainageNetwork) -> tuple[str, ...]:
    pipes = net.pipes
    return (
        city,
        str(len(pipes)),
        f"{pipes['length_m'].sum() / 1000:.1f}",
        _counts(pipes["system"].value_counts().to_dict()),
        *(f"{getattr(net, layer)[list(columns)].notna().any(axis=1).mean():.0%}" for layer, columns, _ in KNOWN),
        str(len(net.issues)),
        "; ".join(_differences(net, bare)) or "the same",
    )


def _differences(net: DrainageNetwork, bare: DrainageNetwork) -> list[str]:
    found = []
    for what, table, other in (("pipes", net.pipes, bare.pipes), ("nodes", net.nodes, bare.nodes)):
        if len(table) != len(other):
            found.append(f"{len(other)} {what} instead of {len(table)}")
        for column in [c for c in ("system", "kind") if c in table]:
            counts = (frame[column].value_counts().to_dict() for frame in (table, other))
            said, alone = counts
            if said != alone:
                found.append(f"{column} of {what} {_counts(alone)}")
        for column in [c for c in table if str(c).endswith(("_m", "_mm")) and c in other and c in _NUMBERS[what]]:
            a, b = (int(frame[column].notna().sum()) for frame in (table, other))
            if a != b:
                found.append(f"{column} of {b} {what} instead of {a}")
    return found


_NUMBERS = {
    "pipes": ("diameter_mm", "width_mm", "invert_from_m", "invert_to_m", "ground_from_m", "ground_to_m", "length_m"),
    "nodes": ("ground_m", "invert_m"),
}


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items())


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(rows: list[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *["| " + " | ".join(map(_cell, row)) + " |" for row in body]]) + "\n"


if __name__ == "__main__":
    main()
