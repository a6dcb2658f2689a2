"""Write docs/validation/validation.md: the screening against EPA SWMM on every network at hand, and where it fails.

Run ``python scripts/validate_screening.py`` where ../shared/networks lies beside the checkout. What the engine said is
kept in out/validation by the content of its input, times included; delete that folder to measure again. With a Python
that has `stormsewer` (``--peers``, or the variable DRAINAGE_BENCH_PEERS) its grade line is held against the engine too.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from validation_cases import CALLS, CEILING, ROOT, TRUTH, Case, cases, joined
from validation_peer import PeerSaid, Refused, ask
from validation_words import (
    COVER,
    EXPLAINED,
    HEAD,
    PEER,
    PEER_EXPLAINED,
    PEER_LEFT_OUT,
    PEER_TREES,
    PEER_WITHOUT,
    REASONS,
    TREES,
)

if TYPE_CHECKING:
    from pathlib import Path

    import drainage as dr

#: A node overflows clearly from here on, m³.
CLEAR_M3: Final = 1.0
#: Nodes are called close where what decides is no more than this, m³.
CLOSE_M3: Final = 10.0
#: Goals on trees.
RECALL, PRECISION = 0.9, 0.7


class Score(NamedTuple):
    """Agreement on the nodes that overflow."""

    precision: float
    recall: float
    f1: float
    rank: float
    hits: int
    found: int
    wanted: int


def main() -> None:
    """Run all cases and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--peers",
        default=os.environ.get("DRAINAGE_BENCH_PEERS"),
        help="Python that has stormsewer; without it that is left out",
    )
    python = parser.parse_args().peers
    done: list[Case] = []
    peers: list[PeerSaid | Refused] = []
    left: list[tuple[str, str, str]] = []
    for one in cases():
        if isinstance(one, Case):
            done.append(one)
            if python:
                peers.append(_ask(one, python))
            print(one.network, one.storm, score(one.ours.overflow_m3, one.truth.overflow_m3), flush=True)
        else:
            left.append(one)
            print(*one, flush=True)
    (ROOT / "docs" / "validation" / "validation.md").write_text(page(done, peers, left), encoding="utf-8")


def _ask(one: Case, python: str) -> PeerSaid | Refused:
    try:
        return ask(one.states, python)
    except Refused as why:
        return why


def score(ours: pd.Series, theirs: pd.Series) -> Score:
    """Score the overflow of nodes, m³, against another that is held to be right."""
    theirs = theirs.reindex(ours.index).fillna(0.0)
    said, true = ours.to_numpy() > CLEAR_M3, theirs.to_numpy() > CLEAR_M3
    either = said | true
    varied = either.sum() > 2 and all(np.ptp(side[either].to_numpy()) > 0.0 for side in (ours, theirs))
    rank = float(ours[either].corr(theirs[either], method="spearman")) if varied else np.nan
    return agreement(said, true)._replace(rank=rank)


def agreement(said: np.ndarray, true: np.ndarray) -> Score:
    """Score which nodes are said to overflow; nan where a share is of nothing, and for the rank of what has none."""
    hits, found, wanted = int((said & true).sum()), int(said.sum()), int(true.sum())
    precision = hits / found if found else np.nan
    recall = hits / wanted if wanted else np.nan
    f1 = 2.0 * hits / (found + wanted) if found + wanted else np.nan
    return Score(precision, recall, f1, np.nan, hits, found, wanted)


def page(done: list[Case], peers: list[PeerSaid | Refused], left: list[tuple[str, str, str]]) -> str:
    """Compose the page."""
    agreement = [
        ("network", "storm", "nodes", "SWMM floods", "precision", "recall", "F1", "ρ",
         "SWMM itself: precision", "recall", "F1", "ρ", "as much runoff: precision", "recall"),
    ]  # fmt: skip
    water = [
        ("network", "storm", "runoff m³: screening", "SWMM", "overflow m³: screening", "SLOT", "EXTRAN",
         "left over % (screening)", "lost % (SLOT)", "(EXTRAN)", "time s: screening", "SLOT", "EXTRAN"),
    ]  # fmt: skip
    for one in done:
        ours, itself, fair = (
            score(values, one.truth.overflow_m3)
            for values in (one.ours.overflow_m3, one.ceiling.overflow_m3, one.fair)
        )  # fmt: skip
        name = f"{one.network} †" if one.tree else one.network
        agreement.append((
            name, one.storm, str(len(one.ours.overflow_m3)), str(ours.wanted), *_shares(ours), *_shares(itself),
            *_shares(fair)[:2],
        ))  # fmt: skip
        sides = (one.ours, one.truth, one.ceiling)
        water.append((
            name, one.storm, f"{one.ours.runoff_m3:,.0f}", f"{one.truth.runoff_m3:,.0f}",
            *(f"{side.overflow_m3.sum():,.0f}" for side in sides), *(f"{side.error_pct:.2f}" for side in sides),
            *(f"{side.seconds:.2f}" for side in sides),
        ))  # fmt: skip
    return "\n".join([
        HEAD.format(load=f"{os.getloadavg()[2]:.1f}", calls=CALLS, slot=TRUTH, extran=CEILING, clear=CLEAR_M3),
        "## Real networks, in their own rain\n", *cover(),
        "## Which nodes overflow\n", _table(agreement), _verdict(done),
        "## Beside stormsewer's grade line\n", *_peer(done, peers), "## Water and time\n", _table(water),
        "## Where it fails, and why\n", *_failures(done), EXPLAINED, "## Not run\n",
        _table([("network", "storm", "why"), *left]) if left else "None.\n",
    ])  # fmt: skip


