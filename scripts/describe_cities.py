"""Write docs/cities.md: what the reader understood of each real city, from its own report and nothing else.

Run ``python scripts/describe_cities.py`` where ../shared/networks lies beside the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from drainage.network import DrainageNetwork
    from drainage.schema import Understood

NETWORKS = ROOT.parent / "shared" / "networks"
HEAD = """# Real cities, as read

Written by `scripts/describe_cities.py` from the reader's own report; no number here is typed by hand. The data are
municipal open data and are not part of this project. Each city is read twice: with its mapping (`tests/cities/*.toml`),
and with none, by the catalogue of names alone; what differs is said.
`tests/intake/test_cities.py` holds the reading against the raw files.

"""
NEEDED = {
    "system": "mixed flow and separation",
    "diameter_mm": "capacity",
    "invert_from_m": "slope and capacity",
    "invert_to_m": "slope and capacity",
    "material": "roughness",
    "commissioned": "the state of a day",
}
NODES_NEEDED = {"ground_m": "depth, cover and waterlogging", "invert_m": "profiles"}


def main() -> None:
    """Read all cities and write the page."""
    import drainage as dr
    from tests.cities.deliveries import SOURCES, mapping_of, source_of

    if not NETWORKS.is_dir():
        sys.exit(f"{NETWORKS}: no real networks beside the checkout")
    parts, overview = (
        [],
        [("city", "pipes", "km", "systems", "inverts at both ends", "sizes", "issues", "without a mapping")],
    )
    for city in SOURCES:
        net = dr.read_network(source_of(NETWORKS, city), mapping=mapping_of(city))
        bare = dr.read_network(source_of(NETWORKS, city))
        overview.append(_line(city, net, bare))
        parts.append(_section(city, net, bare))
        print(city, repr(net))
    page = HEAD + _table(overview) + "\n" + "\n".join(parts)
    (ROOT / "docs" / "cities.md").write_text(page, encoding="utf-8")


def _line(city: str, net: DrainageNetwork, bare: DrainageNetwork) -> tuple[str, ...]:
    pipes = net.pipes
    both = pipes["invert_from_m"].notna() & pipes["invert_to_m"].notna()
    return (
        f"[{city}](#{city})",
        str(len(pipes)),
        f"{pipes['length_m'].sum() / 1000:.1f}",
        _counts(pipes["system"].value_counts().to_dict()),
        f"{both.mean():.0%}",
        f"{(pipes['diameter_mm'].notna() | pipes['width_mm'].notna()).mean():.0%}",
        str(len(net.issues)),
        "; ".join(_differences(net, bare)) or "the same",
    )


def _section(city: str, net: DrainageNetwork, bare: DrainageNetwork) -> str:
    understood: dict[str, list[Understood]] = net.origin.columns  # type: ignore[assignment]  # set by the reader
    left_over = net.origin.left_over
    lines = [f"## {city}", "", f"`{net!r}`", ""]
    lines += [_table([("file", "ours", "read from", "unit"), *_columns(understood)])]
    kept = [(place, ", ".join(names)) for place, names in left_over.items() if names]
    lines += ["Left over (kept beside ours):", "", _table([("file", "columns"), *kept])] if kept else []
    counts = net.issues.groupby(["severity", "code"], sort=False).agg(n=("code", "size"), reason=("reason", "first"))
    rows = [(severity, code, str(row.n), _cell(row.reason)) for (severity, code), row in counts.iterrows()]
    lines += [_table([("severity", "issue", "count", "the first of them"), *rows])]
    lines += ["Not answered:", "", *[f"- {gap}" for gap in _gaps(net)], ""]
    lines += ["Without a mapping: " + ("; ".join(_differences(net, bare)) or "the same") + ".", ""]
    return "\n".join(lines)


def _columns(understood: dict[str, list[Understood]]) -> list[tuple[str, ...]]:
    """Join files whose columns were read alike."""
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for place, columns in understood.items():
        layer, file = place.split(": ", 1)
        for one in columns:
            rows.setdefault((layer, one.column, " + ".join(one.sources), one.unit or ""), []).append(file)
    return [(f"{layer}: {', '.join(files)}", ours, source, unit) for (layer, ours, source, unit), files in rows.items()]


def _gaps(net: DrainageNetwork) -> list[str]:
    """Say of how many pipes and nodes no part of the delivery tells what a question needs."""
    pipes, nodes = net.pipes, net.nodes
    gaps = []
    for table, needed, what in ((pipes, NEEDED, "pipes"), (nodes, NODES_NEEDED, "nodes")):
        for column, question in needed.items():
            known = table[column].notna()
            if column == "diameter_mm":
                known |= table["width_mm"].notna()
            if column == "system":
                known &= table[column] != "unknown"
            missing = int((~known).sum())
            if missing:
                gaps.append(f"{column} of {missing} of {len(table)} {what} ({question})")
    named = net.issues.loc[net.issues["code"] == "unknown_node"]
    if len(named):
        gaps.append(f"where {len(named)} nodes that pipes name lie, but for the ends of those pipes")
    return gaps or ["nothing"]


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