def cover(place: Path = ROOT / "validation" / "doubt_cover.csv") -> list[str]:
    """Sum up what validation/doubt_cover.py found: how far the screening knows where it is wrong."""
    table = pd.read_csv(place, skiprows=1)
    rows = [("models", "number", "nodes", "SWMM floods", "precision", "recall", "nodes that differ",
             "of them with a doubt", "of those that agree with a doubt")]  # fmt: skip
    half = table["half"]
    parts = {"tuned to": half == "tuned", "not tuned to": half == "untuned", "all": table["nodes"] > 0}
    for name, chosen in parts.items():
        some = table[chosen & (table["nodes"] > 0)]
        n = some.select_dtypes("number").sum()
        agreeing = n["nodes"] - n["differing"]
        rows.append((
            name, str(len(some)), str(n["nodes"]), str(n["swmm_floods"]),
            f"{n['both'] / max(n['screening_floods'], 1):.2f}", f"{n['both'] / max(n['swmm_floods'], 1):.2f}",
            str(n["differing"]), f"{n['differing_doubted'] / max(n['differing'], 1):.0%}",
            f"{n['agreeing_doubted'] / max(agreeing, 1):.0%}",
        ))  # fmt: skip
    return [COVER, _table(rows)]


def _shares(one: Score) -> tuple[str, ...]:
    return tuple("–" if np.isnan(value) else f"{value:.2f}" for value in one[:4])


def _verdict(done: list[Case]) -> str:
    """Say whether the goal is met on trees, all their nodes together, and what SWMM itself would reach there."""
    lines = []
    for words, chosen in (("Trees (†)", [one for one in done if one.tree]),
                          ("All others", [one for one in done if not one.tree])):  # fmt: skip
        for who, part in (("the screening", "ours"), ("with as much runoff", "fair"), ("SWMM itself", "ceiling")):
            sides = [one.fair if part == "fair" else getattr(one, part).overflow_m3 for one in chosen]
            scores = [score(side, one.truth.overflow_m3) for side, one in zip(sides, chosen, strict=True)]
            hits, found, wanted = (sum(column) for column in zip(*(s[4:] for s in scores), strict=True))
            recall, precision = hits / max(wanted, 1), hits / max(found, 1)
            met = "goal met" if recall >= RECALL and precision >= PRECISION else "goal missed"
            lines.append((words, who, str(wanted), f"{precision:.2f}", f"{recall:.2f}", met))
    heads = ("networks", "by", "nodes that SWMM floods", "precision", "recall", f"≥ {RECALL} at ≥ {PRECISION}")
    return TREES + "\n" + _table([heads, *lines])


def _peer(done: list[Case], peers: list[PeerSaid | Refused]) -> list[str]:
    """Score the peer on the same nodes as the screening, or say why it has no answer."""
    if not peers:
        return [PEER_LEFT_OUT]
    rows = [
        ("network", "storm", "nodes", "SWMM floods", "screening finds", "precision", "recall", "F1",
         "stormsewer finds", "precision", "recall", "F1", "time s: screening", "stormsewer", "remarks"),
    ]  # fmt: skip
    trees, without, version = [], {}, ""
    for one, said in zip(done, peers, strict=True):
        name = f"{one.network} †" if one.tree else one.network
        if isinstance(said, Refused):
            without.setdefault((name, str(said)), []).append(one.storm)
            continue
        version = said.version
        floods = said.floods[0] if len(said.floods) == 1 else joined(said.floods)
        true = one.truth.overflow_m3.reindex(floods.index).fillna(0.0) > CLEAR_M3
        theirs = agreement(floods.to_numpy(), true.to_numpy())
        ours, itself = (score(side.overflow_m3, one.truth.overflow_m3) for side in (one.ours, one.ceiling))
        if one.tree:
            trees.append((ours, theirs, itself))
        rows.append((
            name, one.storm, str(len(floods)), str(ours.wanted), str(ours.found), *_shares(ours)[:3],
            str(theirs.found), *_shares(theirs)[:3], f"{one.ours.seconds:.2f}", f"{said.seconds:.3f}", said.remarks,
        ))  # fmt: skip
    together = [("by", "SWMM floods", "finds", "precision", "recall", "F1")]
    for who, scores in zip(("the screening", "stormsewer", "SWMM itself"), zip(*trees, strict=True), strict=True):
        hits, found, wanted = (sum(column) for column in zip(*(one[4:] for one in scores), strict=True))
        shares = (hits / max(found, 1), hits / max(wanted, 1), 2.0 * hits / max(found + wanted, 1))
        together.append((who, str(wanted), str(found), *(f"{share:.2f}" for share in shares)))
    silent = [(name, ", ".join(storms), why) for (name, why), storms in without.items()]
    return [
        PEER.format(version=version), _table(rows), PEER_TREES, _table(together),
        PEER_WITHOUT, _table([("network", "storms", "why"), *silent]), PEER_EXPLAINED,
    ]  # fmt: skip


def _failures(done: list[Case]) -> list[str]:
    """Name the reason of every miss and every false alarm, the first that applies."""
    rows = []
    for one in done:
        missed, alarms = _counts(one)
        for what, counts in (("missed", missed), ("false alarm", alarms)):
            rows += [(one.network, one.storm, what, REASONS[name], str(n)) for name, n in counts.items()]
    merged: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for network, storm, what, why, n in rows:
        merged.setdefault((network, what, why), []).append((storm, int(n)))
    body = [
        (network, what, why, str(sum(n for _, n in storms)), ", ".join(storm for storm, _ in storms))
        for (network, what, why), storms in merged.items()
    ]
    totals = pd.Series([row[2] for row in body], dtype=object), pd.Series([int(row[3]) for row in body], dtype=int)
    by_reason = totals[1].groupby(totals[0]).sum().sort_values(ascending=False)
    return [
        _table([("reason", "nodes"), *((str(why), str(n)) for why, n in by_reason.items())]),
        _table([("network", "", "reason", "nodes", "storms"), *body]),
    ]


def _counts(one: Case) -> tuple[dict[str, int], dict[str, int]]:
    ours, theirs = one.ours.overflow_m3, one.truth.overflow_m3.reindex(one.ours.overflow_m3.index).fillna(0.0)
    fair, other = one.fair.reindex(ours.index), one.ceiling.overflow_m3.reindex(ours.index).fillna(0.0)
    missed, alarms = (theirs > CLEAR_M3) & (ours <= CLEAR_M3), (ours > CLEAR_M3) & (theirs <= CLEAR_M3)
    wrong = (ours > CLEAR_M3) != (theirs > CLEAR_M3)
    marks = pd.DataFrame(
        {
            "itself": (other > CLEAR_M3) != (theirs > CLEAR_M3),
            "runoff": (fair > CLEAR_M3) == (theirs > CLEAR_M3),
            "close": np.maximum(ours, theirs) <= CLOSE_M3,
        },
        index=ours.index,
    )
    if len(one.states) == 1:
        marks = pd.concat([marks, _places(one.states[0])], axis=1)
    marks["neighbour"] = _beside(one.links, wrong | (theirs > CLEAR_M3))
    marks["other"] = True
    first = marks.idxmax(axis=1)
    return tuple(first[chosen].value_counts().to_dict() for chosen in (missed, alarms))  # type: ignore[return-value]  # two


def _places(state: dr.simulation.FlowState) -> pd.DataFrame:
    """Mark what stands at a node."""
    net = state.network
    pipes, nodes = net.pipes, net.nodes
    kind = pipes["link_type"].fillna("conduit") if "link_type" in pipes else pd.Series("conduit", pipes.index)
    regulators = pipes[(kind != "conduit").to_numpy()]
    names = nodes.index.to_series()
    return pd.DataFrame(
        {
            "blind": ~state.nodes["judged"],
            "loop": pd.Series(net.graph.in_loop, nodes.index),
            "basin": names.isin([*regulators["from_node"], *regulators["to_node"]]) & (nodes["kind"] == "storage"),
            "regulator": names.isin([*regulators["from_node"], *regulators["to_node"]]),
            "fork": pipes.groupby("from_node").size().reindex(nodes.index).fillna(0) > 1,
        },
        index=nodes.index,
    )


def _beside(links: pd.DataFrame, marked: pd.Series) -> pd.Series:
    """Mark the nodes that have a marked one, other than themselves, within two pipes."""
    pairs = pd.concat([links, links.set_axis(["to_node", "from_node"], axis=1)], ignore_index=True)
    further = pairs.merge(pairs, left_on="to_node", right_on="from_node", suffixes=("", "_2"))
    two = further[["from_node", "to_node_2"]].set_axis(["from_node", "to_node"], axis=1)
    near = pd.concat([pairs[["from_node", "to_node"]], two[two["from_node"] != two["to_node"]]])
    names = marked.index.to_series()
    chosen = near["to_node"].isin(list(names[marked.to_numpy()]))
    return names.isin(list(near.loc[chosen, "from_node"]))


def _table(rows: list[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in body]
    return "\n".join([*lines, *["| " + " | ".join(row) + " |" for row in cells]]) + "\n"


if __name__ == "__main__":
    main()
